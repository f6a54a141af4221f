/** Ranges of bytes, by the examples of the specification and beside them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rangeOf } from "../../../src/core/http/byte_range.ts";

test("a range is from its first byte to behind its last one, as far as they are there", () => {
  assert.deepEqual(rangeOf("bytes=0-499", 10_000), [0, 500]);
  assert.deepEqual(rangeOf("bytes=9500-", 10_000), [9500, 10_000]);
  assert.deepEqual(rangeOf("bytes=-500", 10_000), [9500, 10_000]);
  assert.deepEqual(rangeOf("bytes=0-0", 10), [0, 1]);
  assert.deepEqual(rangeOf("bytes=9-999999999999999", 10), [9, 10]);
  assert.deepEqual(rangeOf("bytes=-999", 10), [0, 10]);
});

test("what is behind the end is not there, and of nothing there is none", () => {
  for (const range of ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=999999999999999-"]) {
    assert.equal(rangeOf(range, 10), "none", range);
  }
  assert.equal(rangeOf("bytes=-5", 0), "none");
});

test("several ranges, and what is no range, are as if not asked for", () => {
  for (
    const range of [
      ...[null, undefined, "", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes 0-1"],
      ...["bytes=5-3", "bytes=99-98", "bytes=0-1x", "bytes=1234567890123456-"],
    ]
  ) assert.equal(rangeOf(range, 10), "all", `${range}`);
});
