import assert from "node:assert/strict";
import { test } from "node:test";
import { readPage } from "../../src/http/page.ts";

test("a page has 100 items from the first on, unless it is told otherwise", () => {
  assert.deepEqual(readPage({}), { limit: 100, offset: 0 });
  assert.deepEqual(readPage({ other: "x" }), { limit: 100, offset: 0 });
  assert.deepEqual(readPage({ limit: "7", offset: "8" }), { limit: 7, offset: 8 });
});

test("limits are 1 to 1000, offsets 0 to a billion", () => {
  for (const limit of [1, 1000]) {
    assert.deepEqual(readPage({ limit: `${limit}` }), { limit, offset: 0 });
  }
  for (const offset of [0, 1_000_000_000]) {
    assert.deepEqual(readPage({ offset: `${offset}` }), { limit: 100, offset });
  }
  for (const limit of ["0", "1001", "", "-1", "1.5", "1e2", " 1", "x", "99999999999"]) {
    assert.equal(readPage({ limit }), "limit must be a whole number from 1 to 1000");
  }
  for (const offset of ["1000000001", "", "-1", "x", "00000000001"]) {
    assert.equal(readPage({ offset }), "offset must be a whole number from 0 to 1000000000");
  }
});
