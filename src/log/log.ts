/**
 * Logging: one logger per area of the server, one place that decides where lines go.
 *
 * @module
 */
import { configureSync, getLogger, type Logger, type LogRecord } from "@logtape/logtape";
import type { LogConfig } from "../config/mod.ts";
import { formatJson, formatPretty, ROOT } from "./format.ts";
import { LogLimit } from "./limit.ts";

export { maskQuery, maskUrl } from "../text.ts";

/** How to log. */
export interface LoggingOptions {
  /** Least severe level to log. */
  readonly level: LogConfig["level"];
  readonly format: LogConfig["format"];
  /** Use ANSI colours in the pretty format. */
  readonly color: boolean;
  /**
   * Takes one line of at most 2 KiB that ends in a line break. It must be synchronous. It may
   * throw: the line is then lost and counted.
   */
  readonly write: (line: string) => void;
  /** Lines a second of one cause, 0 for any number; see {@link LogLimit}. */
  readonly linesPerSecond?: number;
  /** Is told of a line that could not be written. Must not throw. */
  readonly onDropped?: (error: unknown) => void;
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
  const { level, format, color, write, onDropped } = options;
  const limit = new LogLimit(options.linesPerSecond ?? 0);
  let dropped = 0;
  const sink = (record: LogRecord) => {
    try {
      const { timestamp } = record;
      for (const { cause, lines } of limit.takeLeftOut(timestamp)) {
        put(noteOf("lines left out", { cause, lines }, timestamp));
      }
      if (limit.admits(causeOf(record), timestamp)) put(record);
    } catch (error) {
      // Nothing can be logged about the log. A full disk must not stop the server.
      dropped++;
      onDropped?.(error);
    }
  };
  const put = (record: LogRecord) =>
    write(format === "json" ? formatJson(record) : formatPretty(record, color));
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

/** What a line is one of many of: its area and its text without the values in it. */
function causeOf({ category, rawMessage }: LogRecord): string {
  const text = typeof rawMessage === "string" ? rawMessage : rawMessage.join("{}");
  return `${category.slice(1).join(".")}: ${text.slice(0, 100)}`;
}

/** A record of the log about itself. */
function noteOf(text: string, properties: Record<string, unknown>, timestamp: number): LogRecord {
  return {
    category: [ROOT, "log"],
    level: "warning",
    message: [text],
    rawMessage: text,
    timestamp,
    properties,
  };
}
