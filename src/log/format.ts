/**
 * Turns a log record into one line: for people, or as JSON. Whatever a peer put into a record, the
 * result is one line of bounded length that moves no cursor.
 *
 * @module
 */
import type { LogRecord } from "@logtape/logtape";
import { errorText } from "../faults.ts";
import { byteLength, capBytes, escapeControls, maskQueries } from "../text.ts";

/** Longest line in bytes of UTF-8, its line break included. */
export const MAX_LINE_BYTES = 2048;

/** Root of every category; the area of a record is the category below it. */
export const ROOT = "sluice";

/** `["sluice", "rtmp"]` is the area `rtmp`. */
function areaOf({ category }: LogRecord): string {
  const names = category[0] === ROOT ? category.slice(1) : category;
  return names.join(".") || ROOT;
}

/**
 * Keeps what can fit on a line, before work is spent on the rest. Values of queries are masked,
 * whoever put them there: that is where clients have their keys.
 */
function cut(text: string): string {
  return maskQueries(text.length > MAX_LINE_BYTES ? text.slice(0, MAX_LINE_BYTES) + "…" : text);
}

/** JSON of anything that a program may log; never throws. */
function toJson(value: unknown): string {
  try {
    const json = JSON.stringify(value, (_key, inner: unknown) => {
      if (typeof inner === "string") return cut(inner);
      if (typeof inner === "bigint") return inner.toString();
      if (inner instanceof Error) return { name: inner.name, message: inner.message };
      if (ArrayBuffer.isView(inner)) return `${inner.byteLength} bytes`;
      return inner;
    });
    // JSON.stringify gives undefined for what JSON cannot hold, such as a function.
    return escapeControls(json ?? JSON.stringify(String(value)));
  } catch {
    return '"[cannot be shown]"';
  }
}

/** Text without blanks, quotes or `=`, which needs no quotes to be told from its neighbours. */
const PLAIN = /^[^\s"=\\\p{C}]+$/u;

/** A value for people. Text that could pass for more than one value is quoted. */
function show(value: unknown): string {
  if (typeof value === "string") return PLAIN.test(value) ? cut(value) : toJson(value);
  return toJson(isError(value) ? errorText(value) : value);
}

/** Whether it is an error; a proxy may throw even at that question. */
function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** The message with its values filled in. */
function messageOf({ message }: LogRecord): string {
  return message.map((part, index) => index % 2 === 0 ? cut(String(part)) : show(part)).join("");
}

/** The properties in their order; one whose getter throws is left out. */
function entriesOf({ properties }: LogRecord): [string, unknown][] {
  return Object.keys(properties).flatMap((key): [string, unknown][] => {
    try {
      const value = properties[key];
      return value === undefined ? [] : [[key, value]];
    } catch {
      return [];
    }
  });
}

/** Two or three digits of a clock. */
const digits = (value: number, length = 2) => String(value).padStart(length, "0");

/** `12:34:56.789` in the time zone of the machine. */
function timeOfDay(timestamp: number): string {
  const date = new Date(timestamp);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => digits(n));
  return `${time.join(":")}.${digits(date.getMilliseconds(), 3)}`;
}

const COLORS: Record<LogRecord["level"], number> = {
  trace: 2,
  debug: 2,
  info: 32,
  warning: 33,
  error: 31,
  fatal: 31,
};

/**
 * One line for people:
 * `12:34:56.789 INFO rtmp  publishing live/demo  session=ab12 peer=1.2.3.4:5`.
 * Properties that the message already shows are not repeated.
 */
export function formatPretty(record: LogRecord, color = false): string {
  const paint = (code: number, text: string) => color ? `\x1b[${code}m${text}\x1b[0m` : text;
  const level = paint(COLORS[record.level], record.level.toUpperCase());
  const head = `${paint(2, timeOfDay(record.timestamp))} ${level} ${areaOf(record)}  `;
  const template = typeof record.rawMessage === "string" ? record.rawMessage : "";
  const properties = entriesOf(record)
    .filter(([key]) => !template.includes(`{${key}}`))
    .map(([key, value]) => `${PLAIN.test(key) ? key : toJson(key)}=${show(value)}`)
    .join(" ");
  const tail = properties && `  ${properties}`;
  let message = escapeControls(messageOf(record));
  const room = MAX_LINE_BYTES - byteLength(head) - 1;
  // Who it was about matters more than the end of a long message.
  if (byteLength(message + tail) > room) message = capBytes(message, MAX_LINE_BYTES / 2);
  return head + capBytes(message + tail, room) + "\n";
}

/**
 * One JSON object a line with the keys `time` (ISO 8601, UTC), `level`, `area`, `message` and
 * `properties`. Where the line would be too long, the message is cut, then properties that do not
 * fit are left out, and `truncated` is `true`.
 */
export function formatJson(record: LogRecord): string {
  const time = new Date(record.timestamp).toISOString();
  const head = `{"time":"${time}","level":"${record.level}","area":${toJson(areaOf(record))},`;
  const message = messageOf(record);
  const properties = entriesOf(record).map(([key, value]) => `${toJson(key)}:${toJson(value)}`);
  const whole = `${head}"message":${toJson(message)},"properties":{${properties.join(",")}}}\n`;
  if (byteLength(whole) <= MAX_LINE_BYTES) return whole;

  const tail = '},"truncated":true}\n';
  let text = "";
  // A character may take several bytes once escaped, so its size is measured, not computed.
  for (let size = MAX_LINE_BYTES / 2;; size = Math.floor(size / 2)) {
    text = `${head}"message":${toJson(capBytes(message, size))},"properties":{`;
    if (byteLength(text) <= MAX_LINE_BYTES * 3 / 4) break;
  }
  let left = MAX_LINE_BYTES - byteLength(text + tail);
  const fitting = properties.filter((property) => {
    const size = byteLength(property) + 1;
    if (size > left) return false;
    left -= size;
    return true;
  });
  return text + fitting.join(",") + tail;
}
