/** What the header of FLV announces, and when: some players wait for ever for what does not come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { FlvRig } from "../../support/flv_rig.ts";
import { AUDIO_HEADER, audioFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";

const { Audio, Video } = MessageType;

test("a stream with sound and pictures is announced so at once", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, VIDEO_HEADER);
  publisher.message(Audio, 1, 0, AUDIO_HEADER);
  assert.equal((await rig.flvPlayer()).reader.flags, 5);
});

test("a stream that has long been without pictures, or sound, is announced so at once", async () => {
  for (
    const [type, payload, flags] of [[Audio, AUDIO_HEADER, 4], [Video, VIDEO_HEADER, 1]] as const
  ) {
    const rig = new FlvRig();
    rig.publisher().message(type, 1, 0, payload);
    rig.clock.advance(1000);
    assert.equal((await rig.flvPlayer()).reader.flags, flags);
  }
});

test("who comes before its stream is told of what it has, and not of what it might have", async () => {
  const rig = new FlvRig();
  const ask = rig.ask("/live/test.flv");
  const publisher = rig.publisher();
  const { reader } = await ask.opened();
  publisher.message(Audio, 1, 0, AUDIO_HEADER);
  publisher.message(Audio, 1, 0, audioFrame());
  rig.clock.advance(900);
  assert.equal(reader.flags, undefined, "pictures may still come");
  rig.clock.advance(200);
  publisher.message(Audio, 1, 1100, audioFrame());
  assert.equal(reader.flags, 4);
  assert.deepEqual(reader.take().map((tag) => tag.split(" ")[0]), ["8", "8", "8"], "and got all");
});

test("a second after the first of it all is announced that there is, and no earlier", async () => {
  for (const [ms, flags] of [[999, undefined], [1000, 4]] as const) {
    const rig = new FlvRig();
    const publisher = rig.publisher();
    const { reader } = await rig.flvPlayer();
    publisher.message(Audio, 1, 0, AUDIO_HEADER);
    rig.clock.advance(ms);
    publisher.message(Audio, 1, ms, audioFrame());
    assert.equal(reader.flags, flags);
  }
});

test("pictures that come a moment after the sound are announced with it", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publisher.message(Audio, 1, 0, AUDIO_HEADER);
  const { reader } = await rig.flvPlayer();
  rig.clock.advance(500);
  publisher.message(Video, 1, 500, VIDEO_HEADER);
  publisher.message(Video, 1, 500, keyFrame());
  assert.equal(reader.flags, 5);
});

test("a stream that ends before it shows all is announced with what it had, or as asked for", async () => {
  for (
    const [query, payloads, flags] of [
      ["", [AUDIO_HEADER], 4],
      ["", [], 5],
      ["?video=none", [], 4],
    ] as const
  ) {
    const rig = new FlvRig();
    const publisher = rig.publisher();
    for (const payload of payloads) publisher.message(Audio, 1, 0, payload);
    const { reader } = await rig.flvPlayer(`/live/test.flv${query}`);
    assert.equal(reader.flags, undefined);
    publisher.command(1, "deleteStream", 0, null, 1);
    assert.equal(reader.flags, flags);
  }
});

test("a kind that was not asked for is neither announced nor sent, nor waited for", async () => {
  for (const [query, flags, type] of [["video=none", 4, "8"], ["audio=none", 1, "9"]] as const) {
    const rig = new FlvRig();
    const publisher = rig.publisher();
    publisher.message(Video, 1, 0, VIDEO_HEADER);
    publisher.message(Audio, 1, 0, AUDIO_HEADER);
    publisher.message(Video, 1, 40, keyFrame());
    publisher.message(Audio, 1, 50, audioFrame());
    const { reader } = await rig.flvPlayer(`/live/test.flv?${query}`);
    publisher.message(Video, 1, 80, keyFrame());
    publisher.message(Audio, 1, 90, audioFrame());
    assert.equal(reader.flags, flags);
    const types = reader.take().map((tag) => tag.split(" ")[0]);
    assert.ok(types.length > 1 && types.every((each) => each === type), types.join());
  }
});
