import assert from "node:assert/strict";
import { test } from "node:test";
import { TestFiles } from "../../../tools/mutate/test_files.ts";

const tests = (graph: Record<string, string[]>) => new TestFiles(new Map(Object.entries(graph)));

test("the test of the same name comes first, then those with fewer imports between", () => {
  const files = tests({
    "test/a_test.ts": ["src/hub/fanout/player.ts"],
    "test/hub/fanout/player_test.ts": ["src/hub/mod.ts"],
    "src/hub/mod.ts": ["src/hub/stream.ts"],
    "src/hub/stream.ts": ["src/hub/fanout/player.ts"],
    "test/b_test.ts": ["src/hub/stream.ts"],
    "test/hub/fanout/b_test.ts": ["src/hub/stream.ts"],
  });
  assert.deepEqual(files.of("src/hub/fanout/player.ts"), [
    "test/hub/fanout/player_test.ts",
    "test/a_test.ts",
    "test/hub/fanout/b_test.ts",
    "test/b_test.ts",
  ]);
});

test("of tests that are as near the one of a like name comes first", () => {
  const files = tests({
    "test/hub/a_test.ts": ["src/hub/gop_cache.ts"],
    "test/hub/gop_test.ts": ["src/hub/gop_cache.ts"],
    "test/b_test.ts": ["src/hub/gop_cache.ts"],
  });
  assert.deepEqual(files.of("src/hub/gop_cache.ts"), [
    "test/hub/gop_test.ts",
    "test/hub/a_test.ts",
    "test/b_test.ts",
  ]);
});

test("of tests that are as near the one whose name is of the same stem comes first", () => {
  const files = tests({
    "test/hub/at_test.ts": ["src/hub/switching.ts"],
    "test/hub/switch_test.ts": ["src/hub/switching.ts"],
    "test/hub/a_test.ts": ["src/hub/attic.ts"],
    "test/hub/b_test.ts": ["src/hub/attic.ts"],
  });
  assert.equal(files.of("src/hub/switching.ts")[0], "test/hub/switch_test.ts");
  assert.equal(files.of("src/hub/attic.ts")[0], "test/hub/a_test.ts");
});

test("tests that are more than three imports away are those of a file that has few others", () => {
  const chain = {
    "test/far_test.ts": ["src/1.ts"],
    "src/1.ts": ["src/2.ts"],
    "src/2.ts": ["src/3.ts"],
    "src/3.ts": ["src/4.ts"],
  };
  assert.deepEqual(tests(chain).of("src/3.ts"), ["test/far_test.ts"]);
  assert.deepEqual(tests(chain).of("src/4.ts"), ["test/far_test.ts"]);
  const near = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`test/${i}_test.ts`, ["src/4.ts"]]),
    );
  const found = (count: number) => tests({ ...chain, ...near(count) }).of("src/4.ts");
  assert.deepEqual([found(11).at(-1), found(11).length], ["test/far_test.ts", 12]);
  assert.ok(!found(12).includes("test/far_test.ts"));
  assert.equal(found(13).length, 13);
});

test("neither a list of exports nor a helper of tests is a step", () => {
  const files = tests({
    "test/a_test.ts": ["test/support/b.ts"],
    "test/support/b.ts": ["test/support/c.ts"],
    "test/support/c.ts": ["src/1.ts"],
    "src/1.ts": ["src/2.ts"],
    "src/2.ts": ["src/core/mod.ts"],
    "src/core/mod.ts": ["src/core/amf/mod.ts"],
    "src/core/amf/mod.ts": ["src/core/amf/value.ts"],
  });
  assert.deepEqual(files.of("src/core/amf/value.ts"), ["test/a_test.ts"]);
});

test("tests that start programs or measure time are none of a file", () => {
  const files = tests({
    "test/e2e/a_test.ts": ["src/a.ts"],
    "test/hostile/a_test.ts": ["src/a.ts", "test/support/figure.ts"],
    "test/b_test.ts": ["src/a.ts", "test/support/process.ts"],
    "test/c_test.ts": ["src/a.ts"],
  });
  assert.deepEqual(files.of("src/a.ts"), ["test/c_test.ts"]);
});

test("tests that run many inputs are slow", () => {
  const files = tests({
    "test/a_test.ts": ["src/a.ts", "test/support/property.ts"],
    "test/b_test.ts": ["src/a.ts"],
  });
  assert.deepEqual(["test/a_test.ts", "test/b_test.ts"].map((file) => files.isSlow(file)), [
    true,
    false,
  ]);
});

test("further tests are all others that reach a file, then those of the program whose names are like it", () => {
  const near = Array.from({ length: 12 }, (_, i) => [`test/near${i}_test.ts`, ["src/4.ts"]]);
  const files = tests({
    ...Object.fromEntries(near),
    "test/far_test.ts": ["src/1.ts"],
    "src/1.ts": ["src/2.ts"],
    "src/2.ts": ["src/3.ts"],
    "src/3.ts": ["src/4.ts"],
    "test/hostile/figure_test.ts": ["src/4.ts", "test/support/figure.ts"],
    "test/hostile/program_test.ts": ["src/4.ts", "test/support/figure.ts", "test/support/rig.ts"],
    "test/support/rig.ts": ["test/support/process.ts"],
    "test/e2e/a_test.ts": ["src/4.ts"],
    "test/e2e/hls_late_test.ts": [],
    "src/service/hls/answers.ts": [],
    "test/other_test.ts": ["src/other.ts"],
    "test/reliability/reliability_test.ts": [],
  });
  assert.equal(files.of("src/4.ts").length, 12);
  assert.deepEqual(files.further("src/4.ts"), [
    "test/far_test.ts",
    "test/hostile/figure_test.ts",
    "test/reliability/reliability_test.ts",
  ]);
  assert.deepEqual(files.further("src/service/hls/answers.ts"), [
    "test/reliability/reliability_test.ts",
    "test/e2e/hls_late_test.ts",
  ]);
  const slow = ["test/hostile/figure_test.ts", "test/e2e/hls_late_test.ts", "test/far_test.ts"];
  assert.deepEqual(slow.map((file) => files.isSlow(file)), [true, true, false]);
});
