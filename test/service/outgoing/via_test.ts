/** Through which servers a stream has come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AmfValue } from "../../../src/core/amf/mod.ts";
import { readForwarded, readVia, viaId } from "../../../src/service/outgoing/via.ts";

const ID = "0123456789abcdef";
const via = (value: AmfValue) => readVia(new Map([["sluiceVia", value]]));
const client = (value: AmfValue) => readForwarded(new Map([["sluiceClient", value]]));

test("ids are those of servers, and what is none is left out", () => {
  assert.deepEqual(via(ID), [ID]);
  assert.deepEqual(via(`${ID},x,${ID.replace("0", "f")},${ID}0, ,${ID.toUpperCase()}`), [
    ID,
    ID.replace("0", "f"),
  ]);
  assert.deepEqual(via(5), []);
  assert.deepEqual(readVia(new Map()), []);
  // One more than there may be is read, so that it can be told; no end of them is not.
  assert.equal(via(Array(17).fill(ID).join(",")).length, 17);
  assert.equal(via(`${Array(17).fill(ID).join(",")},`).length, 17);
  assert.deepEqual(via(Array(18).fill(ID).join(",")), []);
});

test("an id has 16 hex digits", () => {
  const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index);
  assert.equal(viaId(bytes), "0001020304050607");
});

test("the address that an edge stands for is one, or is not taken", () => {
  for (const address of ["192.0.2.1", "[2001:db8::1]", "::", "fe80::1%0"]) {
    assert.equal(client(address), address);
  }
  for (const wrong of ["", "a", "host.test", "1".repeat(65), "192.0.2.1\n", 5, null]) {
    assert.equal(client(wrong), undefined, String(wrong));
  }
  assert.equal(client("1".repeat(64)), "1".repeat(64));
  assert.equal(readForwarded(new Map()), undefined);
});
