import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  byteLength,
  capBytes,
  escapeControls,
  maskMentions,
  maskQueries,
  maskQuery,
  maskUrl,
  shownText,
} from "../src/text.ts";
import { anyText, check } from "./support/property.ts";

test("characters that break lines, move the cursor or reorder text are escaped", () => {
  const cases: Record<string, string> = {
    "a\nb\r\tc": "a\\u000ab\\u000d\\u0009c",
    "\x1b[31mred": "\\u001b[31mred",
    "\x00\x7f\x9b": "\\u0000\\u007f\\u009b",
    "left\u202eright\u2066": "left\\u202eright\\u2066",
    "a\u2028b\u2029": "a\\u2028b\\u2029",
    "zero\u200bwidth\ufeff": "zero\\u200bwidth\\ufeff",
    "\ud800": "\\ud800",
    "tag\u{e0041}": "tag\\udb40\\udc41",
  };
  for (const [text, escaped] of Object.entries(cases)) assert.equal(escapeControls(text), escaped);
});

test("other text stays as it is", () => {
  for (const text of ["", "live/demo", "Ünïcödé", "日本", "😀", 'a"b\\c']) {
    assert.equal(escapeControls(text), text);
  }
});

test("escaped text is still the same JSON", () => {
  check(fc.property(anyText(), (text) => {
    const escaped = escapeControls(JSON.stringify(text));
    assert.equal(JSON.parse(escaped), text);
    assert.doesNotMatch(escaped, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  }));
});

test("capped text fits, starts the same and is whole if it fitted before", () => {
  check(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 3, max: 40 }), (text, max) => {
      const capped = capBytes(text, max);
      assert.ok(byteLength(capped) <= max);
      if (byteLength(text) <= max) assert.equal(capped, text);
      else {
        assert.ok(capped.endsWith("…"));
        assert.ok(text.startsWith(capped.slice(0, -1)));
        assert.ok(capped.isWellFormed());
        assert.ok(byteLength(capped) > max - 4, "not cut more than needed");
      }
    }),
  );
});

test("the values of a query are masked, its names are kept", () => {
  const cases: Record<string, string> = {
    "key=secret&x=1": "key=***&x=***",
    "?key=secret": "?key=***",
    "": "",
    "?": "?",
    "secret": "***",
    "a=&b": "a=***&***",
    "a=b=c": "a=***",
    "&&": "&&",
    "a=1;b=2": "a=***",
    "=secret": "=***",
    "__proto__=x": "__proto__=***",
  };
  for (const [query, masked] of Object.entries(cases)) assert.equal(maskQuery(query), masked);
});

test("no value of a query comes through", () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const value = fc.stringMatching(/^[A-Z0-9=?/+%]{1,20}$/);
  check(fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
    const query = pairs.map(([key, secret]) => `${key}=${secret}`).join("&");
    assert.equal(maskQuery(query), pairs.map(([key]) => `${key}=***`).join("&"));
  }));
});

test("a URL keeps its host and path, and loses its user, password and values", () => {
  const cases: Record<string, string> = {
    "rtmp://host:1935/live": "rtmp://host:1935/live",
    "rtmp://host/live?token=x": "rtmp://host/live?token=***",
    "rtmp://user:p@ss@host/live": "rtmp://***@host/live",
    "live/demo?key=x&y=z": "live/demo?key=***&y=***",
    "live/a@b": "live/a@b",
    "rtmp://host/live?u=rtmp://a:b@c": "rtmp://host/live?u=***",
    "": "",
  };
  for (const [url, masked] of Object.entries(cases)) assert.equal(maskUrl(url), masked);
});

test("values of queries in running text are masked, also where they are escaped", () => {
  assert.equal(
    maskQueries('GET /x?key=abc&t=1 of "http://h/a?b=c" and %3Ftoken%3Dabc%26x=1 done'),
    'GET /x?key=***&t=*** of "http://h/a?b=***" and %3Ftoken%3D***%26x=*** done',
  );
  assert.equal(maskQueries("is it? a=b & c=d"), "is it? a=b & c=d");
});

test("what a client said is masked in a message: whole, cut, escaped, in capitals", () => {
  const said = ["s3cret-k3y", "a b", "rtmp://user:pass@host/live?x=1", "ab"];
  const cases: [text: string, masked: string][] = [
    ["Unknown stream", "Unknown stream"],
    ["bad key s3cret-k3y!", "bad key ***!"],
    ["bad key S3CRET-K3Y", "bad key ***"],
    ["bad key s3cret-k", "bad key ***"],
    ["bad keys3cret-k3y", "bad key***"],
    ["bad a%20b", "bad ***"],
    ["from rtmp://user:pa", "from ***://***:pa"],
    ["about ab or cab", "about *** or cab"],
  ];
  for (const [text, masked] of cases) assert.equal(maskMentions(text, said), masked);
  assert.equal(maskMentions("[a-z]+ (x|y) \\d", ["[a-z]+", "(x|y)", "\\d"]), "*** *** ***");
  assert.equal(maskMentions("Unknown stream", ["x".repeat(20_000)]), "***");
  assert.ok(maskMentions("y".repeat(1_000_000), ["x"]).length <= 2048);
  assert.equal(maskMentions("100% of \ud800", ["100%", "\ud800"]), "*** of ***");
});

test("what a client calls itself is shown as it was said, cut and harmless", () => {
  for (
    const name of [
      "",
      "ngx-local-relay",
      "FMLE/3.0 (compatible; Lavf60.16.100)",
      "My own encoder 1.2",
      "日本 Encoder",
    ]
  ) assert.equal(shownText(name), name);
  assert.equal(shownText("a\u001b[31m\nb"), "a\\u001b[31m\\u000ab");
  const cut = shownText("x".repeat(10_000));
  assert.equal(cut.length, 256);
  assert.ok(cut.endsWith("…"));
});
