/** What is shown in place of a publisher that is away, and how viewers go back to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FrameFlag,
  FrameKind,
  type FrameTap,
  Hub,
  type LiveStream,
  type Publisher,
  type StandIn,
} from "../../src/hub/mod.ts";
import { KEY_START_MS, SOUND_ALONE_MS } from "../../src/hub/key_start.ts";
import { FakeClock } from "../support/clock.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { SETTINGS } from "../support/rtmp_service.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

const { Audio, Data, Video } = FrameKind;
const KEY = { app: "live", name: "cam" };

/** A hub in which something stands for publishers that leave, and a viewer of one stream. */
class Stage {
  readonly clock = new FakeClock();
  readonly hub = new Hub({
    clock: this.clock,
    streams: { ...SETTINGS, reconnectWindowMs: 5000 },
    pacing: SETTINGS.pacing,
    onFault: (error) => assert.fail(String(error)),
  });
  readonly told: string[] = [];
  readonly seen: string[] = [];
  standIn: StandIn | undefined;
  stands = true;

  constructor() {
    this.hub.observe({
      onLive: () => this.told.push("live"),
      onLeft: (stream, reason) => {
        this.told.push(`left ${reason}`);
        if (this.stands) this.standIn = stream.standFor("slate", () => this.told.push("over"));
      },
      onEnded: (_, reason) => this.told.push(`ended ${reason}`),
    });
  }

  get now(): number {
    return this.clock.now();
  }

  get stream(): LiveStream {
    return this.hub.registry.get(KEY)!;
  }

  publish(): Publisher {
    const info = { sessionId: "1", address: "", client: "", since: 0 };
    const publisher = this.hub.registry.publish(KEY, info, { onRevoked: () => {} }, this.now);
    assert.ok(typeof publisher === "object");
    return publisher;
  }

  /** Publishes a key frame at 1000, with a viewer. */
  begun(): Publisher {
    const publisher = this.publish();
    this.watch();
    publisher.push(Video, 1000, VIDEO_HEADER, this.now);
    publisher.push(Video, 1000, keyFrame(100, 1), this.now);
    this.seen.splice(0);
    return publisher;
  }

  watch(more: Partial<FrameTap> = {}, seen = this.seen): void {
    this.stream.tap({
      stays: true,
      onFrame({ kind, timestamp, payload, flags }) {
        const header = (flags & FrameFlag.Header) !== 0 ? " header" : "";
        seen.push(`${"avd"[[8, 9, 18].indexOf(kind)]} ${timestamp} ${payload.at(-1)}${header}`);
      },
      onPublish: () => seen.push("publish"),
      onUnpublish: (_, lost) => seen.push(`unpublish ${lost}`),
      ...more,
    }, this.now);
  }

  /** The publisher leaves, and a slate is shown. */
  away(publisher: Publisher, lost = false): StandIn {
    this.hub.registry.unpublish(publisher, this.now, lost);
    const { standIn } = this;
    assert.ok(standIn !== undefined);
    this.clock.advance(100);
    standIn.push(Video, 7, VIDEO_HEADER, this.now);
    standIn.push(Video, 7, keyFrame(100, 50), this.now);
    this.told.splice(0);
    return standIn;
  }
}

const header = VIDEO_HEADER.at(-1);

test("whoever leaves is stood for, in time that goes on", () => {
  const stage = new Stage();
  const publisher = stage.begun();
  stage.hub.registry.unpublish(publisher, stage.now);
  assert.deepEqual(stage.told, ["live", "left unpublished"]);
  assert.equal(stage.stream.publisher, undefined);
  assert.equal(stage.stream.live, true);
  assert.equal(stage.standIn!.shown, false, "nothing was pushed yet");
  stage.clock.advance(60_000);
  assert.deepEqual(stage.seen, [], "and whatever it takes, viewers are kept");
  stage.standIn!.push(Video, 7, VIDEO_HEADER, stage.now);
  stage.standIn!.push(Video, 7, keyFrame(100, 50), stage.now);
  stage.standIn!.push(Video, 47, interFrame(100, 51), stage.now);
  assert.equal(stage.standIn!.shown, true);
  assert.deepEqual(stage.seen, [
    ...["publish", `v 1000 ${header} header`, "v 61000 50", "v 61040 51"],
  ]);
  assert.deepEqual(stage.hub.registry.list(), [stage.stream]);
});

test("a publisher that comes back is shown from its first key frame on, with its headers", () => {
  const stage = new Stage();
  const standIn = stage.away(stage.begun());
  stage.seen.splice(0);
  const back = stage.publish();
  assert.deepEqual(stage.told, [], "it is the same stream");
  back.setData("onMetaData", 0, Uint8Array.of(2, 0, 1, 99), stage.now);
  back.push(Video, 500, VIDEO_HEADER, stage.now);
  back.push(Audio, 500, AUDIO_HEADER, stage.now);
  back.push(Audio, 500, audioFrame(), stage.now);
  back.push(Video, 500, interFrame(100, 2), stage.now);
  standIn.push(Video, 47, interFrame(100, 51), stage.now);
  assert.deepEqual(stage.seen.splice(0), ["v 1140 51"], "the slate goes on");
  stage.clock.advance(40);
  back.push(Video, 540, keyFrame(100, 3), stage.now);
  assert.deepEqual(stage.told, ["over"]);
  assert.equal(standIn.active, false);
  standIn.push(Video, 87, interFrame(100, 52), stage.now);
  standIn.end(stage.now);
  back.push(Audio, 550, audioFrame(), stage.now);
  assert.deepEqual(stage.seen, [
    "publish",
    `d 1140 99 header`,
    `v 1140 ${header} header`,
    `a 1140 ${AUDIO_HEADER.at(-1)} header`,
    ...["v 1180 3", "a 1190 85"],
  ]);
});

test("a publisher without pictures is shown after a second of sound, one without key frames after ten", () => {
  for (
    const [kind, payload, ms] of [
      [Audio, audioFrame(), SOUND_ALONE_MS],
      [Video, interFrame(100, 2), KEY_START_MS],
    ] as const
  ) {
    const stage = new Stage();
    const standIn = stage.away(stage.begun());
    const back = stage.publish();
    back.push(kind, 0, payload, stage.now);
    stage.clock.advance(ms - 1);
    back.push(kind, ms, payload, stage.now);
    assert.equal(standIn.active, true);
    stage.clock.advance(1);
    back.push(kind, ms, payload, stage.now);
    assert.equal(standIn.active, false);
  }
});

test("one that comes back before anything is shown has the stream at once", () => {
  const stage = new Stage();
  stage.hub.registry.unpublish(stage.begun(), stage.now, true);
  const back = stage.publish();
  assert.equal(stage.standIn!.active, false);
  back.push(Video, 0, VIDEO_HEADER, stage.now);
  assert.deepEqual(stage.seen, ["publish", `v 1000 ${header} header`]);
});

test("one that leaves again before its key frame leaves what is shown as it is", () => {
  const stage = new Stage();
  const standIn = stage.away(stage.begun());
  const back = stage.publish();
  back.push(Video, 0, VIDEO_HEADER, stage.now);
  stage.hub.registry.unpublish(back, stage.now);
  stage.seen.splice(0);
  standIn.push(Video, 47, interFrame(100, 51), stage.now);
  assert.deepEqual(stage.seen, ["v 1140 51"]);
  assert.deepEqual(stage.told, []);
});

test("a publisher that waits for its key frame has the stream when what is shown ends", () => {
  const stage = new Stage();
  const standIn = stage.away(stage.begun());
  const back = stage.publish();
  back.push(Video, 0, VIDEO_HEADER, stage.now);
  stage.seen.splice(0);
  standIn.end(stage.now);
  assert.deepEqual(stage.told, ["over"]);
  back.push(Audio, 0, AUDIO_HEADER, stage.now);
  assert.deepEqual(stage.seen, [
    "publish",
    `v 1100 ${header} header`,
    `a 1100 ${AUDIO_HEADER.at(-1)} header`,
  ]);
});

test("what ends by itself leaves viewers waiting, as for a publisher that was lost", () => {
  const stage = new Stage();
  stage.hub.start();
  stage.stands = true;
  const standIn = stage.away(stage.begun());
  stage.seen.splice(0);
  standIn.end(stage.now);
  assert.deepEqual(stage.seen, ["unpublish true"]);
  stage.clock.advance(4000);
  assert.equal(stage.stream.live, true);
  stage.clock.advance(2000);
  assert.deepEqual(stage.told, ["over", "ended lost"]);
});

test("a stream that the operator ends, or the server, is over, whatever is shown", () => {
  for (const end of ["kick", "shutdown"] as const) {
    const stage = new Stage();
    const standIn = stage.away(stage.begun());
    if (end === "kick") stage.hub.registry.kick(KEY, stage.now);
    else stage.hub.shutdown();
    assert.equal(standIn.active, false);
    assert.ok(stage.told.includes("over"));
    assert.ok(stage.told.includes(end === "kick" ? "ended kicked" : "ended shutdown"));
  }
  const stage = new Stage();
  const publisher = stage.begun();
  stage.hub.registry.kick(KEY, stage.now);
  assert.equal(publisher.active, false);
  assert.deepEqual(stage.told, ["live", "ended kicked"], "nothing stands for it");
});

test("taps that want the publisher alone see nothing of what stands for it", () => {
  const stage = new Stage();
  const own: string[] = [];
  const publisher = stage.begun();
  stage.watch({ ownOnly: true }, own);
  own.splice(0);
  stage.away(publisher);
  const late: string[] = [];
  stage.watch({ ownOnly: true }, late);
  assert.deepEqual([own.splice(0), late], [["unpublish true"], []]);
  const back = stage.publish();
  back.push(Video, 0, keyFrame(100, 3), stage.now);
  assert.deepEqual(own, ["publish", "v 1101 3"]);
});

test("data of a publisher that waits for its key frame is the newest it set, without what it cleared", () => {
  const stage = new Stage();
  stage.away(stage.begun());
  const back = stage.publish();
  for (const mark of [1, 2]) back.setData("a", 0, Uint8Array.of(2, 0, 1, 97, mark), stage.now);
  back.setData("b", 0, Uint8Array.of(2, 0, 1, 98), stage.now);
  back.clearData("b");
  stage.seen.splice(0);
  back.push(Data, 0, Uint8Array.of(2, 0, 1, 99), stage.now);
  back.push(Video, 0, keyFrame(100, 3), stage.now);
  assert.deepEqual(stage.seen, ["publish", "d 1100 2 header", "v 1101 3"]);
});

test("what gives up behind a wait ends the stream at once", () => {
  const stage = new Stage();
  const standIn = stage.away(stage.begun());
  stage.seen.splice(0);
  standIn.end(stage.now, true);
  assert.deepEqual(stage.told, ["over", "ended lost"]);
  assert.deepEqual(stage.seen, ["unpublish false"]);
});

test("a name that is published again while its last players are served begins anew for observers", () => {
  const stage = new Stage();
  stage.stands = false;
  const publisher = stage.publish();
  const sink = new CollectingSink();
  const seen = new Observer();
  const player = stage.hub.registry.play(KEY, plainEncoder, sink, seen, stage.now);
  assert.ok(typeof player === "object");
  sink.player = player;
  publisher.push(Video, 0, VIDEO_HEADER, stage.now);
  publisher.push(Video, 0, keyFrame(), stage.now);
  sink.busy = true;
  const { stream } = stage;
  stage.hub.registry.unpublish(publisher, stage.now);
  assert.equal(stage.stream, stream, "somebody is still served");
  stage.publish();
  assert.equal(stage.stream, stream);
  assert.deepEqual(stage.told, ["live", "left unpublished", "ended unpublished", "live"]);
});

test("time goes on for the publisher behind what was shown, and not for those after that one", () => {
  const stage = new Stage();
  const { stream } = stage.publish();
  stream.publisher!.push(Video, 60_000, keyFrame(100, 1), stage.now);
  stage.hub.registry.unpublish(stream.publisher!, stage.now, true);
  stage.standIn!.push(Video, 0, keyFrame(100, 2), stage.now);
  stage.standIn!.end(stage.now);
  const next = stage.publish();
  next.push(Video, 5, keyFrame(100, 3), stage.now);
  assert.equal(next.stream.startTime, 5, "nobody watched, and so it was over");
  for (const stays of [true, false]) {
    const { stream } = stage;
    const untap = stream.tap({ stays, onFrame() {} }, stage.now);
    stage.hub.registry.unpublish(stream.publisher!, stage.now, true);
    stage.standIn!.push(Video, 0, keyFrame(100, 2), stage.now);
    const shown = stream.startTime;
    stage.standIn!.end(stage.now);
    if (!stays) continue;
    const kept = stage.publish();
    kept.push(Video, 5, keyFrame(100, 3), stage.now);
    assert.ok(kept.stream.startTime > shown, "time goes on");
    const replacing = stage.publish();
    replacing.push(Video, 7, keyFrame(100, 3), stage.now);
    assert.equal(replacing.stream.startTime, 7, "that was for the first one alone");
    untap();
  }
});

test("what stands for a publisher is told when something else does instead", () => {
  const stage = new Stage();
  const publisher = stage.begun();
  stage.hub.registry.unpublish(publisher, stage.now, true);
  const first = stage.standIn!;
  assert.equal(first.active, true);
  const second = stage.stream.standFor("other", () => stage.told.push("other over"));
  assert.deepEqual([first.active, second.active], [false, true]);
  assert.deepEqual(stage.told, ["live", "left lost", "over"]);
});
