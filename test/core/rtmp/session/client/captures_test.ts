/** Real servers, replayed: whatever the cut of their bytes, a client session sees the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkDecoder } from "../../../../../src/core/rtmp/chunk/decoder.ts";
import { capture, captureNames } from "../../../../support/captures.ts";
import { feedings } from "../../../../support/feed.ts";
import { type Owner, replay } from "./owner.ts";

const HANDSHAKE_BYTES = 1 + 1536 + 1536;

/** What the chunk decoder finds of one type in a capture. */
function count(name: string, ...types: number[]): number {
  let found = 0;
  new ChunkDecoder().decode(capture(name, "s2c").subarray(HANDSHAKE_BYTES), 0, {
    onMessage(type) {
      if (types.includes(type)) found++;
      return true;
    },
  });
  return found;
}

for (const name of captureNames("s2c")) {
  test(`${name}: a client sees the same however the bytes of the server are cut`, () => {
    const bytes = capture(name, "s2c");
    const runs = feedings(bytes).map((segments) => replay(name, segments));
    const [{ events, session }] = runs as [Owner];
    for (const run of runs) assert.deepEqual(run.events, events);
    assert.equal(session.phase, "connected");
    assert.equal(session.bytesIn, bytes.length);

    const told = events.filter((event) => !event.startsWith("media "));
    const media = events.length - told.length;
    if (name.includes("publish")) {
      const stops = count(name, 20) > 3;
      assert.deepEqual(told, [
        "connect NetConnection.Connect.Success",
        "created 1",
        "status 1 status:NetStream.Publish.Start",
        "started 1 NetStream.Publish.Start",
        ...(stops
          ? [
            "status 1 status:NetStream.Unpublish.Success",
            "ended 1 NetStream.Unpublish.Success",
          ]
          : []),
      ]);
    } else {
      assert.deepEqual(told.filter((event) => !event.startsWith("notice ")).slice(0, 4), [
        "connect NetConnection.Connect.Success",
        "created 1",
        "status 1 status:NetStream.Play.Start",
        "started 1 NetStream.Play.Start",
      ]);
      assert.equal(media, count(name, 8, 9, 18));
      assert.ok(media > 10);
    }
  });
}
