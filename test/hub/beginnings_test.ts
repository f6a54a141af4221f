/** What is so before anything has happened: whoever looks early sees nothing of nobody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Encoding } from "../../src/hub/fanout/encoding.ts";
import { Lockstep } from "../../src/hub/fanout/lockstep.ts";
import { MediaLog } from "../../src/hub/fanout/media_log.ts";
import { Omissions } from "../../src/hub/fanout/omissions.ts";
import { Player } from "../../src/hub/fanout/player.ts";
import { ReadingPlace } from "../../src/hub/fanout/reading_place.ts";
import { FrameKind } from "../../src/hub/frame.ts";
import { KeyGate } from "../../src/hub/ingest/key_gate.ts";
import { MediaTrack } from "../../src/hub/ingest/media_track.ts";
import { StreamHeaders } from "../../src/hub/ingest/stream_headers.ts";
import { Timeline } from "../../src/hub/ingest/timeline.ts";
import { TrackReader } from "../../src/hub/ingest/track_reader.ts";
import { KeyClock } from "../../src/hub/key_clock.ts";
import { MediaMemory } from "../../src/hub/media_memory.ts";
import { LiveStream } from "../../src/hub/stream.ts";
import { StreamStats } from "../../src/hub/stream_stats.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

test("an empty log begins at 0, with nothing to start from", () => {
  const log = new MediaLog(new MediaMemory());
  const { end, heldBytes, keyPage, keyPosition, keyOffset, counting, headersEnd, tail } = log;
  assert.deepEqual(
    { end, heldBytes, keyPage, keyPosition, keyOffset, counting, headersEnd },
    {
      end: 0,
      heldBytes: 0,
      keyPage: undefined,
      keyPosition: -1,
      keyOffset: 0,
      counting: 0,
      headersEnd: 0,
    },
  );
  assert.deepEqual([tail.start, tail.length, tail.readers, tail.next], [0, 0, 0, undefined]);
});

test("without players nothing has gone out", () => {
  const encoding = new Encoding(plainEncoder, {
    headers: () => [],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  }, 0);
  const { headerVersion, bytesOut, framesDropped, viewed, playerCount, heldBytes } = encoding;
  assert.deepEqual(
    [headerVersion, bytesOut, framesDropped, viewed, playerCount, heldBytes],
    [0, 0, 0, undefined, 0, 0],
  );
  const { bytes, offset, page, size, handed } = new Lockstep(encoding.log);
  assert.deepEqual([bytes, offset, page, size, handed], [0, 0, undefined, 0, undefined]);
});

test("a player that has not begun reads nothing and leaves nothing out", () => {
  const limits = { bytes: 1, ms: 1, overflows: 0 };
  const { slot, framesDropped, paused, page, lag, bytesOut, handedBytes } = new Player(
    new CollectingSink(),
    new Observer(),
    limits,
  );
  assert.deepEqual(
    [slot, framesDropped, paused, page, lag, bytesOut, handedBytes],
    [-1, 0, false, undefined, 0, 0, 0],
  );
  const place = new ReadingPlace();
  assert.deepEqual([place.page, place.offset, place.prelude, place.handedBytes], [
    undefined,
    0,
    undefined,
    0,
  ]);
  const { awaitsKey, isLate, start, end, dropped, any } = new Omissions();
  assert.deepEqual([awaitsKey, isLate, start, end, dropped, any], [false, false, 0, 0, 0, false]);
});

test("of a publisher that has sent nothing nothing is known", () => {
  const rates = { videoRate: 0, audioRate: 0, frameRate: 0, sentRate: 0 };
  assert.deepEqual({ ...new StreamStats(9), ...rates }, {
    publishedAt: 9,
    bytesBefore: 0,
    bytesIn: 0,
    videoBytes: 0,
    audioBytes: 0,
    videoFrames: 0,
    audioFrames: 0,
    videoRate: 0,
    audioRate: 0,
    frameRate: 0,
    sentRate: 0,
  });
  const gate = new KeyGate();
  assert.deepEqual([gate.dropped, gate.isOpen], [0, false]);
  const track = new MediaTrack(FrameKind.Video, 5, 0);
  const { ended, frames, bytes, flagsLie, keyAt, sample, keptBytes } = track;
  assert.deepEqual(
    { ended, frames, bytes, flagsLie, keyAt, sample, keptBytes },
    {
      ended: false,
      frames: 0,
      bytes: 0,
      flagsLie: false,
      keyAt: undefined,
      sample: undefined,
      keptBytes: 0,
    },
  );
  const headers = new StreamHeaders();
  assert.deepEqual([headers.hasEnded, headers.keptBytes], [false, 0]);
  const reader = new TrackReader(headers);
  assert.deepEqual([reader.track, reader.codecChanged, reader.foundKey], [0, false, false]);
  assert.equal(new Timeline().leaps, 0);
});

test("a stream that nobody publishes and nobody plays is idle, and waits for nobody", () => {
  const gop = { bytes: 1000, frames: 10, ms: 1000 };
  const stream = new LiveStream("a", "b", { gop, reconnectWindowMs: 0 }, 7);
  const { orphanDeadline, publisher, idle, playerCount, gopBytes, hasVideo, framesBeforeKey } =
    stream;
  assert.deepEqual(
    { orphanDeadline, publisher, idle, playerCount, gopBytes, hasVideo, framesBeforeKey },
    {
      orphanDeadline: Infinity,
      publisher: undefined,
      idle: true,
      playerCount: 0,
      gopBytes: 0,
      hasVideo: false,
      framesBeforeKey: 0,
    },
  );
});
