import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag, FrameKind } from "../../../src/hub/frame.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";
import { StreamHeaders } from "../../../src/hub/ingest/stream_headers.ts";

const { Audio, Video, Data } = FrameKind;
const MiB = 1024 * 1024;

test("a MiB of stored data is kept, whatever takes the place of what, and no byte more", () => {
  const headers = new StreamHeaders();
  const set = (handler: string, bytes: number) => {
    headers.setData(handler, new Uint8Array(bytes), 0);
    return headers.data(handler)?.length;
  };
  assert.equal(set("a", 600_000), 600_000);
  assert.equal(set("a", 600_001), 600_001, "in place of the one before");
  assert.equal(set("b", MiB - 600_001), MiB - 600_001, "just as much");
  assert.equal(set("c", 1), undefined);
  assert.equal(set("b", MiB - 600_000), undefined, "nor is the one before kept: it is out of date");
  assert.equal(headers.keptBytes, 600_001);
  assert.equal(set("b", 10), 10);
});

test("sixteen handlers are stored, and one that is cleared makes room", () => {
  const headers = new StreamHeaders();
  const set = (handler: number) => {
    headers.setData(`h${handler}`, new Uint8Array(1), 0);
    return headers.data(`h${handler}`) !== undefined;
  };
  for (let handler = 0; handler < 16; handler++) assert.ok(set(handler));
  assert.ok(!set(16));
  assert.ok(set(3), "one that is there");
  assert.equal(headers.clearData("h0"), true);
  assert.equal(headers.clearData("h0"), false);
  assert.ok(set(16));
  assert.equal(headers.keptBytes, 16);
});

test("32 tracks of a kind are known, lowest id first", () => {
  const headers = new StreamHeaders();
  for (let id = 31; id >= 0; id--) assert.equal(headers.track(Video, id)?.id, id);
  assert.equal(headers.track(Video, 32), undefined);
  assert.equal(headers.track(Video, 7)?.id, 7);
  assert.deepEqual(
    headers.tracks(Video).map(({ id }) => id),
    Array.from({ length: 32 }, (_, i) => i),
  );
  assert.equal(headers.track(Audio, 200)?.id, 200);
});

test("a MiB of headers is kept of the tracks but 0, of that as much as it sends", () => {
  const headers = new StreamHeaders();
  const set = (id: number, bytes: number) => {
    headers.set(Video, id, new Uint8Array(bytes), 0);
    return headers.tracks(Video).find((track) => track.id === id)?.header?.payload.length;
  };
  assert.equal(set(0, 3 * MiB), 3 * MiB);
  assert.ok(headers.mayKeep(Video, 1, MiB, true));
  assert.ok(!headers.mayKeep(Video, 1, MiB + 1, true));
  assert.equal(set(1, MiB - 10), MiB - 10);
  assert.equal(set(2, 10), 10);
  assert.equal(set(3, 1), undefined);
  assert.ok(headers.mayKeep(Video, 2, 10, true), "in place of what it has");
  assert.ok(!headers.mayKeep(Video, 2, 10, false));
  assert.equal(set(2, 9), 9);
  assert.equal(set(3, 1), 1);
  headers.setPresentation(Video, 4, new Uint8Array(1), 0);
  assert.equal(headers.tracks(Video).at(-1)!.presentation, undefined);
  assert.equal(headers.keptBytes, 4 * MiB);
  headers.clear(0);
  assert.equal(set(1, MiB), MiB, "a new publisher has as much");
});

test("what is kept is counted, and forgotten with a track that ended or a new publisher", () => {
  const memory = new MediaMemory();
  const headers = new StreamHeaders(memory);
  for (const id of [0, 1]) headers.set(Video, id, new Uint8Array(100), 0);
  headers.setPresentation(Video, 1, new Uint8Array(10), 0);
  headers.setData("onMetaData", new Uint8Array(1000), 0);
  assert.deepEqual([headers.keptBytes, memory.used], [1210, 1210]);
  assert.equal(headers.dropEnded(), false);
  headers.end(Video, 1);
  assert.equal(headers.hasEnded, true);
  assert.equal(headers.dropEnded(), true);
  assert.deepEqual([headers.keptBytes, headers.hasEnded], [1100, false]);
  headers.end(Video, 0);
  assert.equal(headers.dropEnded(), false, "the last one of a kind may go on without a header");
  headers.clear(0);
  assert.deepEqual([headers.keptBytes, memory.used, headers.tracks(Video).length], [0, 0, 0]);
  assert.deepEqual(headers.frames(5), []);
});

test("headers of a track that ended make room for others, and those of track 0 never took any", () => {
  for (const ended of [0, 1]) {
    const headers = new StreamHeaders();
    const set = (id: number, bytes: number) => headers.set(Video, id, new Uint8Array(bytes), 0);
    set(0, 600_000);
    set(1, 600_000);
    set(2, 10);
    headers.end(Video, ended);
    assert.equal(headers.dropEnded(), true);
    const left = MiB - 10 - (ended === 0 ? 600_000 : 0);
    assert.equal(headers.mayKeep(Video, 2, left + 10, true), true, `${ended}`);
    assert.equal(headers.mayKeep(Video, 2, left + 11, true), false, `${ended}`);
  }
});

test("a new player is told data at 0 first, then video and audio at the time given", () => {
  const headers = new StreamHeaders();
  headers.set(Audio, 0, Uint8Array.of(1), 70);
  headers.set(Video, 1, Uint8Array.of(2), 80);
  headers.set(Video, 0, Uint8Array.of(3), 90);
  headers.setPresentation(Video, 0, Uint8Array.of(4), 90);
  headers.setData("onMetaData", Uint8Array.of(5), 60);
  assert.deepEqual(
    headers.frames(1234).map(({ kind, timestamp, payload }) => [kind, timestamp, payload[0]]),
    [[Data, 0, 5], [Video, 1234, 3], [Video, 1234, 4], [Video, 1234, 2], [Audio, 1234, 1]],
  );
});

test("a header that replaces another one says so, the same one again does not", () => {
  const headers = new StreamHeaders();
  assert.equal(headers.set(Video, 0, Uint8Array.of(1, 2), 0), false, "the first one");
  assert.equal(headers.set(Video, 0, Uint8Array.of(1, 2), 0), false);
  assert.equal(headers.set(Video, 0, Uint8Array.of(1, 3), 0), true);
  assert.equal(headers.set(Video, 0, Uint8Array.of(1, 3, 4), 0), true);
  assert.equal(headers.saysMore(Video, 0, Uint8Array.of(1, 3)), true);
  assert.equal(headers.saysMore(Video, 0, Uint8Array.of(1, 3, 4)), false);
  assert.equal(headers.saysMore(Video, 0, Uint8Array.of(1, 2)), false);
  assert.equal(headers.saysMore(Video, 1, Uint8Array.of(1)), false);
});

test("the sequence headers of the default tracks are at hand", () => {
  const headers = new StreamHeaders();
  assert.deepEqual([headers.video, headers.audio], [undefined, undefined]);
  for (const kind of [Video, Audio]) {
    headers.set(kind, 1, Uint8Array.of(kind, 1), 0);
    headers.set(kind, 0, Uint8Array.of(kind, 0), 0);
  }
  assert.deepEqual([headers.video, headers.audio], [
    Uint8Array.of(Video, 0),
    Uint8Array.of(Audio, 0),
  ]);
});

test("rates of tracks are measured from when the publisher began", () => {
  const headers = new StreamHeaders();
  headers.clear(5000);
  const tracks = [headers.track(Video, 0)!, headers.track(Audio, 0)!, headers.track(Audio, 3)!];
  for (const track of tracks) for (let count = 0; count < 25; count++) track.count(100);
  headers.measure(6000);
  for (const { frameRate, byteRate } of tracks) {
    assert.deepEqual([frameRate.perSecond, byteRate.perSecond], [25, 2500]);
  }
});

test("a header is no more than that, unless more is said of it", () => {
  const headers = new StreamHeaders();
  headers.set(Video, 0, Uint8Array.of(1), 0);
  headers.setPresentation(Video, 0, Uint8Array.of(2), 0);
  headers.setData("a", Uint8Array.of(3), 0);
  const { Header, Multitrack } = FrameFlag;
  assert.deepEqual(headers.frames(0).map(({ flags }) => flags), [Header, Header, Header]);
  headers.set(Video, 0, Uint8Array.of(1), 0, Multitrack);
  headers.setPresentation(Video, 0, Uint8Array.of(2), 0, Multitrack);
  const both = Header | Multitrack;
  assert.deepEqual(headers.frames(0).map(({ flags }) => flags), [Header, both, both]);
});
