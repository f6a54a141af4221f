/** Where streams are pushed to, as settings and plugins say it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fillUrl, isFourCc, readPushWishes, urlMistake } from "../../src/plugin/push_options.ts";

const URL = "rtmp://h/a/b";

test("application and name go into a URL, and what would end a part of it is escaped", () => {
  const fill = (template: string) => fillUrl(template, { app: "a/b c", name: "n?x#y%" });
  assert.equal(
    fill("rtmp://h/{app}/{name}?k={name}"),
    "rtmp://h/a/b%20c/n%3Fx%23y%25?k=n%3Fx%23y%25",
  );
  assert.equal(fill("rtmp://h/x/{other}"), "rtmp://h/x/{other}");
});

test("a URL has braces for these two alone, a name, and a protocol that is spoken", () => {
  for (const good of [URL, "rtmps://h/{app}/{name}", "rtmp://h/a/{name}-x?k={app}"]) {
    assert.equal(urlMistake(good), undefined, good);
  }
  const braces = "has {app} and {name} in braces, and nothing else";
  for (
    const [url, mistake] of [
      ["rtmp://h/{app}/{nam}", braces],
      ["rtmp://h/{app}/{name", braces],
      ["rtmp://h/a", "has the name of the stream behind the application"],
      ["http://h/a/b", "Cannot use a URL of another protocol, expected rtmp://"],
    ] as const
  ) assert.equal(urlMistake(url), mistake);
});

test("a FourCC has four letters that can be printed, and a star stands for all", () => {
  const four = ["avc1", "*", "ac-3", "!~~!"];
  assert.deepEqual(four.filter(isFourCc), four);
  assert.deepEqual(["", "avc", "avc12", "av 1", "avc\x7f", "**", "avé1"].filter(isFourCc), []);
});

test("a target is a URL, or what goes there as well, or several of these", () => {
  assert.deepEqual(readPushWishes(URL), [{ url: URL }]);
  const whole = {
    url: URL,
    video: 255,
    audio: "none",
    codecs: ["avc1", "*"],
    metadata: { a: "x", b: 1.5, c: true, d: null },
  };
  assert.deepEqual(readPushWishes(whole), [whole]);
  assert.deepEqual(readPushWishes([URL, { url: URL, video: 0, audio: "all", metadata: false }]), [
    { url: URL },
    { url: URL, video: 0, audio: "all", metadata: false },
  ]);
  assert.deepEqual(readPushWishes([]), []);
});

const members = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, 1]));

test("what cannot be meant is no target, at each of its bounds", () => {
  const of = (more: object) => readPushWishes({ url: URL, ...more }) !== undefined;
  const pairs: [good: object, bad: object][] = [
    [{}, { url: "http://h/a/b" }],
    [{}, { more: 1 }],
    [{ video: 255 }, { video: 256 }],
    [{ video: 0 }, { video: -1 }],
    [{ audio: 7 }, { audio: 7.5 }],
    [{ audio: "none" }, { audio: "some" }],
    [{ codecs: Array(32).fill("avc1") }, { codecs: Array(33).fill("avc1") }],
    [{ codecs: [] }, { codecs: ["avc"] }],
    [{ metadata: members(32) }, { metadata: members(33) }],
    [{ metadata: { ["n".repeat(64)]: 1 } }, { metadata: { ["n".repeat(65)]: 1 } }],
    [{ metadata: { n: 1 } }, { metadata: { "": 1 } }],
    [{ metadata: { n: "x".repeat(512) } }, { metadata: { n: "x".repeat(513) } }],
    [{ metadata: { n: 1e300 } }, { metadata: { n: Infinity } }],
    [{ metadata: false }, { metadata: true }],
    [{ metadata: { n: null } }, { metadata: { n: {} } }],
  ];
  for (const [good, bad] of pairs) {
    assert.equal(of(good), true, JSON.stringify(good));
    assert.equal(of(bad), false, JSON.stringify(bad));
  }
  for (const nonsense of [undefined, null, 5, true, {}, [[URL]], [URL, 5], ""]) {
    assert.equal(readPushWishes(nonsense), undefined, JSON.stringify(nonsense));
  }
});

test("a plugin names a hundred targets, and not one more", () => {
  assert.equal(readPushWishes(Array(100).fill(URL))?.length, 100);
  assert.equal(readPushWishes(Array(101).fill(URL)), undefined);
});
