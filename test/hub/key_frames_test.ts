/** Key frames that are flagged as inter frames, and publishers that send none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FrameFlag,
  type KeyFrameFault,
  type Publisher,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { VIDEO_HEADER } from "../support/media.ts";
import { SETTINGS } from "../support/rtmp_service.ts";

const PATH = { app: "live", name: "test" };
const INFO = { sessionId: "s", address: "192.0.2.1:1", client: "test", since: 0 };
const VIDEO = 9;

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const sized = (...unit: number[]) => [0, 0, 0, unit.length, ...unit];

function setUp() {
  const registry = new StreamRegistry(SETTINGS);
  const faults: [KeyFrameFault, string, number][] = [];
  const publisher = registry.publish(PATH, INFO, {
    onRevoked: () => {},
    onKeyFrameFault: (...fault) => faults.push(fault),
  }, 0) as Publisher;
  const { stream } = publisher;
  const send = (now: number, ...bytes: number[]) =>
    publisher.push(VIDEO, now, Uint8Array.from(bytes), now);
  /** Flags of what is cached. */
  const flags = () => [...stream.gop()].map((frame) => frame.flags & ~FrameFlag.Multitrack);
  return { publisher, stream, faults, send, flags };
}

const IDR = sized(0x65, 1, 2);
const P = sized(0x41, 1, 2);
const AV1_KEY = [0x32, 2, 0x10, 0];
const AV1_INTER = [0x32, 2, 0x30, 0];

const FORMS: [what: string, header: number[], key: number[], inter: number[]][] = [
  ["AVC", [...VIDEO_HEADER], [0x27, 1, 0, 0, 0, ...IDR], [0x27, 1, 0, 0, 0, ...P]],
  ["AVC without a header", [], [0x27, 1, 0, 0, 0, ...IDR], [0x27, 1, 0, 0, 0, ...P]],
  ["AVC that is disposable", [...VIDEO_HEADER], [0x37, 1, 0, 0, 0, ...IDR], [
    ...[0x27, 1, 0, 0, 0, ...P],
  ]],
  [
    "AVC with a FourCC",
    [0x90, ...ascii("avc1"), ...VIDEO_HEADER.slice(5)],
    [0xa1, ...ascii("avc1"), 0, 0, 0, ...IDR],
    [0xa1, ...ascii("avc1"), 0, 0, 0, ...P],
  ],
  [
    "HEVC without composition time",
    [0x90, ...ascii("hvc1"), 1, ...Array(20).fill(0), 3, 0],
    [0xa3, ...ascii("hvc1"), ...sized(19 << 1, 1, 1)],
    [0xa3, ...ascii("hvc1"), ...sized(1 << 1, 1, 1)],
  ],
  [
    "HEVC under its id",
    [0x1c, 0, 0, 0, 0, 1, ...Array(20).fill(0), 3, 0],
    [0x2c, 1, 0, 0, 0, ...sized(19 << 1, 1, 1)],
    [0x2c, 1, 0, 0, 0, ...sized(1 << 1, 1, 1)],
  ],
  [
    "AV1",
    [0x90, ...ascii("av01"), 0x81, 0, 0, 0],
    [0xa1, ...ascii("av01"), ...AV1_KEY],
    [0xa1, ...ascii("av01"), ...AV1_INTER],
  ],
  [
    "AV1 under its id",
    [0x1d, 0, 0, 0, 0, 0x81, 0, 0, 0],
    [0x2d, 1, 0, 0, 0, ...AV1_KEY],
    [0x2d, 1, 0, 0, 0, ...AV1_INTER],
  ],
  [
    "VP8",
    [0x90, ...ascii("vp08"), 1, 0, 0, 0],
    [0xa1, ...ascii("vp08"), 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0],
    [0xa1, ...ascii("vp08"), 0x11, 0, 0, 1, 2, 3, 4, 5, 6, 7],
  ],
  [
    "VP9",
    [0x90, ...ascii("vp09"), 1, 0, 0, 0],
    [0xa1, ...ascii("vp09"), 0x82, 0x49, 0x83, 0x42, 0],
    [0xa1, ...ascii("vp09"), 0x86, 0x49, 0x83, 0x42, 0],
  ],
  [
    "AVC behind an extension",
    [0x90, ...ascii("avc1"), ...VIDEO_HEADER.slice(5)],
    [0xa7, 2, 0, 1, 2, 0x01, ...ascii("avc1"), 0, 0, 0, ...IDR],
    [0xa7, 2, 0, 1, 2, 0x01, ...ascii("avc1"), 0, 0, 0, ...P],
  ],
  [
    "a track of AVC",
    [0x96, 0x00, ...ascii("avc1"), 0, ...VIDEO_HEADER.slice(5)],
    [0xa6, 0x01, ...ascii("avc1"), 0, 0, 0, 0, ...IDR],
    [0xa6, 0x01, ...ascii("avc1"), 0, 0, 0, 0, ...P],
  ],
  [
    "several tracks of AVC",
    [0x96, 0x10, ...ascii("avc1"), 0, 0, 0, 4, 1, 2, 3, 0xff, 1, 0, 0, 4, 1, 2, 3, 0xff],
    [0xa6, 0x11, ...ascii("avc1"), 1, 0, 0, 10, 0, 0, 0, ...P, 0, 0, 0, 10, 0, 0, 0, ...IDR],
    [0xa6, 0x11, ...ascii("avc1"), 1, 0, 0, 10, 0, 0, 0, ...P, 0, 0, 0, 10, 0, 0, 0, ...P],
  ],
];

for (const [what, header, key, inter] of FORMS) {
  test(`key frames that are flagged as inter frames are found: ${what}`, () => {
    const { stream, send, flags, faults } = setUp();
    if (header.length > 0) send(0, ...header);
    send(0, ...inter);
    assert.deepEqual(flags(), []);
    assert.equal(stream.framesBeforeKey, 1);
    send(40, ...key);
    send(80, ...inter);
    assert.deepEqual(flags(), [FrameFlag.Key, FrameFlag.Inter]);
    assert.equal(stream.keys.at, 40);
    // What flags lie of one key frame they lie of others.
    send(120, ...key);
    assert.deepEqual(flags(), [FrameFlag.Key]);
    assert.deepEqual(faults.map(([fault]) => fault), ["flagged-inter"], "said once");
    assert.equal(faults[0]![2], 1);
  });
}

const IDR_FLAGGED_KEY = [0x17, 1, 0, 0, 0, ...IDR];
const IDR_FLAGGED_INTER = [0x27, 1, 0, 0, 0, ...IDR];
const INTER = [0x27, 1, 0, 0, 0, ...P];

test("flags are believed as long as there are key frames that say so", () => {
  const { send, flags, faults } = setUp();
  send(0, ...VIDEO_HEADER);
  send(0, ...IDR_FLAGGED_KEY);
  send(4999, ...IDR_FLAGGED_INTER);
  assert.deepEqual(flags(), [FrameFlag.Key, FrameFlag.Inter]);
  assert.deepEqual(faults, []);
  send(5000, ...IDR_FLAGGED_INTER);
  assert.deepEqual(flags(), [FrameFlag.Key]);
  assert.deepEqual(faults, [["flagged-inter", "avc", 0]]);
});

test("a key frame of another track is found by itself", () => {
  const { send, flags } = setUp();
  send(0, ...IDR_FLAGGED_KEY);
  send(0, 0xa6, 0x01, ...ascii("avc1"), 1, 0, 0, 0, ...P);
  send(0, 0xa6, 0x01, ...ascii("avc1"), 1, 0, 0, 0, ...IDR);
  assert.deepEqual(flags(), [FrameFlag.Key, FrameFlag.Inter, FrameFlag.TrackKey]);
});

test("a publisher without key frames is named once: after some seconds, or many pictures", () => {
  for (const [count, step] of [[6, 1000], [250, 1]] as const) {
    const { send, faults, stream } = setUp();
    for (let picture = 0; picture < count; picture++) {
      assert.deepEqual(faults, []);
      send(picture * step, ...INTER);
    }
    assert.deepEqual(faults, [["missing", "avc", count]]);
    send(1e6, ...INTER);
    assert.equal(faults.length, 1);
    assert.equal(stream.framesBeforeKey, count + 1);
  }
});

test("a publisher that goes before that is named when it goes", () => {
  const { send, faults, publisher } = setUp();
  send(0, ...VIDEO_HEADER);
  send(0, ...INTER);
  publisher.end(100);
  assert.deepEqual(faults, [["missing", "avc", 1]]);
});

test("a publisher that begins with some inter frames is not named", () => {
  const { send, faults, publisher, stream } = setUp();
  for (let time = 0; time < 4000; time += 40) send(time, ...INTER);
  send(4000, ...IDR_FLAGGED_KEY);
  send(4040, ...INTER);
  publisher.end(4100);
  assert.deepEqual(faults, []);
  assert.equal(stream.framesBeforeKey, 100);
});

test("bytes of any kind are looked at without harm", () => {
  const { send, stream } = setUp();
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second += 5) {
      send(0, first, second, ...ascii("avc1"), 255, 255, 255, 255);
    }
  }
  assert.ok(stream.stats.videoFrames > 0);
});

test("sound that goes on does not make a key frame overdue, pictures do", () => {
  const { publisher, stream, send } = setUp();
  send(0, ...VIDEO_HEADER);
  send(0, ...IDR_FLAGGED_KEY);
  publisher.push(8, 30_000, Uint8Array.of(0x2f, 1, 2, 3), 30_000);
  assert.equal(stream.keys.isOverdue, false);
  send(30_000, ...INTER);
  assert.equal(stream.keys.isOverdue, true);
});

test("what was found of one publisher's key frames is not said of the next one", () => {
  const registry = new StreamRegistry({ ...SETTINGS, publishPolicy: "replace" });
  const faults: string[] = [];
  const publish = (name: string) =>
    registry.publish(PATH, INFO, {
      onRevoked: () => {},
      onKeyFrameFault: (fault) => faults.push(`${name} ${fault}`),
    }, 0) as Publisher;
  const send = (publisher: Publisher, now: number, bytes: number[]) =>
    publisher.push(VIDEO, now, Uint8Array.from(bytes), now);
  const lying = publish("lying");
  send(lying, 0, IDR_FLAGGED_INTER);
  const honest = publish("honest");
  send(honest, 0, IDR_FLAGGED_KEY);
  send(honest, 40, INTER);
  assert.deepEqual(faults, ["lying flagged-inter"]);
});

test("the codec of a publisher without key frames is told also where it sent no header", () => {
  const { publisher, faults, send } = setUp();
  send(0, ...INTER);
  publisher.end(10);
  assert.deepEqual(faults, [["missing", "avc", 1]]);
});
