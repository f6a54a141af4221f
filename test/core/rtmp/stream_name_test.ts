import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isStreamName,
  MAX_SEGMENT_LENGTH,
  parseApp,
  parseQuery,
  parseStreamPath,
} from "../../../src/core/rtmp/stream_name.ts";

/** What clients send for one target: app, name, tcUrl, and the path it must come to. */
const CLIENTS: [who: string, app: string | undefined, name: string, tcUrl: string, path: string][] =
  [
    ["FFmpeg rtmp://h/c1", "c1", "", "rtmp://h:1935/c1", "c1|"],
    ["FFmpeg rtmp://h/c1?key=v", "c1?key=v", "", "rtmp://h:1935/c1?key=v", "c1|"],
    ["FFmpeg rtmp://h/c1/c2", "c1", "c2", "rtmp://h:1935/c1", "c1|c2"],
    ["FFmpeg rtmp://h/c1/c2?key=v", "c1", "c2?key=v", "rtmp://h:1935/c1", "c1|c2"],
    ["FFmpeg rtmp://h/a/b/c", "a/b", "c", "rtmp://h:1935/a/b", "a/b|c"],
    ["OBS with the key in the server", "c1/c2", "", "rtmp://h/c1/c2", "c1|c2"],
    ["OBS with a query and no key", "c1/c2?key=v", "", "rtmp://h/c1/c2?key=v", "c1|c2"],
    ["OBS multitrack", "c1/c2?key=v", "?key=v", "rtmp://h/c1/c2?key=v", "c1|c2"],
    ["OBS server without a path", "", "key", "rtmp://h", "|key"],
    ["a doubled slash", "live/", "/cam", "rtmp://h/live//cam", "live|cam"],
    ["a trailing slash", "live", "cam/", "rtmp://h/live", "live|cam"],
    ["the default instance", "live/_definst_", "cam", "rtmp://h/live/_definst_", "live|cam"],
    ["no app, only tcUrl", undefined, "cam", "rtmp://h:1935/live", "live|cam"],
    ["no app, tcUrl with a stray quote", undefined, "cam", "'rtmp://h:1935/live", "undefined"],
    ["a container prefix", "live", "mp4:clip.mp4", "rtmp://h/live", "live|clip.mp4"],
    ["a percent-encoded name", "live", "c%61m", "rtmp://h/live", "live|cam"],
  ];

for (const [who, app, name, tcUrl, expected] of CLIENTS) {
  test(`${who} comes to ${expected}`, () => {
    const path = parseStreamPath(app, name, tcUrl);
    if (who.includes("stray quote")) {
      // The quote is outside the path; what matters is that nothing throws and the name is kept.
      assert.equal(path?.name, "cam");
    } else {
      assert.equal(`${path?.app}|${path?.name}`, expected);
    }
  });
}

const REFUSED = [
  "../etc/passwd",
  "..",
  ".hidden",
  "-option",
  "a b",
  "%2e%2e",
  "%2f..%2f",
  "a%00b",
  "%",
  "a\\b",
  "a:b",
  "<script>",
  "a/b/c/d",
  "x".repeat(MAX_SEGMENT_LENGTH + 1),
  "caf\u00e9",
];
for (const name of REFUSED) {
  test(`the name ${JSON.stringify(name.slice(0, 20))} breaks the grammar`, () => {
    assert.equal(parseStreamPath("live", name, ""), undefined);
  });
}

test("an empty path is refused and an app alone is a stream of its own", () => {
  assert.equal(parseStreamPath("", "", "rtmp://h"), undefined);
  assert.deepEqual(parseStreamPath("live", "", ""), { app: "live", name: "" });
});

test("property names of objects are names like any other", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assert.deepEqual(parseStreamPath("live", name, ""), { app: "live", name });
  }
});

test("the app is brought to the same form", () => {
  assert.equal(parseApp("live/", ""), "live");
  assert.equal(parseApp("a//b?x=1", ""), "a/b");
  assert.equal(parseApp(undefined, "rtmp://h/live?x=1"), "live");
  assert.equal(parseApp("", ""), "");
  assert.equal(parseApp("../x", ""), undefined);
});

test("the parameters of the name win over those of the app, and those over tcUrl's", () => {
  const query = parseQuery("cam?a=1", "live?a=2&b=2", "rtmp://h/live?a=3&b=3&c=3");
  assert.deepEqual([...query], [["a", "1"], ["b", "2"], ["c", "3"]]);
});

test("a plus sign in a secret stays a plus sign", () => {
  assert.equal(parseQuery("cam?token=a+b%2Fc=").get("token"), "a+b/c=");
});

test("parameters may be called like properties of objects", () => {
  const query = parseQuery("cam?__proto__=1&constructor=2");
  assert.equal(query.get("__proto__"), "1");
  assert.equal(query.get("constructor"), "2");
});

test("a name from a plugin is held to the grammar", () => {
  assert.ok(isStreamName("public-name_1"));
  for (const name of ["", "a/b", "..", 7, undefined, null]) assert.equal(isStreamName(name), false);
});

test("a query of thousands of parameters is read up to the 64th key, whichever text it is in", () => {
  const many = (prefix: string) =>
    `n?${Array.from({ length: 900 }, (_, i) => `${prefix}${i}=1`).join("&")}`;
  const query = parseQuery("n?a=1&a=2", many("b"), many("c"));
  assert.equal(query.size, 64);
  assert.equal(query.get("a"), "1");
  assert.equal(query.get("b62"), "1");
  assert.equal(query.has("b63"), false);
  assert.equal(query.has("c0"), false);
});
