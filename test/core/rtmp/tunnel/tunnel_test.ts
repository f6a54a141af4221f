/** What requests of RTMPT say, in which order they are taken, and how often clients are told to ask. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Polling } from "../../../../src/core/rtmp/tunnel/polling.ts";
import { readTunnelPath } from "../../../../src/core/rtmp/tunnel/request.ts";
import { Sequence } from "../../../../src/core/rtmp/tunnel/sequence.ts";

test("paths are those of librtmp and FFmpeg, and nothing else is one", () => {
  assert.deepEqual(readTunnelPath("/open/1"), { kind: "open" });
  assert.deepEqual(readTunnelPath("/fcs/ident2"), { kind: "ident" });
  for (const kind of ["send", "idle", "close"] as const) {
    assert.deepEqual(readTunnelPath(`/${kind}/aB-_9/17`), { kind, id: "aB-_9", sequence: 17 });
  }
  const others = [
    ...["/", "/open", "/open/", "/open/x", "/open/1/2", "/send/a", "/send/a/", "/send/a/x"],
    ...["/send/a/-1", "/send/a/1/", "/send//1", "/send/a.b/1", "/x/send/a/1", "/sends/a/1"],
    ...[`/idle/${"a".repeat(65)}/1`, "/idle/a/12345678901", "/fcs/ident3", "/fcs/"],
  ];
  for (const path of others) assert.equal(readTunnelPath(path), undefined, path);
});

test("clients are told to ask less often while there is nothing, and at once when there is", () => {
  const polling = new Polling();
  const bytes: number[] = [];
  for (let count = 0; count < 70; count++) bytes.push(polling.next(false));
  assert.deepEqual([...new Set(bytes)], [1, 3, 5, 9, 0x11, 0x21]);
  assert.deepEqual(bytes.slice(8, 12), [1, 1, 3, 3]);
  assert.equal(bytes.filter((byte) => byte === 3).length, 10);
  assert.equal(polling.next(true), 1);
  assert.equal(polling.next(false), 1);
});

test("requests are taken in their order, a few ahead are kept, and one behind is answered again", () => {
  const sequence = new Sequence();
  assert.equal(sequence.place(2), "early", "before the first one");
  assert.equal(sequence.place(0), "due");
  assert.equal(sequence.place(1), "due", "some begin with 1");
  sequence.pass(1);
  const places = [0, 1, 2, 3, 1026, 1027].map((number) => sequence.place(number));
  assert.deepEqual(places, ["lost", "again", "due", "early", "early", "lost"]);
  assert.equal(new Sequence().place(1), "due");
});
