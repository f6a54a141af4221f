import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameFlag, FrameKind, type MediaFrame } from "../../src/hub/frame.ts";
import { GopCache } from "../../src/hub/gop_cache.ts";
import { MediaMemory } from "../../src/hub/media_memory.ts";
import { check } from "../support/property.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const SMALL_GOP_SHARE = 1 / 4;

const LIMITS = { bytes: 1024 * 1024, frames: 100, ms: 10_000 };

function video(length: number, timestamp: number, key = false): MediaFrame {
  const payload = Uint8Array.from({ length }, (_, index) => (index * 7 + timestamp) & 0xff);
  return {
    kind: FrameKind.Video,
    timestamp,
    payload,
    flags: key ? FrameFlag.Key : FrameFlag.Inter,
  };
}

function contents(cache: GopCache): MediaFrame[] {
  return [...cache.frames()].map((frame) => ({ ...frame, payload: frame.payload.slice() }));
}

test("what was added is read back, whatever the sizes, GOP after GOP", () => {
  const size = fc.oneof(
    fc.nat(100),
    fc.integer({ min: 32_700, max: 32_800 }),
    fc.integer({ min: 60_000, max: 140_000 }),
  );
  const gops = fc.array(fc.array(size, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 5,
  });
  check(
    fc.property(gops, (gops) => {
      const cache = new GopCache(LIMITS);
      for (const sizes of gops) {
        const frames = sizes.map((length, index) => video(length, index, index === 0));
        for (const frame of frames) assert.equal(cache.add(frame, 0), true);
        assert.deepEqual(contents(cache), frames);
        assert.equal(cache.bytes, sizes.reduce((sum, length) => sum + length, 0));
        assert.equal(cache.timestamp, 0);
      }
    }),
    40,
  );
});

test("it begins with a key frame, and each bound empties it until the next one", () => {
  const cache = new GopCache({ bytes: 1000, frames: 4, ms: 100 });
  assert.equal(cache.add(video(10, 0), 0), false);
  const overflows = [
    () => cache.add(video(901, 1), 0),
    () => [1, 2, 3, 4].map((time) => cache.add(video(1, time), 0)).at(-1),
    () => [cache.add(video(160, 1), 100), cache.add(video(1, 1), 101)].at(-1),
  ];
  for (const overflow of overflows) {
    assert.equal(cache.add(video(100, 0, true), 0), true);
    assert.equal(overflow(), false);
    assert.equal(cache.bytes, 0);
    assert.equal(cache.timestamp, undefined);
    assert.deepEqual(contents(cache), []);
    assert.equal(cache.add(video(1, 2), 0), false);
  }
});

test("a GOP of few bytes is kept however long it lasts, unless there is no time at all", () => {
  const cache = new GopCache({ bytes: 1000, frames: 100, ms: 100 });
  assert.equal(cache.add(video(100, 0, true), 0), true);
  assert.equal(cache.add(video(1000 * SMALL_GOP_SHARE - 100, 1), 1e9), true);
  assert.equal(cache.timestamp, 0);
  assert.equal(cache.add(video(1, 2), 1e9), false, "then it is a large one");
  const none = new GopCache({ bytes: 1000, frames: 100, ms: 0 });
  none.add(video(10, 0, true), 0);
  assert.equal(none.add(video(10, 1), 0), false);
  assert.equal(none.bytes, 0);
});

test("what it holds is whole pages and what is known of each frame, and all goes when it is closed", () => {
  const memory = new MediaMemory();
  const cache = new GopCache({ bytes: 1e6, frames: 100, ms: 1e6 }, memory);
  assert.equal(cache.heldBytes, 0);
  cache.add(video(100, 0, true), 0);
  assert.equal(cache.heldBytes, 32 * 1024 + 48);
  cache.add(video(32 * 1024 - 100, 1), 0);
  assert.equal(cache.heldBytes, 32 * 1024 + 96, "a page to its last byte");
  cache.add(video(1, 2), 0);
  assert.equal(cache.heldBytes, 64 * 1024 + 144);
  assert.equal(memory.used, cache.heldBytes + 2 * 256);
  cache.close();
  assert.deepEqual([cache.heldBytes, memory.used], [0, memory.spare]);
});

test("of the pages of a GOP the next one has what it needs and one more", () => {
  const cache = new GopCache({ bytes: 1e6, frames: 100, ms: 1e6 });
  const page = 32 * 1024;
  const pages = () => Math.floor(cache.heldBytes / page);
  cache.add(video(5 * page, 0, true), 0);
  cache.add(video(page, 1, true), 0);
  assert.equal(pages(), 5, "the one before needed them");
  cache.add(video(page, 2, true), 0);
  assert.equal(pages(), 2);
});

test("a GOP as large as its bounds is kept, and one more of anything is too much", () => {
  const filled = (limits: { bytes: number; frames: number; ms: number }) => {
    const cache = new GopCache(limits);
    cache.add(video(500, 0, true), 1000);
    return [cache.add(video(500, 1), 1100), cache.timestamp];
  };
  const bounds = { bytes: 1000, frames: 2, ms: 100 };
  assert.deepEqual(filled(bounds), [true, 0]);
  assert.deepEqual(filled({ ...bounds, bytes: 999 }), [false, undefined]);
  assert.deepEqual(filled({ ...bounds, frames: 1 }), [false, undefined]);
  assert.deepEqual(filled({ ...bounds, ms: 99 }), [false, undefined]);
});

test("a frame that lies in several pages is read back whole", () => {
  const cache = new GopCache(LIMITS);
  const frames = [video(100_000, 0, true), video(200_000, 1), video(300_000, 2)];
  for (const frame of frames) assert.equal(cache.add(frame, 0), true);
  assert.deepEqual(contents(cache), frames);
});

test("how many pages are kept is a matter of the last byte", () => {
  const page = 32 * 1024;
  const memory = new MediaMemory();
  for (const [bytes, kept] of [[page, 2], [page + 1, 3], [1, 2], [2 * page, 3]] as const) {
    const cache = new GopCache({ bytes: 1e6, frames: 100, ms: 1e6 }, memory);
    cache.add(video(6 * page, 0, true), 0);
    cache.add(video(bytes, 1, true), 0);
    cache.clear();
    assert.equal(Math.floor(cache.heldBytes / page), kept, `${bytes}`);
    cache.clear();
    assert.equal(Math.floor(cache.heldBytes / page), 1, "of none, one");
  }
});
