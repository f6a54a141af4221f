/** What a stream of several tracks keeps is bounded, whatever is published. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { audioFlags, MediaFlag, videoFlags } from "../../src/core/media/mod.ts";
import { FrameFlag, FrameKind } from "../../src/hub/mod.ts";
import { hex, toHex } from "../core/amf/hex.ts";
import { check } from "../support/property.ts";
import { messages, publish } from "./multitrack_rig.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_TRACK_BYTES = 1024 * 1024;
const MAX_TRACKS = 32;

/** Messages without white space, as they come out. */
const same = (...messages: string[]) => messages.map((text) => text.replaceAll(" ", ""));

test("tracks are bounded in number, and their headers in bytes", () => {
  const { stream } = publish();
  const start = (kind: number, id: number, length: number) => {
    const head = hex(kind === FrameKind.Video ? "96 00 68766331" : "95 00 4f707573");
    const payload = new Uint8Array(head.length + 1 + length);
    payload.set([...head, id]);
    stream.push(kind, 0, payload, 0);
  };
  for (let id = 0; id < 256; id++) start(FrameKind.Video, id, 1);
  assert.equal(stream.description.tracks(FrameKind.Video).length, MAX_TRACKS);
  for (let id = 0; id < 10; id++) {
    start(FrameKind.Video, id, MAX_TRACK_BYTES / 4);
    start(FrameKind.Audio, id, MAX_TRACK_BYTES / 4);
  }
  const kept = stream.headers().reduce((sum, { payload }) => sum + payload.length, 0);
  // Track 0 of either kind is kept whatever it is.
  assert.ok(kept < MAX_TRACK_BYTES * 1.5 + 1000, `${kept}`);
  assert.ok(kept > MAX_TRACK_BYTES);
});

test("the headers of further tracks are not kept with long extensions in front of each", () => {
  for (const [length, kept] of [[3, 2], [60_000, 1]] as const) {
    const size = length - 1;
    const prefix = length < 256
      ? `97 ${toHex(Uint8Array.of(size))}`
      : `97 ff ${toHex(Uint8Array.of(size >> 8, size & 255))}`;
    const extension = `${prefix} ${toHex(new Uint8Array(length))} 06`;
    const { stream, send } = publish();
    // Two tracks, each with its codec.
    send(`v${extension} 20 68766331 00 000001 a0 68766331 01 000001 a1`);
    const headers = stream.description.tracks(FrameKind.Video).map(({ header }) => header);
    assert.equal(headers.filter((header) => header !== undefined).length, kept);
  }
});

test("headers under the codec ids that are no standard are kept as well", () => {
  const { send, late } = publish();
  const opus = "adf 4f70757348656164 01 02";
  for (const id of ["c", "d"]) {
    const start = `v1${id} 00 000000 01`,
      key = `v1${id} 01 000000 f0`,
      inter = `v2${id} 01 000000 e0`;
    send(start, opus, "adf fc", key, inter);
    assert.deepEqual(late(), same(start, opus, key, inter));
  }
});

test("whatever is published, nothing is thrown, what is kept is bounded", () => {
  check(
    fc.property(fc.array(messages, { maxLength: 40 }), (sequence) => {
      const { stream, play } = publish();
      play();
      let time = 0;
      for (const { kind, payload } of sequence) {
        const before = payload.slice();
        stream.push(kind, time += 10, payload, time);
        stream.flush(time);
        assert.deepEqual(payload, before);
        for (const one of [FrameKind.Video, FrameKind.Audio]) {
          const ids = stream.description.tracks(one).map(({ id }) => id);
          assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
          assert.ok(ids.length <= MAX_TRACKS);
        }
        // Headers of several tracks come back as messages that can be read.
        for (const frame of stream.headers()) {
          const flags = frame.kind === FrameKind.Video
            ? videoFlags(frame.payload)
            : audioFlags(frame.payload);
          assert.ok((flags & (MediaFlag.SequenceHeader | MediaFlag.Presentation)) !== 0);
        }
        const [first] = stream.gop();
        if (first !== undefined) {
          assert.ok((first.flags & (FrameFlag.Key | FrameFlag.TrackKey)) !== 0);
        }
      }
    }),
    300,
  );
});
