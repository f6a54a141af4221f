/**
 * Logging: one logger per area of the server, one place that decides where lines go.
 *
 * @module
 */
import { configureSync, getLogger, type Logger, type LogRecord } from "@logtape/logtape";
import type { Config } from "./config/schema.ts";
import { formatJson, formatPretty, ROOT } from "./log_format.ts";

export { maskQuery, maskUrl } from "./text.ts";

/** How to log. */
export interface LoggingOptions {
  /** Least severe level to log. */
  readonly level: Config["logLevel"];
  readonly format: Config["logFormat"];
  /** Use ANSI colours in the pretty format. */
  readonly color: boolean;
  /**
   * Takes one line of at most 2 KiB that ends in a line break. It must be synchronous. It may
   * throw: the line is then lost and counted.
   */
  readonly write: (line: string) => void;
}

/** What became of the lines. */
export interface Logging {
  /** Lines that could not be written. */
  readonly dropped: number;
}

/**
 * The logger of an area, such as `rtmp`, `http` or `plugin`. It is silent until logging is
 * configured, so a program that embeds Sluice and configures nothing sees nothing.
 */
export function loggerOf(area: string): Logger {
  return getLogger([ROOT, area]);
}

/** Sends the log of the whole process to `write`; a second call replaces the first. */
export function configureLogging(options: LoggingOptions): Logging {
  const { level, format, color, write } = options;
  let dropped = 0;
  const sink = (record: LogRecord) => {
    try {
      write(format === "json" ? formatJson(record) : formatPretty(record, color));
    } catch {
      // Nothing can be logged about the log. A full disk must not stop the server.
      dropped++;
    }
  };
  configureSync({
    reset: true,
    sinks: { lines: sink },
    loggers: [
      { category: ROOT, sinks: ["lines"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "error" },
    ],
  });
  return {
    get dropped() {
      return dropped;
    },
  };
}
