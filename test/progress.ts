/**
 * Shows how one half of the suite gets on while the other runs beside it: a line for each test file
 * that is through, and all that a file said when something in it failed.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";

/** Most characters kept of one file's output; of more the beginning is dropped. */
const MAX_KEPT = 256 * 1024;

/** What the runtimes write when they begin with a file: Deno (2.9), then Bun (1.4). */
const BEGINS = [/^running \d+ tests? from (?:\.\/)?(\S+)$/, /^(\S+\.tsx?):$/];
/** What they write behind a test that passed, and behind or instead of one that did not. */
const PASSED = /^\(pass\) | \.\.\. ok \(/;
const FAILED =
  /^\(fail\) | \.\.\. FAILED \(|^Uncaught error from |^# Unhandled error between tests/;
/**
 * What Deno and Bun write behind the last file, in front of all that failed. The report says the same,
 * and is shown at the end.
 */
const ENDS = /^ ?ERRORS ?$|^\d+ tests failed:$/;

/** How many files of a half there are, and how many of them are through. */
export interface Tally {
  readonly files: number;
  through: number;
}

/** The program that loads several files on Deno. */
export const BATCH = "test/batch.ts";

/** The progress of one process of a half. */
export class Progress {
  readonly #name: string;
  readonly #tally: Tally;
  readonly #batch: readonly string[];
  readonly #print: (text: string) => void;
  /** Lines that are not whole yet, by output. */
  readonly #rest = new Map<string, string>();
  /** The file that runs, if any has begun. */
  #file: string | undefined;
  /** What it said, whole lines, bounded. */
  #said = "";
  #passed = 0;
  #failed = false;

  /**
   * `name` stands before each line, `tally` is that of all processes of the half, and `batch` has the
   * files of this one. What is to be shown goes to `print`, whole lines at a time.
   */
  constructor(
    name: string,
    tally: Tally,
    batch: readonly string[],
    print: (text: string) => void,
  ) {
    this.#name = name;
    this.#tally = tally;
    this.#batch = batch;
    this.#print = print;
  }

  /** Takes what came from one output of the runtime. */
  write(text: string, output: "out" | "err" = "out"): void {
    const lines = ((this.#rest.get(output) ?? "") + text).split("\n");
    const rest = lines.pop()!;
    for (const line of lines) this.#onLine(line);
    // A line without end is taken as it is, rather than kept for ever.
    if (rest.length <= MAX_KEPT) this.#rest.set(output, rest);
    else {
      this.#rest.set(output, "");
      this.#onLine(rest);
    }
  }

  /** Shows what is left: the last file, or what a runtime said that broke down in the middle of one. */
  end(brokeDown = false): void {
    for (const rest of this.#rest.values()) if (rest !== "") this.#onLine(rest);
    this.#rest.clear();
    this.#failed ||= brokeDown;
    this.#endFile();
  }

  #onLine(line: string): void {
    const plain = stripVTControlCharacters(line).trimEnd();
    for (const begins of BEGINS) {
      const file = begins.exec(plain)?.[1];
      if (file === undefined) continue;
      // Deno says so again for tests that a file registers late.
      if (file === this.#file) return;
      this.#endFile();
      this.#file = file;
      return;
    }
    if (ENDS.test(plain)) {
      this.#endFile();
      return;
    }
    if (PASSED.test(plain)) this.#passed++;
    this.#failed ||= FAILED.test(plain);
    this.#said = `${this.#said}${line}\n`;
    if (this.#said.length > 2 * MAX_KEPT) this.#said = this.#said.slice(-MAX_KEPT);
  }

  #endFile(): void {
    const tally = this.#tally;
    let what = this.#file;
    if (what !== undefined) {
      // Deno (2.9) names the program that loads the files, and tells only in the end which is which.
      const whole = this.#batch.length > 1 && what.endsWith(BATCH);
      if (whole) what = `${this.#batch[0]} and ${this.#batch.length - 1} more`;
      tally.through += whole ? this.#batch.length : 1;
    }
    const of = `${tally.through}/${tally.files}`;
    if (this.#failed) {
      const said = this.#said.slice(-MAX_KEPT).trimEnd();
      what ??= "before the first file or behind the last one";
      this.#print(`--- ${this.#name} ${of} ${what}: FAILED, all that it said:\n${said}\n---\n`);
    } else if (what !== undefined) {
      this.#print(`${this.#name.padEnd(4)} ${of} ${what}: ${this.#passed} passed\n`);
    }
    this.#file = undefined;
    this.#said = "";
    this.#passed = 0;
    this.#failed = false;
  }
}
