/**
 * All that `src/core` and `src/hub` may use besides the language itself, as declarations. They are
 * checked with these and without the types of any platform. This is text because, beside those
 * types, it would declare everything twice.
 *
 * @module
 */

/** TypeScript declarations [Encoding §8, URL §6.2, Streams §6, WebAssembly JS §5]. */
export const PURE_GLOBALS: string = `
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Record<string, unknown>;
  }
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Iterable<readonly [string, string]> | Record<string, string>);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

interface TransformStreamDefaultController<Out> {
  enqueue(chunk: Out): void;
  error(reason: unknown): void;
  terminate(): void;
}

declare class TransformStream<In, Out> {
  constructor(transformer: {
    start?(controller: TransformStreamDefaultController<Out>): void;
    transform?(chunk: In, controller: TransformStreamDefaultController<Out>): void;
    flush?(controller: TransformStreamDefaultController<Out>): void;
  });
}
`;
