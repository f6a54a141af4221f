/**
 * What the exit code of the program says; the numbers are those of BSD `sysexits`.
 *
 * @module
 */
import type { ListenError } from "../ports.ts";

/** Exit codes of the program. */
export const ExitCode = {
  /** Stopped as asked, or printed what was asked for. */
  Ok: 0,
  /** An error inside Sluice: please report it. */
  Internal: 70,
  /** A port is in use. A temporary failure: a supervisor may try again. */
  PortInUse: 75,
  /** The system does not permit listening on a port. */
  NotPermitted: 77,
  /** A mistake in the configuration. Starting again will not help. */
  Config: 78,
} as const;

/** One of the exit codes of the program. */
export type ExitCode = typeof ExitCode[keyof typeof ExitCode];

/** Each exit code with its meaning in a few words, as the help prints them. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [ExitCode.Ok, "stopped as asked"],
  [ExitCode.Internal, "internal error, please report it"],
  [ExitCode.PortInUse, "a port is in use (temporary)"],
  [ExitCode.NotPermitted, "a port is not permitted"],
  [ExitCode.Config, "mistake in the configuration"],
];

/** The exit code for a port that cannot be listened on; an address not of this host is a mistake. */
export function exitCodeOfListen(reason: ListenError["reason"]): ExitCode {
  switch (reason) {
    case "in-use":
      return ExitCode.PortInUse;
    case "not-permitted":
      return ExitCode.NotPermitted;
    case "bad-address":
      return ExitCode.Config;
    case "other":
      return ExitCode.Internal;
  }
}
