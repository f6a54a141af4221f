/**
 * Events on their way, in a file: one line for each that is queued (`+` and the event as JSON), and one for
 * each that has arrived (`-` and its id). The file is written anew when most of it is of no use any more.
 *
 * What was handed to the system outlives the process. It is not forced to the disk for each event: a machine
 * that loses power may lose the last ones.
 *
 * @module
 */
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { WebhookEvent } from "./event.ts";

/** Name of the file in its folder. */
export const JOURNAL_FILE = "webhook_events.jsonl";
/** Bytes of no use that are left in it at least. */
const SLACK_BYTES = 1024 * 1024;
/** Largest file that is read: more than it can have become by itself. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** The file. */
export class Journal {
  readonly #path: string;
  readonly #live: () => Iterable<WebhookEvent>;
  readonly #onFault: (error: unknown) => void;
  #file: FileHandle | undefined;
  #lines: string[] = [];
  #size = 0;
  #liveBytes = 0;
  readonly #bytesOf = new Map<string, number>();
  #working: Promise<void> | undefined;

  /**
   * @param live those that are on their way now, for a new file
   * @param onFault the disk fails; what follows is tried all the same
   */
  constructor(
    folder: string,
    live: () => Iterable<WebhookEvent>,
    onFault: (error: unknown) => void,
  ) {
    this.#path = join(folder, JOURNAL_FILE);
    this.#live = live;
    this.#onFault = onFault;
  }

  /** Opens the file. @returns those that were on their way, in their order. Rejects when the disk fails */
  async open(): Promise<WebhookEvent[]> {
    await mkdir(join(this.#path, ".."), { recursive: true, mode: 0o700 });
    const events = new Map<string, WebhookEvent>();
    const size = await stat(this.#path).then(({ size }) => size, () => 0);
    if (size > MAX_FILE_BYTES) throw new Error(`${this.#path} has over ${MAX_FILE_BYTES} bytes`);
    const text = size === 0 ? "" : await readFile(this.#path, "utf8");
    for (const line of text.split("\n")) {
      if (line.startsWith("-")) events.delete(line.slice(1));
      const event = line.startsWith("+") ? readEvent(line.slice(1)) : undefined;
      if (event !== undefined) events.set(event.id, event);
    }
    const live = [...events.values()];
    await this.#rewrite(live);
    return live;
  }

  /** An event is queued. */
  add(event: WebhookEvent): void {
    const line = lineOf(event);
    this.#count(event.id, line);
    this.#lines.push(line);
    this.#work();
  }

  /** An event has arrived, or is given up. */
  done(id: string): void {
    this.#liveBytes -= this.#bytesOf.get(id) ?? 0;
    this.#bytesOf.delete(id);
    this.#lines.push(`-${id}\n`);
    this.#work();
  }

  /** Writes what is left, and forces it to the disk. */
  async close(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
    const file = this.#file;
    this.#file = undefined;
    try {
      await file?.sync();
      await file?.close();
    } catch (error) {
      this.#onFault(error);
    }
  }

  #count(id: string, line: string): void {
    this.#bytesOf.set(id, line.length);
    this.#liveBytes += line.length;
  }

  #work(): void {
    if (this.#file === undefined || this.#working !== undefined) return;
    this.#working = this.#write().catch(this.#onFault).finally(() => {
      this.#working = undefined;
      if (this.#lines.length > 0) this.#work();
    });
  }

  /** What came in one turn is written at once. */
  async #write(): Promise<void> {
    if (this.#size > SLACK_BYTES + 2 * this.#liveBytes) {
      this.#lines.length = 0;
      return await this.#rewrite([...this.#live()]);
    }
    const text = this.#lines.join("");
    this.#lines.length = 0;
    this.#size += text.length;
    // Whole lines behind one that a full disk has cut off begin on a line of their own.
    await this.#file!.appendFile(text).catch(async (error) => {
      await this.#file?.appendFile("\n").catch(() => {});
      throw error;
    });
  }

  /** The old file stays until the new one is whole. */
  async #rewrite(events: readonly WebhookEvent[]): Promise<void> {
    const fresh = `${this.#path}.new`;
    this.#bytesOf.clear();
    this.#liveBytes = 0;
    const lines = events.map((event) => {
      const line = lineOf(event);
      this.#count(event.id, line);
      return line;
    });
    await rm(fresh, { force: true });
    // What is in it may be secret: queries, for one.
    const file = await open(fresh, "ax", 0o600);
    try {
      await file.appendFile(lines.join(""));
      await file.sync();
      await rename(fresh, this.#path);
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
    await this.#file?.close().catch(() => {});
    this.#file = file;
    this.#size = this.#liveBytes;
  }
}

function lineOf(event: WebhookEvent): string {
  return `+${JSON.stringify(event)}\n`;
}

/** One that is there in part, as the last one of a process that was ended may be, is none. */
function readEvent(json: string): WebhookEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { id, key, at, url, type, body } = value as Record<string, unknown>;
  const texts = [id, key, url, type, body].every((each) => typeof each === "string");
  return texts && typeof at === "number" ? value as WebhookEvent : undefined;
}
