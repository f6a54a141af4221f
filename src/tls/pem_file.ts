/**
 * Files of PEM as whoever names them may have meant them or not: with a bound, and a time by which they answer.
 *
 * @module
 */
import { open } from "node:fs/promises";
import type { Clock } from "../ports.ts";

/** Most of a file that is read (bytes): a bundle of all authorities of a system is a fifth of that. */
const MAX_BYTES = 1024 * 1024;
/** How long a file may take (ms): a disk over a network, or a pipe that nobody writes to. */
export const READ_MS = 10_000;

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  NotFound: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  NotCapable: "Deno may not read it without --allow-read",
};

/** Why a file cannot be read, for people. */
export function causeOf(error: unknown): string {
  const { code, name, message } = error as Record<string, unknown>;
  return CAUSES[String(code)] ?? CAUSES[String(name)] ?? String(message);
}

/** Reads a file of text. @throws whatever the runtime makes of it that it cannot, or that it is too long */
export async function readPem(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    // There is more to some files than is told of them, as to devices and pipes.
    let bytes = new Uint8Array(64 * 1024);
    let filled = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, null);
      if (bytesRead === 0) return new TextDecoder().decode(bytes.subarray(0, filled));
      filled += bytesRead;
      if (filled > MAX_BYTES) throw new Error("it is longer than 1 MiB");
      if (filled < bytes.length) continue;
      const more = new Uint8Array(2 * bytes.length);
      more.set(bytes);
      bytes = more;
    }
  } finally {
    await file.close();
  }
}

/** Reads files that may not answer. */
export class PatientReader {
  readonly #clock: Clock;
  readonly #read: (path: string) => Promise<string>;
  /** Those that have not answered: each holds a thread, and is not asked anew for that. */
  readonly #pending = new Map<string, Promise<string>>();

  constructor(clock: Clock, read: (path: string) => Promise<string> = readPem) {
    this.#clock = clock;
    this.#read = read;
  }

  /** Reads one. @throws whatever `read` does, or that it takes too long */
  async read(path: string): Promise<string> {
    let reading = this.#pending.get(path);
    if (reading === undefined) {
      reading = this.#read(path).finally(() => this.#pending.delete(path));
      this.#pending.set(path, reading);
    }
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.after(READ_MS, () => late.reject(new Error("it does not answer")));
    return await Promise.race([reading, late.promise]).finally(() => timer.cancel());
  }
}
