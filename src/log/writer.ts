/**
 * Writes log lines without waiting: whoever reads them may be slow, stopped or gone.
 *
 * @module
 */

/** Most bytes of lines that wait to be written. */
export const MAX_QUEUED_LOG_BYTES = 1024 * 1024;

/** Where lines go. */
export interface LogOutput {
  /** Writes some of `bytes`, which stay unchanged meanwhile, and says how many it was. */
  write(bytes: Uint8Array): Promise<number>;
  /** Is told of lines that were lost. Must not throw. */
  onLost(lines: number, error: unknown): void;
}

/** Lines did not fit into the queue. */
class LogBacklog extends Error {
  override readonly name = "LogBacklog";
}

/**
 * A queue of lines with one write in flight. It is bounded: while nobody reads, new lines are lost
 * and counted, and the server goes on.
 */
export class LogWriter {
  readonly #output: LogOutput;
  readonly #maxBytes: number;
  readonly #encoder = new TextEncoder();
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #writing: Promise<void> | undefined;

  constructor(output: LogOutput, maxBytes = MAX_QUEUED_LOG_BYTES) {
    this.#output = output;
    this.#maxBytes = maxBytes;
  }

  /** Bytes that wait or are in flight. */
  get queuedBytes(): number {
    return this.#bytes;
  }

  /** Queues a line; returns at once and never throws. */
  readonly line = (text: string): void => {
    const line = this.#encoder.encode(text);
    if (this.#bytes + line.length > this.#maxBytes) {
      return this.#output.onLost(1, new LogBacklog("nobody reads the log"));
    }
    this.#bytes += line.length;
    this.#lines.push(line);
    this.#writing ??= this.#write();
  };

  /** Resolves once all that was queued is written or lost, at the latest after `ms`. */
  async flushed(ms: number): Promise<void> {
    if (this.#writing === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
    await Promise.race([this.#writing, late]);
    clearTimeout(timer);
  }

  /** Writes until the queue is empty. Never rejects. */
  async #write(): Promise<void> {
    // A turn later, so that the lines of one turn are one write.
    await Promise.resolve();
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      this.#lines = [];
      const batch = join(lines);
      try {
        for (let at = 0; at < batch.length;) {
          const written = await this.#output.write(batch.subarray(at));
          if (!(written > 0)) throw new Error("the log takes no bytes");
          at += written;
        }
      } catch (error) {
        this.#output.onLost(lines.length, error);
      }
      this.#bytes -= batch.length;
    }
    this.#writing = undefined;
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
