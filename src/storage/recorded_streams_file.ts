/**
 * Which streams were recorded into a folder, in a hidden file of it.
 *
 * @module
 */
import { mkdir, open as openToRead } from "node:fs/promises";
import { join } from "node:path";
import type { RecordNotes } from "../recordings/folder.ts";
import { writeWhole } from "./whole_file.ts";
import type { FileOpener } from "./written_file.ts";

/** Hidden: it is no recording, and nobody is given it. */
const NAME = ".recorded-streams";

/** Most bytes of it that are read. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A line for each. */
export class RecordedStreamsFile implements RecordNotes {
  readonly #folder: string;
  readonly #open: FileOpener;

  /** `folder` is made when it is first written to. */
  constructor(folder: string, open: FileOpener) {
    this.#folder = folder;
    this.#open = open;
  }

  async load(): Promise<string[]> {
    let file;
    try {
      file = await openToRead(join(this.#folder, NAME), "r");
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return [];
      throw error;
    }
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw new Error(`${NAME} has more than ${MAX_BYTES} bytes`);
      const text = new TextDecoder().decode(await file.readFile());
      return text.split("\n").filter((line) => line !== "");
    } finally {
      await file.close();
    }
  }

  async save(lines: readonly string[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 });
    const path = join(this.#folder, NAME);
    const text = lines.map((line) => `${line}\n`).join("");
    const how = { open: this.#open, temporary: `${path}.writing`, mode: 0o640, isSynced: true };
    await writeWhole(path, [new TextEncoder().encode(text)], how);
  }
}
