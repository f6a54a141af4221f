import assert from "node:assert/strict";
import { test } from "node:test";
import { audioFlags, videoFlags } from "../../../src/core/media/mod.ts";
import { FrameFlag, FrameKind } from "../../../src/hub/frame.ts";
import { StreamHeaders } from "../../../src/hub/ingest/stream_headers.ts";
import { frameFlags, TrackReader } from "../../../src/hub/ingest/track_reader.ts";

const { Audio, Video } = FrameKind;
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** Frames of one track of VP9 with a multitrack header. */
const vp9 = (track: number, key: boolean, ...picture: number[]) =>
  Uint8Array.of(key ? 0x96 : 0xa6, 0x01, ...ascii("vp09"), track, ...picture);

function setUp() {
  const headers = new StreamHeaders();
  const reader = new TrackReader(headers);
  const frames = (payload: Uint8Array, kind: number = Video) =>
    reader.frames(kind, payload, kind === Video ? videoFlags(payload) : audioFlags(payload));
  return { headers, reader, frames };
}

test("how a key frame begins is kept of a track, and in place of how an inter frame does", () => {
  const { headers, frames } = setUp();
  const begins = (id: number) => headers.tracks(Video).find((track) => track.id === id)?.sample;
  frames(vp9(3, false, 1, 1, 1));
  assert.deepEqual([...begins(3)!].slice(-3), [1, 1, 1], "better than nothing");
  frames(vp9(3, false, 2, 2, 2));
  assert.deepEqual([...begins(3)!].slice(-3), [1, 1, 1]);
  frames(vp9(3, true, 3, 3, 3));
  assert.deepEqual([...begins(3)!].slice(-3), [3, 3, 3]);
  frames(vp9(3, true, 4, 4, 4));
  assert.deepEqual([...begins(3)!].slice(-3), [3, 3, 3], "once it is known");
});

test("the default track of video is the lowest one, and messages are known to hold it", () => {
  const { reader, frames } = setUp();
  assert.equal(frames(vp9(5, true, 1)), true);
  assert.equal(reader.track, 5);
  assert.equal(frames(vp9(7, true, 1)), false);
  assert.equal(reader.track, 7);
  assert.equal(frames(vp9(2, true, 1)), true, "a lower one");
  assert.equal(frames(vp9(5, true, 1)), false);
  reader.clear();
  assert.equal(frames(vp9(5, true, 1)), true, "of another publisher");
  assert.equal(frames(Uint8Array.of(0x2f, 1, 2), Audio), false, "sound is none");
});

test("tracks count what they have in messages of several", () => {
  const { headers, frames } = setUp();
  const two = Uint8Array.of(
    ...[0xa6, 0x11, ...ascii("vp09"), 0, 0, 0, 2, 1, 1],
    ...[1, 0, 0, 3, 2, 2, 2],
  );
  frames(two);
  frames(two);
  assert.deepEqual(
    headers.tracks(Video).map(({ id, frames, bytes }) => [id, frames, bytes]),
    [[0, 2, 4], [1, 2, 6]],
  );
});

test("the hub's flags say whose key frame it is, and what can be left out", () => {
  const flags = (payload: Uint8Array, isMain: boolean, kind: number = Video) =>
    frameFlags(kind, payload, kind === Video ? videoFlags(payload) : audioFlags(payload), isMain);
  const { Key, Inter, Disposable, Multitrack, TrackKey } = FrameFlag;
  assert.equal(flags(Uint8Array.of(0x17, 1), true), Key);
  assert.equal(flags(Uint8Array.of(0x27, 1), true), Inter);
  assert.equal(flags(Uint8Array.of(0x37, 1), true), Inter | Disposable);
  assert.equal(flags(Uint8Array.of(0x17, 2, 0, 0, 0), true), 0, "an end is no picture");
  assert.equal(flags(Uint8Array.of(0x57, 0), true), 0, "nor is a command");
  assert.equal(flags(new Uint8Array(0), true), 0);
  assert.equal(flags(vp9(1, true, 1), true), Multitrack | Key);
  assert.equal(flags(vp9(1, true, 1), false), Multitrack | TrackKey);
  assert.equal(flags(vp9(1, false, 1), false), Multitrack | Inter);
  assert.equal(flags(Uint8Array.of(0x2f, 1, 2), false, Audio), 0);
});

test("headers behind long extensions are kept of track 0 only", () => {
  const kept = (track: number, prefix: number) => {
    const { headers, reader } = setUp();
    // One extension, whose size is its first byte less one; larger ones have two bytes more.
    const extension = [0xff, (prefix - 5 - 1) >> 8, (prefix - 5 - 1) & 255];
    const payload = Uint8Array.of(
      0x97,
      ...extension,
      ...new Array(prefix - 5).fill(1),
      0x06,
      ...[0x00, ...ascii("vp09"), track, 1, 2, 3],
    );
    reader.store(Video, payload, videoFlags(payload), 0);
    return headers.tracks(Video).find(({ id }) => id === track)?.header !== undefined;
  };
  assert.equal(kept(0, 256), true);
  assert.equal(kept(5, 256), true);
  assert.equal(kept(0, 257), true);
  assert.equal(kept(5, 257), false);
});

test("of track 0 it is learned anew how messages begin, with another codec and another publisher", () => {
  const { headers, reader, frames } = setUp();
  const begins = (kind: number) => headers.tracks(kind)[0]?.sample?.at(-1);
  const plain = (codec: string, mark: number) => Uint8Array.of(0x91, ...ascii(codec), mark);
  const sound = (codec: string, mark: number) => Uint8Array.of(0x91, ...ascii(codec), mark);
  for (const mark of [1, 2]) frames(plain("vp08", mark));
  assert.equal(begins(Video), 1);
  frames(plain("vp09", 3));
  assert.equal(begins(Video), 3);
  for (const mark of [1, 2]) frames(sound("ac-3", mark), Audio);
  assert.equal(begins(Audio), 1);
  frames(sound("ec-3", 3), Audio);
  assert.equal(begins(Audio), 3);
  headers.clear(0);
  reader.clear();
  frames(plain("vp09", 4));
  frames(sound("ec-3", 5), Audio);
  assert.deepEqual([begins(Video), begins(Audio)], [4, 5]);
});

test("what nothing was asked about is what its flags say", () => {
  const { reader } = setUp();
  assert.equal(reader.look(Uint8Array.of(0x27, 1), 0b1010, 0), 0b1010);
  assert.equal(reader.foundKey, false);
});

test("of track 0 an inter frame is a sample until there is a key frame", () => {
  const { headers, frames } = setUp();
  const begins = () => headers.tracks(Video)[0]?.sample?.at(-1);
  const vp8 = (first: number, mark: number) => Uint8Array.of(first, ...ascii("vp08"), mark);
  const steps = [[0xa1, 1, 1], [0xa1, 2, 1], [0x91, 3, 3], [0x91, 4, 3], [0xa1, 5, 3]] as const;
  for (const [first, mark, kept] of steps) {
    frames(vp8(first, mark));
    assert.equal(begins(), kept, `${mark}`);
  }
});

test("a MiB of the headers of a track is kept, its head counted", () => {
  const kept = (bytes: number) => {
    const { headers, reader } = setUp();
    const payload = new Uint8Array(7 + bytes);
    payload.set([0x96, 0x00, ...ascii("vp09"), 5]);
    reader.store(Video, payload, videoFlags(payload), 0);
    return headers.tracks(Video).find(({ id }) => id === 5)?.header !== undefined;
  };
  const MiB = 1024 * 1024;
  const most = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((head) => kept(MiB - head));
  assert.deepEqual(most, [7, 8]);
});

test("of a track that is in a message twice the first picture is looked at", () => {
  const { reader, frames } = setUp();
  const picture = (first: number) => [0, 0, 0, 3, first, 1, 1];
  const twice = Uint8Array.of(
    ...[0xa6, 0x13, ...ascii("avc1")],
    ...[4, 0, 0, 7, ...picture(0x41), 4, 0, 0, 7, ...picture(0x65)],
  );
  frames(twice);
  assert.equal(reader.track, 4);
  const media = videoFlags(twice);
  assert.equal(reader.look(twice, media, 0), media);
  const other = twice.slice();
  other[14] = 0x65;
  frames(other);
  assert.notEqual(reader.look(other, media, 0), media);
});
