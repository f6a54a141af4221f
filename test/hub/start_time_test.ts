/** The times at which a player that joins gets what is stored for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FrameEncoder, FrameKind, type Publisher, StreamRegistry } from "../../src/hub/mod.ts";
import { audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { SETTINGS } from "../support/rtmp_service.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

const PATH = { app: "live", name: "test" };
const INFO = { sessionId: "s", address: "192.0.2.1:1", client: "test", since: 0 };

/** A message as its kind and its time: `v1000 `. */
const timed: FrameEncoder = {
  ...plainEncoder,
  key: "timed",
  size: (frame) => text(frame.kind, frame.timestamp).length,
  encode: ({ kind, timestamp }, target, offset) => target.set(text(kind, timestamp), offset),
};

function text(kind: number, timestamp: number): Uint8Array {
  const letter = kind === FrameKind.Video ? "v" : kind === FrameKind.Audio ? "a" : "d";
  return new TextEncoder().encode(`${letter}${timestamp} `);
}

function setUp(more: Partial<typeof SETTINGS> = {}) {
  const registry = new StreamRegistry({ ...SETTINGS, ...more });
  const publish = (now = 0) => {
    const publisher = registry.publish(PATH, INFO, { onRevoked: () => {} }, now) as Publisher;
    return {
      publisher,
      stream: publisher.stream,
      data: (timestamp: number, handler = "onMetaData") =>
        publisher.setData(handler, timestamp, Uint8Array.of(1), timestamp),
      push: (kind: number, timestamp: number, payload: Uint8Array) => {
        publisher.push(kind, timestamp, payload, timestamp);
        publisher.stream.flush(timestamp);
      },
    };
  };
  const play = (now: number) => {
    const sink = new CollectingSink();
    const played = registry.play(PATH, timed, sink, new Observer(), now);
    assert.ok(typeof played !== "string");
    sink.player = played;
    sink.pump();
    return sink;
  };
  return { registry, publish, play };
}

const { Audio, Video } = FrameKind;

test("stored data comes first and at time 0, headers at the time of the GOP", () => {
  const { publish, play } = setUp();
  const { data, push, stream } = publish();
  data(0);
  push(Video, 0, VIDEO_HEADER);
  push(Video, 5000, keyFrame());
  data(5500, "onTextData");
  push(Video, 6000, interFrame());
  stream.announce("onServerData", Uint8Array.of(2), true, 6000);
  assert.equal(play(6000).take(), "d0 d0 d0 v5000 v5000 v6000 ");
});

test("stored data that changes goes to those who are there at its own time, later at 0", () => {
  const { publish, play } = setUp();
  const { data, push } = publish();
  push(Video, 5000, keyFrame());
  const sink = play(5000);
  sink.take();
  data(5500);
  push(Video, 5540, interFrame());
  assert.equal(sink.take(), "d5500 v5540 ");
  assert.equal(play(5540).take(), "d0 v5000 v5540 ");
});

test("stored data ahead of all media is at time 0 for those who waited as well", () => {
  const { publish, play } = setUp();
  const sink = play(0);
  const { data, push } = publish();
  data(90_000);
  push(Audio, 90_000, audioFrame());
  assert.equal(sink.take(), "d0 a90000 ");
});

test("for players that were kept, data of a new publisher is at the time they have reached", () => {
  const { publish, play } = setUp({ reconnectWindowMs: 10_000 });
  const one = publish();
  one.push(Video, 5000, keyFrame());
  const sink = play(5000);
  sink.take();
  one.publisher.end(5000, true);
  const two = publish(5100);
  two.data(0);
  two.push(Video, 0, keyFrame());
  assert.match(sink.take(), /^d5000 v\d+ $/);
});

test("a change of stored data does not bring the headers of a player from before to the GOP after", () => {
  const { publish, play } = setUp();
  const { push } = publish();
  push(Video, 0, VIDEO_HEADER);
  push(Video, 1000, keyFrame());
  assert.equal(play(1000).take(), "v1000 v1000 ");
  push(Video, 61_000, keyFrame());
  assert.equal(play(61_000).take(), "v61000 v61000 ", "not at the time of an earlier player");
});

test("without a GOP the headers have the time of what was relayed last", () => {
  const { publish, play } = setUp({ gop: { bytes: 0, frames: 0, ms: 0 } });
  const { push } = publish();
  push(Video, 0, VIDEO_HEADER);
  for (const time of [1000, 61_000]) {
    push(Audio, time, audioFrame());
    assert.equal(play(time).take(), `v${time} `);
  }
});
