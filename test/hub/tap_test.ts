import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag, FrameKind, type FrameTap, type MediaFrame } from "../../src/hub/mod.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { Taps } from "../../src/hub/tap.ts";
import { Rig } from "../support/rtmp_service.ts";

const { Audio, Video } = FrameKind;

/** A tap that notes what it is told. */
function note(more: Partial<FrameTap> = {}) {
  const seen: string[] = [];
  const tap: FrameTap = {
    onFrame({ kind, timestamp, payload, flags }: MediaFrame) {
      const header = (flags & FrameFlag.Header) !== 0 ? " header" : "";
      seen.push(`${kind} ${timestamp} ${payload.at(-1)}${header}`);
    },
    onPublish: () => seen.push("publish"),
    onUnpublish: () => seen.push("unpublish"),
    ...more,
  };
  return { seen, tap };
}

test("a tap is handed the headers and the GOP first, then every frame as it comes", () => {
  const rig = new Rig({ reconnectWindowMs: 10_000 });
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, VIDEO_HEADER);
  publisher.message(Audio, 1, 0, AUDIO_HEADER);
  publisher.message(Video, 1, 40, keyFrame(100, 1));
  publisher.message(Video, 1, 80, interFrame(50, 2));
  const stream = rig.registry.get({ app: "live", name: "test" })!;
  const { seen, tap } = note();
  const end = stream.tap(tap, rig.clock.now());
  const [video, audio] = [VIDEO_HEADER.at(-1), AUDIO_HEADER.at(-1)];
  assert.deepEqual(seen.splice(0), [
    `9 40 ${video} header`,
    `8 40 ${audio} header`,
    "9 40 1",
    "9 80 2",
  ]);
  publisher.message(Audio, 1, 90, audioFrame());
  publisher.message(Video, 1, 120, keyFrame(100, 3));
  assert.deepEqual(seen.splice(0), ["8 90 85", "9 120 3"]);
  end();
  publisher.message(Video, 1, 160, interFrame(50, 4));
  assert.deepEqual(seen, []);
});

test("a tap is told of the publisher's end and of the next one", () => {
  const rig = new Rig({ reconnectWindowMs: 10_000 });
  const publisher = rig.publisher();
  rig.player();
  const stream = rig.registry.get({ app: "live", name: "test" })!;
  const { seen, tap } = note();
  stream.tap(tap, rig.clock.now());
  publisher.connection.hangUp();
  return Promise.resolve().then(() => {
    assert.deepEqual(seen, ["unpublish"]);
    rig.publisher();
    assert.deepEqual(seen, ["unpublish", "publish"]);
  });
});

test("a tap that throws gets nothing any more, and nobody else notices", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  const stream = rig.registry.get({ app: "live", name: "test" })!;
  const faults: unknown[] = [];
  let calls = 0;
  stream.tap({
    onFrame() {
      calls++;
      throw new Error("full");
    },
    onFault(error) {
      faults.push((error as Error).message);
      throw error;
    },
  }, rig.clock.now());
  const { seen, tap } = note();
  stream.tap(tap, rig.clock.now());
  publisher.message(Video, 1, 0, keyFrame(100, 1));
  publisher.message(Video, 1, 40, interFrame(50, 2));
  assert.deepEqual([calls, faults], [1, ["full"]]);
  assert.deepEqual(seen, ["9 0 1", "9 40 2"]);
  assert.deepEqual(player.media(), ["9 0 1", "9 40 2"]);
  assert.equal(rig.service.sessions.size, 2);
});

test("a tap that throws, or goes, while it is told of publishers is told nothing more", () => {
  const taps = new Taps();
  const faults: unknown[] = [];
  const fails = (what: "onPublish" | "onUnpublish"): FrameTap => ({
    onFrame: () => assert.fail("it is gone"),
    [what]: () => {
      throw new Error(what);
    },
    onFault: (error) => faults.push((error as Error).message),
  });
  taps.add(fails("onPublish"), [], 0);
  taps.add(fails("onUnpublish"), [], 0);
  const { seen, tap } = note();
  taps.add(tap, [], 0);
  taps.published(0);
  taps.unpublished(0, true);
  const frame = { kind: Video, timestamp: 5, payload: Uint8Array.of(1), flags: 0 };
  taps.emit(frame, 0);
  assert.deepEqual([faults, seen, taps.size], [
    ["onPublish", "onUnpublish"],
    ["publish", "unpublish", "9 5 1"],
    1,
  ]);
  // One that fails with the first frame that it is handed is handed no second one.
  let handed = 0;
  const broken: FrameTap = {
    onFrame() {
      handed++;
      throw new Error("full");
    },
  };
  taps.add(broken, [frame, frame], 0);
  assert.deepEqual([handed, taps.size], [1, 1]);
});

test("what is shown in place of a publisher is not for those that want only that", () => {
  const taps = new Taps();
  const [own, any] = [note({ ownOnly: true }), note()];
  const frame = { kind: Video, timestamp: 5, payload: Uint8Array.of(1), flags: 0 };
  for (const { tap } of [own, any]) taps.add(tap, [frame], 0, false);
  for (const isOwn of [false, true]) {
    taps.emit({ ...frame, timestamp: isOwn ? 7 : 6 }, 0, isOwn);
    taps.published(0, isOwn);
  }
  taps.unpublished(0, true, true);
  taps.unpublished(0, true, false);
  assert.deepEqual(own.seen, ["9 7 1", "publish", "unpublish", "unpublish"]);
  assert.deepEqual(any.seen, ["9 5 1", "9 6 1", "publish", "9 7 1", "publish", "unpublish"]);
  // What nothing is said of is the publisher's.
  const usual = note({ ownOnly: true });
  taps.add(usual.tap, [frame], 0);
  taps.emit(frame, 0);
  taps.published(0);
  taps.unpublished(0, false);
  assert.deepEqual(usual.seen, ["9 5 1", "9 5 1", "publish", "unpublish"]);
  assert.equal(taps.stay, false);
  const stays = taps.add({ stays: true, onFrame() {} }, [], 0);
  assert.equal(taps.stay, true);
  stays();
  assert.equal(taps.stay, false);
});
