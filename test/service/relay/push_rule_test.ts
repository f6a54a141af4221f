/** Targets and sources as settings have them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fillUrl, readPushWishes } from "../../../src/plugin/mod.ts";
import { isOrigin, originsOf, readPullRule } from "../../../src/service/relay/pull_rule.ts";
import { readPushRule } from "../../../src/service/relay/push_rule.ts";

test("a rule of pushing has a pattern, a URL and options", () => {
  assert.deepEqual(
    readPushRule(
      " live/*  rtmp://a.example/x/{name} video=1 audio=none codecs=hvc1+* metadata=none",
    ),
    {
      pattern: "live/*",
      url: "rtmp://a.example/x/{name}",
      video: 1,
      audio: "none",
      codecs: ["hvc1", "*"],
      metadata: false,
    },
  );
});

test("what is wrong with a rule is said, without its URL", () => {
  for (
    const rule of [
      "",
      "live/*",
      "li ve rtmp://secret.example/a/b",
      "live/* rtmp://secret.example/a",
      "live/* http://secret.example/a/b",
      "live/* rtmp://secret.example/a/{other}",
      "live/* rtmp://secret.example/a/b video=256",
      "live/* rtmp://secret.example/a/b codecs=toolong",
      "live/* rtmp://secret.example/a/b metadata=some",
      "live/* rtmp://secret.example/a/b colour=red",
    ]
  ) {
    const mistake = readPushRule(rule);
    assert.equal(typeof mistake, "string", rule);
    assert.doesNotMatch(mistake as string, /secret/);
  }
});

test("a rule of pulling has sources, and always with a name alone", () => {
  assert.deepEqual(readPullRule("a/b rtmp://x.example/a/b https://y.example/{name}.flv always"), {
    pattern: "a/b",
    sources: ["rtmp://x.example/a/b", "https://y.example/{name}.flv"],
    always: true,
  });
  for (
    const rule of [
      "a/b",
      "a/b always",
      "a/* rtmp://x.example/a/b always",
      "a/b ftp://secret.example/",
    ]
  ) {
    const mistake = readPullRule(rule);
    assert.equal(typeof mistake, "string", rule);
    assert.doesNotMatch(mistake as string, /secret/);
  }
});

test("a rule of pulling has up to 16 sources", () => {
  const of = (count: number) =>
    readPullRule(`a/* ${Array(count).fill("rtmp://x.example/a/b").join(" ")}`);
  const most = of(16);
  assert.ok(typeof most !== "string" && most.sources.length === 16 && !most.always);
  assert.equal(of(17), "it has 1 to 16 URLs");
  assert.equal(of(0), "it has 1 to 16 URLs");
  assert.match(String(readPullRule("a/* https://:x")), /^its URL: /);
  assert.match(String(readPullRule("a b c")), /^its (pattern|URL)/);
  assert.match(String(readPullRule("")), /^its pattern/);
});

test("options of a rule of pushing are within their bounds", () => {
  const of = (options: string) => readPushRule(`live/* rtmp://h/a/b ${options}`);
  for (
    const [said, read] of [
      ["video=0", { video: 0 }],
      ["video=255", { video: 255 }],
      ["video=all", { video: "all" }],
      ["audio=none", { audio: "none" }],
      ["codecs=hvc1", { codecs: ["hvc1"] }],
      ["metadata=none", { metadata: false }],
    ] as const
  ) {
    assert.deepEqual(of(said), { pattern: "live/*", url: "rtmp://h/a/b", ...read });
  }
  for (
    const [said, mistake] of [
      ["video=256", /^video is/],
      ["audio=-1", /^audio is/],
      ["audio=0000", /^audio is/],
      ["audio=", /^audio is/],
      ["audio", /^behind its URL/],
      ["=all", /^behind its URL/],
      ["metadata=all", /^metadata is/],
      ["codecs=", /^codecs are/],
      [`codecs=${Array(33).fill("hvc1").join("+")}`, /^codecs are/],
    ] as const
  ) assert.match(String(of(said)), mistake, said);
  const most = of(`codecs=${Array(32).fill("hvc1").join("+")}`);
  assert.ok(typeof most !== "string" && most.codecs!.length === 32);
});

test("origins are servers, also several in one text", () => {
  assert.deepEqual(originsOf(["rtmp://a.example/, rtmps://b.example/x"]), [
    "rtmp://a.example/{app}/{name}",
    "rtmps://b.example/x/{app}/{name}",
  ]);
  assert.ok(originsOf(["rtmp://a.example"]).every(isOrigin));
  assert.ok(!originsOf(["http://a.example"]).every(isOrigin));
});

test("names are put into URLs so that they end nothing", () => {
  const key = { app: "a/b", name: "c?d#e f" };
  assert.equal(fillUrl("rtmp://h/{app}/{name}", key), "rtmp://h/a/b/c%3Fd%23e%20f");
});

test("targets that a plugin names are read, or refused as a whole", () => {
  assert.deepEqual(readPushWishes("rtmp://h/a/b"), [{ url: "rtmp://h/a/b" }]);
  assert.deepEqual(readPushWishes([{ url: "rtmp://h/a/b", metadata: { title: null } }]), [
    { url: "rtmp://h/a/b", metadata: { title: null } },
  ]);
  for (
    const wrong of [
      1,
      "rtmp://h/a",
      ["rtmp://h/a/b", null],
      [["rtmp://h/a/b"]],
      { url: "rtmp://h/a/b", video: -1 },
      { url: "rtmp://h/a/b", codecs: ["x"] },
      { url: "rtmp://h/a/b", other: 1 },
      Array(101).fill("rtmp://h/a/b"),
    ]
  ) assert.equal(readPushWishes(wrong), undefined, JSON.stringify(wrong));
});
