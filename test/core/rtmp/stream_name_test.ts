import assert from "node:assert/strict";
import { test } from "node:test";
import {
  containerOf,
  isPublicPath,
  isStreamName,
  parseApp,
  parseQuery,
  parseStreamPath,
} from "../../../src/core/rtmp/stream_name.ts";

/** What clients send for one target: app, name, tcUrl, and the path it must come to. */
const CLIENTS: [who: string, app: string | undefined, name: string, tcUrl: string, path: string][] =
  [
    ["FFmpeg rtmp://h/c1", "c1", "", "rtmp://h:1935/c1", "|c1"],
    ["FFmpeg rtmp://h/c1?key=v", "c1?key=v", "", "rtmp://h:1935/c1?key=v", "|c1"],
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
    ["a container prefix", "live", "mp4:clip.mp4", "rtmp://h/live", "live|clip"],
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

test("one URL is one stream, wherever the client cuts it and whatever container it names", () => {
  const at = (app: string) => ({ app, name: "cam" });
  const names = [
    "cam",
    "cam.flv",
    "mp4:cam",
    "mp4:cam.mp4",
    "flv:cam",
    "MP4:cam.F4V",
    "cam/",
    "/cam",
  ];
  for (const name of names) {
    assert.deepEqual(parseStreamPath("", name, "rtmp://h"), at(""), name);
    assert.deepEqual(parseStreamPath(name, "", `rtmp://h/${name}`), at(""), name);
    assert.deepEqual(parseStreamPath(`${name}?k=1`, "", ""), at(""), name);
    assert.deepEqual(parseStreamPath(undefined, "", `rtmp://h/${name}?k=1`), at(""), name);
    assert.deepEqual(parseStreamPath("", "", `rtmp://h/${name}`), at(""), name);
    assert.deepEqual(parseStreamPath("live", name, ""), at("live"), name);
    assert.deepEqual(parseStreamPath(`live/${name}`, "", ""), at("live"), name);
    assert.deepEqual(parseStreamPath("live/_definst_", name, ""), at("live"), name);
  }
});

test("a name that is nothing but a container keeps it", () => {
  for (const name of [".flv", "mp4", "flv"]) {
    assert.equal(parseStreamPath("live", name, "")?.name, name);
  }
});

/** What services hand out as keys, and other text that encoders send; then what a plugin is given. */
const SENT: [name: string, seen?: string][] = [
  ["-k_x"],
  ["+kx=="],
  [".hidden"],
  ["a b"],
  ["a:b"],
  ["a,b;c!d$e'f(g)*h"],
  ["caf\u00e9"],
  ["\u{1f4f7}"],
  ["<script>"],
  ["x".repeat(1024)],
  ["c%61m", "cam"],
  ["caf%C3%A9", "caf\u00e9"],
  ["a%20b", "a b"],
  ["100%"],
  ["%zz"],
  ["a%2Fb"],
  ["%2e%2e"],
  ["%252e%252e", "%2e%2e"],
  ["a%00b"],
  ["a%5cb"],
];
for (const [name, seen = name] of SENT) {
  test(`the name ${JSON.stringify(name.slice(0, 20))} may be sent`, () => {
    assert.deepEqual(parseStreamPath("live", name, ""), { app: "live", name: seen });
  });
}

const REFUSED = [
  "../etc/passwd",
  "..",
  ".",
  "a/../b",
  "a\u0000b",
  "a\nb",
  "a\u202eb",
  "a\u2028b",
  "a\ufffdb",
  "\ud800",
  "a\\b",
  "a/b/c/d",
  "x".repeat(1025),
  "%78".repeat(1025),
];
for (const name of REFUSED) {
  test(`the name ${JSON.stringify(name.slice(0, 20))} may not be sent`, () => {
    assert.equal(parseStreamPath("live", name, ""), undefined);
  });
}

test("an empty path is no stream", () => {
  assert.equal(parseStreamPath("", "", "rtmp://h"), undefined);
  assert.equal(parseStreamPath("/", "?k=1", "rtmp://h/"), undefined);
});

test("a name is harmless when what names a container is taken off as well", () => {
  for (
    const name of ["...flv", "..mp4", "mp4:...mp4", "mp4:%2E%2E.flv", "%6dp4:..", "x/flv:...mp4"]
  ) {
    assert.equal(parseStreamPath("live", name, ""), undefined, name);
    assert.equal(parseStreamPath(`live/${name}`, "", ""), undefined, name);
  }
  assert.deepEqual(parseStreamPath("live", "mp4:..a.mp4", ""), { app: "live", name: "..a" });
});

test("what is public keeps to the narrow grammar, application and name", () => {
  for (const name of ["cam", "-k_x", "_x", "+a=", "0.~@+=-", "x".repeat(128)]) {
    assert.ok(isPublicPath({ app: "", name }) && isPublicPath({ app: `a/${name}`, name }), name);
  }
  for (
    const name of ["", ".a", "~a", "@a", "=a", "a b", "a:b", "caf\u00e9", "%61", "x".repeat(129)]
  ) {
    assert.ok(!isPublicPath({ app: "", name }), name);
    if (name !== "") assert.ok(!isPublicPath({ app: name, name: "cam" }), name);
  }
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

test("the container that a name asks for is known by what is in front of it or behind it", () => {
  for (const name of ["flv:cam", "FLV:cam", "cam.flv", "cam.FLV?x=.mp4", "flv:cam.mp4"]) {
    assert.equal(containerOf(name), "flv", name);
  }
  for (const name of ["mp4:cam", "f4v:cam", "cam.mp4", "cam.f4v?x=a.flv", "mp4:cam.flv"]) {
    assert.equal(containerOf(name), "mp4", name);
  }
  for (const name of ["cam", "", "mp3:cam", "cam.mp3", ".flv", "cam?x=a.flv", "flv:", "cam.flv2"]) {
    assert.equal(containerOf(name), undefined, name);
  }
});

test("of a path 64 parts are looked at, and of a segment what is 1024 letters decoded", () => {
  assert.equal(parseApp(`a${"/".repeat(63)}b`, ""), "a/b");
  assert.equal(parseApp(`a${"/".repeat(64)}b`, ""), "a");
  const encoded = (letters: number) => parseApp("%61".repeat(letters), "");
  assert.equal(encoded(1024), "a".repeat(1024));
  assert.equal(encoded(1025), undefined);
});
