/**
 * Makes modules of WebAssembly [WebAssembly Core 1.0 §5]: functions of two numbers that work on one page
 * of memory, written instruction by instruction.
 *
 * @module
 */

const I32 = 0x7f;

/** Instructions that take what is on the stack and nothing else. */
const OP = {
  ltU: 0x49,
  add: 0x6a,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shl: 0x74,
  shrU: 0x76,
  rotr: 0x78,
} as const;

/** The body of one function. Its parameters are the locals 0 and 1. */
export class Code {
  readonly #bytes: number[] = [];

  /** Puts a local on the stack. */
  get(local: number): this {
    this.#bytes.push(0x20, ...unsigned(local));
    return this;
  }

  /** Takes a number from the stack into a local. */
  set(local: number): this {
    this.#bytes.push(0x21, ...unsigned(local));
    return this;
  }

  /** Puts a number on the stack. */
  const(value: number): this {
    this.#bytes.push(0x41, ...signed(value));
    return this;
  }

  /** An instruction that takes two numbers from the stack and puts one there. */
  op(name: keyof typeof OP): this {
    this.#bytes.push(OP[name]);
    return this;
  }

  /** Takes an address from the stack, and puts the word there that is `offset` behind it. */
  load(offset: number): this {
    this.#bytes.push(0x28, 2, ...unsigned(offset));
    return this;
  }

  /** The same with a byte. */
  loadByte(offset: number): this {
    this.#bytes.push(0x2d, 0, ...unsigned(offset));
    return this;
  }

  /** Takes a number, and the address below it, and stores it `offset` behind that. */
  store(offset: number): this {
    this.#bytes.push(0x36, 2, ...unsigned(offset));
    return this;
  }

  /** Does `body` once, and again as long as it leaves something else than 0 on the stack. */
  repeat(body: (code: this) => void): this {
    this.#bytes.push(0x03, 0x40);
    body(this);
    this.#bytes.push(0x0d, 0, 0x0b);
    return this;
  }

  /** As an entry of the section of code; `locals` beside the parameters. */
  entry(locals: number): number[] {
    return sized([1, ...unsigned(locals), I32, ...this.#bytes, 0x0b]);
  }
}

/** A function of a module. */
export interface WasmFunction {
  readonly name: string;
  /** Locals beside the two parameters. */
  readonly locals: number;
  readonly code: Code;
}

/** The bytes of a module with these functions, and with a page of memory by the name of `memory`. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const exports = functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 2, I32, I32, 0]]),
    ...section(3, functions.map(() => [0])),
    ...section(5, [[1, 1, 1]]),
    ...section(7, [...exports, [...text("memory"), 2, 0]]),
    ...section(10, functions.map(({ code, locals }) => code.entry(locals))),
  ]);
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...unsigned(entries.length), ...entries.flat()])];
}

function text(name: string): number[] {
  return sized([...new TextEncoder().encode(name)]);
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push(rest & 0x7f | 0x80);
  return [...bytes, rest];
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (; rest < -0x40 || rest >= 0x40; rest >>= 7) bytes.push(rest & 0x7f | 0x80);
  return [...bytes, rest & 0x7f];
}
