import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { resetSync } from "@logtape/logtape";
import { configureLogging, loggerOf, type LoggingOptions } from "../../src/log/log.ts";
import { formatJson, formatPretty, MAX_LINE_BYTES } from "../../src/log/format.ts";
import { byteLength } from "../../src/text.ts";
import { anyText, check } from "../support/property.ts";

type AnyRecord = Parameters<typeof formatJson>[0];

/** 12:34:56.789 in the time zone of the machine that runs the test. */
const noon = new Date(2026, 10, 21, 12, 34, 56, 789).getTime();

/** A record as the logging library makes it. */
function record(over: Partial<AnyRecord> & { text?: string } = {}): AnyRecord {
  const { text = "publishing live/demo", ...rest } = over;
  return {
    category: ["sluice", "rtmp"],
    level: "info",
    message: [text],
    rawMessage: text,
    timestamp: noon,
    properties: {},
    ...rest,
  };
}

/** Logs with `act` and gives the lines. */
function linesOf(options: Partial<LoggingOptions>, act: () => void): string[] {
  const lines: string[] = [];
  configureLogging({
    level: "info",
    format: "pretty",
    color: false,
    write: (line) => lines.push(line),
    ...options,
  });
  try {
    act();
  } finally {
    resetSync();
  }
  return lines;
}

test("the pretty format is one line with time, level, area, message and properties", () => {
  const properties = { session: "ab12", peer: "1.2.3.4:5" };
  assert.equal(
    formatPretty(record({ properties })),
    "12:34:56.789 INFO rtmp  publishing live/demo  session=ab12 peer=1.2.3.4:5\n",
  );
});

test("colours are escape sequences around time and level, and nowhere else", () => {
  assert.equal(
    formatPretty(record({ level: "error" }), true),
    "\x1b[2m12:34:56.789\x1b[0m \x1b[31mERROR\x1b[0m rtmp  publishing live/demo\n",
  );
});

test("the pretty format does not repeat what the message says", () => {
  const made = record({
    rawMessage: "publishing {stream}",
    message: ["publishing ", "live/demo", ""],
    properties: { stream: "live/demo", session: "ab12" },
  });
  assert.equal(
    formatPretty(made),
    "12:34:56.789 INFO rtmp  publishing live/demo  session=ab12\n",
  );
});

test("the JSON format has stable keys and keeps every property below one of them", () => {
  const properties = { session: "ab12", level: "mine", bytes: 5, live: true, none: null };
  const line = formatJson(record({ properties }));
  assert.equal(
    line,
    `{"time":"${new Date(noon).toISOString()}","level":"info","area":"rtmp",` +
      `"message":"publishing live/demo","properties":{"session":"ab12","level":"mine",` +
      `"bytes":5,"live":true,"none":null}}\n`,
  );
});

test("text of a peer cannot forge a line, a property or a colour", () => {
  const text = 'x\n12:00:00.000 INFO rtmp  forged  a=1 "\x1b[31m\u202e';
  const made = record({
    rawMessage: "{name}",
    message: ["", text, ""],
    properties: { name: text, app: text },
  });
  const quoted = '"x\\n12:00:00.000 INFO rtmp  forged  a=1 \\"\\u001b[31m\\u202e"';
  assert.equal(formatPretty(made), `12:34:56.789 INFO rtmp  ${quoted}  app=${quoted}\n`);
  const line = formatJson(made);
  // Only the line break at the end.
  assert.equal(line.search(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u), line.length - 1);
  assert.deepEqual(JSON.parse(line).properties, { name: text, app: text });
});

test("text that reads as one word is not quoted, all other text is", () => {
  const shown = (value: unknown) =>
    formatPretty(record({ text: "m", properties: { value } })).split("  ")[2].trimEnd();
  assert.equal(shown("live/demo"), "value=live/demo");
  assert.equal(shown("日本"), "value=日本");
  assert.equal(shown(""), 'value=""');
  assert.equal(shown("a b"), 'value="a b"');
  assert.equal(shown("a=b"), 'value="a=b"');
  assert.equal(shown(5), "value=5");
  assert.equal(shown(null), "value=null");
  assert.equal(shown({ a: [1] }), 'value={"a":[1]}');
});

test("whatever is logged, the result is a line", () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const properties = {
    circular,
    big: 10n,
    error: new TypeError("bad\nthing"),
    bytes: new Uint8Array(1_000_000),
    call() {},
    symbol: Symbol("s"),
    missing: undefined,
    get thrower(): string {
      throw new Error("getter");
    },
    cursed: {
      toJSON() {
        throw new Error("toJSON");
      },
    },
    ["__proto__"]: "plain data",
  };
  const made = record({ properties, message: ["", circular, "", 1n, ""] });
  assert.equal(formatPretty(made).split("\n").length, 2);
  const parsed = JSON.parse(formatJson(made)).properties;
  assert.equal(parsed.circular, "[cannot be shown]");
  assert.equal(parsed.cursed, "[cannot be shown]");
  assert.equal(parsed.big, "10");
  assert.deepEqual(parsed.error, { name: "TypeError", message: "bad\nthing" });
  assert.equal(parsed.bytes, "1000000 bytes");
  assert.ok(Object.hasOwn(parsed, "__proto__"));
  assert.ok(!("missing" in parsed) && !("thrower" in parsed));
});

test("a pretty line over 2 KiB keeps the start of its message and who it was about", () => {
  const line = formatPretty(record({ text: "é".repeat(5000), properties: { session: "ab12" } }));
  assert.ok(byteLength(line) <= 2048 && byteLength(line) > 1000);
  assert.match(line, /^12:34:56\.789 INFO rtmp {2}éé.*é… {2}session=ab12\n$/);
});

test("a JSON line over 2 KiB says that it was cut and keeps the properties that fit", () => {
  const properties = { endless: "x".repeat(5000), session: "ab12", bytes: 7 };
  const line = formatJson(record({ text: "é".repeat(5000), properties }));
  assert.ok(byteLength(line) <= 2048 && byteLength(line) > 1000);
  const { message, properties: kept, truncated } = JSON.parse(line);
  assert.match(message, /^é+…$/);
  assert.deepEqual(kept, { session: "ab12", bytes: 7 });
  assert.equal(truncated, true);
});

test("a line of exactly 2 KiB is whole, one byte more is cut", () => {
  const size = (format: (made: AnyRecord) => string, length: number) =>
    format(record({ text: "x".repeat(length) }));
  const room = MAX_LINE_BYTES - byteLength(size(formatJson, 0));
  assert.equal(size(formatJson, room).length, MAX_LINE_BYTES);
  assert.ok(!size(formatJson, room).includes("truncated"));
  assert.ok(size(formatJson, room + 1).includes('"truncated":true'));
  const pretty = MAX_LINE_BYTES - byteLength(size(formatPretty, 0));
  assert.equal(size(formatPretty, pretty).length, MAX_LINE_BYTES);
  assert.ok(!size(formatPretty, pretty).includes("…"));
  assert.ok(size(formatPretty, pretty + 1).includes("…"));
});

test("any record is one line of at most 2 KiB, and its JSON can be parsed", () => {
  const long = fc.oneof(
    anyText({ maxLength: 50 }),
    fc.tuple(fc.constantFrom("\0", "é", "😀", "\ud800", '"', "\\", "x"), fc.nat(3000))
      .map(([text, times]) => text.repeat(times)),
  );
  const properties = fc.dictionary(long, fc.oneof(long, fc.anything()), { maxKeys: 8 });
  check(
    fc.property(long, long, properties, fc.boolean(), (text, value, properties, color) => {
      const made = record({ message: [text, value, ""], rawMessage: text, properties });
      for (const line of [formatPretty(made, color), formatJson(made)]) {
        assert.ok(byteLength(line) <= MAX_LINE_BYTES);
        const body = color ? line.replaceAll("\x1b[", "") : line;
        assert.equal(body.search(/[\p{Cc}\p{Cs}]/u), body.length - 1);
      }
      const parsed = JSON.parse(formatJson(made));
      assert.deepEqual(Object.keys(parsed).slice(0, 5), [
        "time",
        "level",
        "area",
        "message",
        "properties",
      ]);
    }),
  );
});

test("records below the level are not written", () => {
  const lines = linesOf({ level: "warning" }, () => {
    const log = loggerOf("rtmp");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
  });
  assert.deepEqual(lines.map((line) => line.slice(13)), ["WARNING rtmp  c\n", "ERROR rtmp  d\n"]);
});

test("every level of the configuration is a level of the log", () => {
  for (const level of ["trace", "debug", "info", "warning", "error"] as const) {
    const lines = linesOf({ level, format: "json" }, () => {
      for (const each of ["trace", "debug", "info", "warning", "error"] as const) {
        loggerOf("x")[each](each);
      }
    });
    assert.equal(JSON.parse(lines[0]).level, level);
    assert.equal(JSON.parse(lines[lines.length - 1]).level, "error");
  }
});

test("a logger writes through the whole path as JSON", () => {
  const [line] = linesOf({ format: "json" }, () => {
    loggerOf("server").info("listening", { rtmp: "127.0.0.1:1935", http: "127.0.0.1:8080" });
  });
  const { time, ...rest } = JSON.parse(line);
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    level: "info",
    area: "server",
    message: "listening",
    properties: { rtmp: "127.0.0.1:1935", http: "127.0.0.1:8080" },
  });
});

test("a writer that fails throws nothing at the one who logs, and the lines are counted", () => {
  const logging = configureLogging({
    level: "info",
    format: "json",
    color: false,
    write: () => {
      throw new Error("disk full");
    },
  });
  try {
    assert.equal(logging.dropped, 0);
    loggerOf("rtmp").info("a");
    loggerOf("rtmp").error("b");
    assert.equal(logging.dropped, 2);
  } finally {
    resetSync();
  }
});

test("logging can be configured again, and the last configuration holds", () => {
  const first: string[] = [];
  configureLogging({ level: "info", format: "json", color: false, write: (l) => first.push(l) });
  const second = linesOf({}, () => loggerOf("rtmp").info("a"));
  assert.equal(first.length, 0);
  assert.equal(second.length, 1);
});

test("one cause fills no log: the rest is counted and told, and other causes are not held back", () => {
  const { now } = Date;
  let time = 1_800_000_000_000;
  Date.now = () => time;
  try {
    const lines = linesOf({ format: "json", linesPerSecond: 10 }, () => {
      for (let index = 0; index < 1000; index++) {
        loggerOf("rtmp").info("publish refused", { session: index });
      }
      loggerOf("rtmp").info("publishing");
      time += 1000;
      loggerOf("rtmp").info("unpublished");
    });
    const said = lines.map((line) => JSON.parse(line));
    const messages = [...Array(10).fill("publish refused"), "publishing", "lines left out"];
    assert.deepEqual(said.map(({ message }) => message), [...messages, "unpublished"]);
    const { area, properties } = said[11];
    assert.deepEqual([area, properties], ["log", { cause: "rtmp: publish refused", lines: 990 }]);
  } finally {
    Date.now = now;
  }
});

test("values of queries are masked, whoever put them into a record", () => {
  const made = record({
    text: "asked /streams?key=hunter2",
    properties: { url: "rtmp://h/a?key=hunter2&b=hunter2", error: new Error("GET /?k=hunter2") },
  });
  for (const line of [formatJson(made), formatPretty(made)]) {
    assert.doesNotMatch(line, /hunter2/);
    assert.match(line, /key=\*\*\*/);
  }
});
