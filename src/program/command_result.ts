/**
 * What a command of the program that starts no server has done.
 *
 * @module
 */
import type { ExitCode } from "../config/mod.ts";

/** What a command has done, for people. */
export interface CommandResult {
  /** Ends in a line break. Belongs on standard output if `exitCode` is 0, else on the error output. */
  readonly text: string;
  readonly exitCode: ExitCode;
}
