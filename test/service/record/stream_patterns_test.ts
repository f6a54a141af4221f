import assert from "node:assert/strict";
import { test } from "node:test";
import { patternMistake, StreamPatterns } from "../../../src/service/record/stream_patterns.ts";

for (
  const [pattern, fits, others] of [
    ["live/demo", ["live/demo"], ["live/demo2", "alive/demo", "live/demo/x", "live-demo"]],
    ["live/*", ["live/demo", "live/a.b"], ["live/room/demo", "other/demo", "demo"]],
    ["live/cam-*", ["live/cam-1", "live/cam-"], ["live/cam", "live/xcam-1"]],
    ["*/*", ["live/demo"], ["demo", "a/b/c"]],
    ["*", ["demo"], ["live/demo"]],
    ["/demo", ["demo"], ["x/demo"]],
    ["a.b+c/d", ["a.b+c/d"], ["axb+c/d", "a.bbc/d"]],
    ["a/**/c", ["a/b/c"], ["a/b/d/c"]],
  ] as const
) {
  test(`${pattern} fits streams`, () => {
    assert.equal(patternMistake(pattern), undefined);
    const patterns = new StreamPatterns([pattern]);
    const has = (path: string) => {
      const cut = path.lastIndexOf("/");
      return patterns.has({ app: path.slice(0, Math.max(0, cut)), name: path.slice(cut + 1) });
    };
    assert.deepEqual(fits.filter(has), fits);
    assert.deepEqual(others.filter(has), []);
  });
}

test("one of several is enough, and none fits nothing", () => {
  assert.equal(new StreamPatterns(["a/b", "c/d"]).has({ app: "c", name: "d" }), true);
  assert.equal(new StreamPatterns([]).has({ app: "c", name: "d" }), false);
});

test("what is no pattern is told so", () => {
  assert.match(patternMistake("")!, /1 to 256/);
  assert.equal(patternMistake("a".repeat(256)), undefined);
  assert.match(patternMistake("a".repeat(257))!, /1 to 256/);
  assert.match(patternMistake("live/(a|b)")!, /APPLICATION\/NAME/);
  assert.equal(patternMistake("a*".repeat(8)), undefined);
  assert.match(patternMistake("a*".repeat(9))!, /8 stars/);
});
