/** The media of a stream for a plugin: in order, in copies, and no more of it than may wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag, FrameKind } from "../../src/hub/mod.ts";
import { type PluginFrame, TappedFeed } from "../../src/plugin/mod.ts";

const { Key, Inter, Header } = FrameFlag;
const { Audio, Video, Data } = FrameKind;

function setUp(maxBytes = 10_000) {
  let used = 0;
  const feed = new TappedFeed(maxBytes, (bytes) => used += bytes);
  const push = (mark: number, flags: number, size = 100, kind: number = Video) =>
    feed.onFrame({ kind, timestamp: mark, payload: new Uint8Array(size).fill(mark), flags });
  return { feed, push, used: () => used };
}

/** All that waits, once the stream is over. */
async function rest(feed: TappedFeed): Promise<PluginFrame[]> {
  feed.end();
  const frames: PluginFrame[] = [];
  for await (const frame of feed) frames.push(frame);
  return frames;
}

const marks = (frames: readonly PluginFrame[]) =>
  frames.map(({ timestamp, afterGap }) => `${timestamp}${afterGap ? "!" : ""}`).join(" ");

test("frames come in order, as copies, told apart by what they are", async () => {
  const { feed, used } = setUp();
  const payload = Uint8Array.of(1, 2);
  feed.onFrame({ kind: Video, timestamp: 5, payload, flags: Header });
  payload.fill(9);
  feed.onFrame({ kind: Video, timestamp: 6, payload, flags: Key });
  feed.onFrame({ kind: Audio, timestamp: 7, payload, flags: 0 });
  feed.onFrame({ kind: Data, timestamp: 8, payload, flags: 0 });
  const frames = await rest(feed);
  assert.deepEqual(frames.map(({ kind, isKey, isHeader }) => [kind, isKey, isHeader]), [
    ["video", false, true],
    ["video", true, false],
    ["audio", false, false],
    ["data", false, false],
  ]);
  assert.deepEqual([...frames[0]!.payload], [1, 2]);
  assert.deepEqual(frames.map(({ afterGap }) => afterGap), Array(4).fill(false));
  assert.equal(used(), 0);
});

test("who is too slow is given headers and the next key frame, and told of the gap", async () => {
  const { feed, push, used } = setUp(2000);
  push(0, Header);
  push(1, Key);
  for (let mark = 2; mark < 8; mark++) push(mark, Inter);
  assert.ok(used() <= 2000, `${used()} bytes wait`);
  push(8, 0, 100, Audio);
  push(9, Key);
  push(10, Inter);
  assert.equal(marks(await rest(feed)), "0 9! 10");
  assert.ok(feed.dropped > 0);
});

test("sound without pictures goes on at once behind a gap", async () => {
  const { feed, push } = setUp(800);
  for (let mark = 0; mark < 4; mark++) push(mark, 0, 100, Audio);
  assert.equal(marks(await rest(feed)), "2! 3");
});

test("a frame longer than all that may wait is left out, and many headers are not kept", async () => {
  const { feed, push, used } = setUp(2000);
  push(1, Key, 5000);
  assert.equal(used(), 0);
  for (let mark = 2; mark < 100; mark++) push(mark, Header, 300);
  assert.ok(used() <= 2000);
  push(100, Key);
  assert.match(marks(await rest(feed)), /100!?$/);
});

test("whoever waits is woken by a frame, and by the end", async () => {
  const { feed, push } = setUp();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { timestamp } of feed) seen.push(timestamp);
  })();
  await Promise.resolve();
  push(1, Key);
  await Promise.resolve();
  push(2, Inter);
  feed.end();
  await reading;
  assert.deepEqual(seen, [1, 2]);
});

test("who leaves the loop is given nothing more, and its memory is given back", async () => {
  const { feed, push, used } = setUp();
  let closed = 0;
  feed.opened(() => closed++);
  push(1, Key);
  push(2, Inter);
  for await (const _ of feed) break;
  push(3, Key);
  feed.close();
  assert.deepEqual([used(), closed], [0, 1]);
});

test("a queue of tens of thousands is read through in order", async () => {
  const { feed, push, used } = setUp(8 * 1024 * 1024);
  for (let mark = 0; mark < 30_000; mark++) push(mark, 0, 1, Audio);
  assert.ok(used() > 30_000 * 256);
  const frames = await rest(feed);
  assert.ok(frames.every(({ timestamp }, index) => timestamp === index));
  assert.deepEqual([frames.length, used()], [30_000, 0]);
});

test("what was read already is neither counted as dropped nor given again", async () => {
  const { feed, push } = setUp(2000);
  push(0, Header);
  push(1, Key);
  const frames = feed[Symbol.asyncIterator]();
  assert.deepEqual([(await frames.next()).value.timestamp, (await frames.next()).value.timestamp], [
    0,
    1,
  ]);
  for (let mark = 2; feed.dropped === 0; mark++) push(mark, Inter);
  const dropped = feed.dropped;
  assert.ok(dropped < 20, `${dropped} frames`);
  push(100, Key);
  assert.equal((await frames.next()).value.timestamp, 100);
  assert.equal(feed.dropped, dropped);
});

test("a feed that failed is closed, and gives its memory back", () => {
  const { feed, push, used } = setUp();
  let closed = 0;
  feed.opened(() => closed++);
  push(1, Key);
  assert.ok(used() > 0);
  feed.onFault();
  assert.deepEqual([used(), closed], [0, 1]);
});
