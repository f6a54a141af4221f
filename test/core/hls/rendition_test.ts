/** Samples as the parts and segments of one playlist, at each bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HlsRendition,
  MediaWindow,
  type PartPlan,
  type SegmentPlan,
  type TrackSamples,
} from "../../../src/core/hls/mod.ts";
import type { SampleTrack } from "../../../src/core/samples/mod.ts";
import { AAC_LC, AVC } from "../samples/formats.ts";

const SECOND = 90_000;
/** 25 pictures a second. */
const FRAME = 3600;

const VIDEO: SampleTrack = { id: 1, trackId: 0, format: AVC };
/** Sound whose ticks are those of pictures. */
const AUDIO: SampleTrack = { id: 2, trackId: 0, format: { ...AAC_LC, timescale: SECOND } };

interface SetUp {
  readonly parts?: PartPlan;
  readonly segments?: SegmentPlan;
  readonly bytes?: number;
  readonly cuts?: boolean;
  readonly lead?: number;
}

/** A part as text: what came of each track, and whether it begins a segment. */
interface Made {
  readonly tracks: readonly TrackSamples[];
  readonly first: boolean;
}

function setUp(
  {
    parts = { frames: 5, target: 18_900 },
    segments = { wish: 2 * SECOND, target: 3 * SECOND },
    bytes = 1e9,
    cuts = true,
    lead = 1,
  }: SetUp = {},
) {
  const limits = {
    ...{ targetDuration: segments.target, partTarget: parts.target },
    ...{ listed: 1e9, bytes, segments: 100 },
  };
  const window = new MediaWindow<Made>(
    limits,
    ({ tracks }) =>
      tracks.flatMap(({ samples }) => samples).reduce((sum, { data }) => sum + data.length, 0),
    7,
  );
  const rendition = new HlsRendition<Made>({
    ...{ window, parts, segments, lead, cuts },
    encoder: {
      encode: (tracks, first) => ({ tracks: tracks.map((one) => ({ ...one })), first }),
    },
    names: {
      segment: (msn) => `s${msn}`,
      part: (index) => `p${index}`,
      programTime: (ticks) => `at ${ticks}`,
    },
  });
  const told: string[] = [];
  rendition.onPart = () => void told.push("part");
  rendition.onCut = (time) => void told.push(`cut ${time}`);
  const push = (track: SampleTrack, dts: number, duration: number, key: boolean, size = 10) =>
    rendition.push(track, { dts, duration, composition: 0, key, data: new Uint8Array(size) });
  let count = 0;
  /** Pictures, each `FRAME` behind the one before it. */
  const pictures = (number: number, key: (index: number) => boolean = () => false, size = 10) => {
    for (let index = 0; index < number; index++) {
      push(VIDEO, count * FRAME, FRAME, key(index), size);
      count++;
    }
  };
  const segmentsOf = () => window.segments.map(({ duration }) => duration);
  return { rendition, window, told, push, pictures, segmentsOf };
}

const first = (index: number) => index === 0;
const samplesOf = ({ tracks }: Made) =>
  tracks.map(({ track, samples }) => `${track.id}:${samples.length}`).join(" ");

test("a part holds so many frames, and the first of a segment is told from others", () => {
  const { rendition, window, told, pictures } = setUp();
  assert.equal(rendition.nextPart, "p0");
  pictures(4, first);
  assert.deepEqual([window.open, told], [undefined, []]);
  pictures(1);
  assert.deepEqual([rendition.nextPart, told], ["p1", ["part"]]);
  pictures(5);
  const { parts, ...open } = window.open!;
  assert.deepEqual(
    parts.map(({ uri, duration, independent, body }) => [uri, duration, independent, body.first]),
    [["p0", 18_000, true, true], ["p1", 18_000, false, false]],
  );
  assert.deepEqual(open, {
    ...{ msn: 7, uri: "s7", duration: 36_000, discontinuity: false, map: undefined },
    ...{ programTime: "at 0", independent: true },
  });
});

test("a part ends early where the next frame would make it longer than its target", () => {
  const { window, push } = setUp();
  push(VIDEO, 0, 9000, true);
  push(VIDEO, 9000, 9900, false);
  const open = () => window.open?.parts.map(({ duration }) => duration);
  assert.equal(open(), undefined, "18,900 ticks are as much as may be");
  push(VIDEO, 18_900, 1, false);
  assert.deepEqual(open(), [18_900]);
});

test("a segment ends before the key frame that comes when it is long enough, with one word of both", () => {
  const { told, pictures, segmentsOf, window } = setUp();
  pictures(47, (index) => index === 0 || index === 46);
  assert.deepEqual(segmentsOf(), [], "1.84 s are too short");
  pictures(3);
  told.length = 0;
  pictures(1, first);
  assert.deepEqual([segmentsOf(), told], [[2 * SECOND], ["cut 180000"]]);
  assert.equal(window.kept[0]!.parts.length, 10);
  pictures(4);
  assert.deepEqual([window.open!.uri, window.open!.programTime], ["s8", "at 180000"]);
});

test("a segment without a key frame at its beginning ends at the next one", () => {
  const { pictures, segmentsOf } = setUp();
  pictures(10);
  pictures(1, first);
  assert.deepEqual(segmentsOf(), [36_000]);
});

test("a segment ends where it would become too long, key frame or not", () => {
  const { pictures, segmentsOf } = setUp();
  pictures(87, first);
  assert.deepEqual(segmentsOf(), []);
  pictures(1);
  assert.deepEqual(segmentsOf(), [87 * FRAME], "88 pictures are 3.52 s");
});

test("a picture that lasts longer than a part may is taken for a usual one in front of a gap", () => {
  const { rendition, window, told, push, pictures } = setUp();
  pictures(2, first);
  push(VIDEO, 2 * FRAME, 18_901, false);
  const [segment] = window.kept;
  assert.deepEqual([segment!.duration, told], [2 * FRAME + 3780, [`cut ${2 * FRAME + 3780}`]]);
  assert.equal(segment!.parts[0]!.body.tracks[0]!.samples[2]!.duration, 3780);
  for (let index = 0; index < 5; index++) push(VIDEO, SECOND + index * FRAME, FRAME, index === 0);
  assert.deepEqual([window.open!.discontinuity, window.open!.programTime], [true, "at 90000"]);
  rendition.finish();
  push(VIDEO, 3 * SECOND, 18_900, true);
  rendition.finish();
  assert.equal(window.kept.at(-1)!.duration, 18_900, "and no longer is no gap");
  assert.deepEqual(window.kept.map(({ discontinuity }) => discontinuity), [false, true, false]);
});

test("what breaks off before anything has begun breaks nothing, and maps hold from the next segment on", () => {
  const { rendition, window, pictures } = setUp();
  rendition.break();
  rendition.setMap("m0");
  pictures(5, first);
  rendition.setMap("m1");
  pictures(5);
  rendition.break();
  pictures(5, first);
  rendition.finish();
  assert.deepEqual(window.kept.map(({ discontinuity, map }) => [discontinuity, map]), [
    [false, "m0"],
    [true, "m1"],
  ]);
  rendition.finish();
  assert.equal(window.kept.length, 2, "there is nothing more to be made of");
});

test("sound goes along with the pictures that it comes between", () => {
  const { window, push, pictures } = setUp();
  push(AUDIO, 0, 2000, true);
  pictures(4, first);
  push(AUDIO, 2000, 2000, true);
  pictures(6);
  push(AUDIO, 4000, 2000, true);
  assert.deepEqual(window.open!.parts.map(({ body }) => samplesOf(body)), ["2:2 1:5", "1:5"]);
});

test("without pictures for more than two seconds sound leads, from what has waited on, until they are back", () => {
  const { window, push, pictures } = setUp();
  pictures(5, first);
  const sound = (from: number, to: number) => {
    for (let at = from; at < to; at += 3000) push(AUDIO, at, 3000, true);
  };
  sound(18_000, 18_000 + 2 * SECOND);
  assert.equal(window.kept.length, 0);
  sound(18_000 + 2 * SECOND, 18_000 + 2 * SECOND + 3000);
  assert.deepEqual(window.kept.map(({ duration }) => duration), [18_000, 1.9 * SECOND]);
  const [, heard] = window.kept;
  assert.equal(heard!.discontinuity, true);
  // Six frames are what fits into a part, with their slack.
  const parts = (index: number) => window.kept[index]!.parts.map(({ body }) => samplesOf(body));
  assert.deepEqual(parts(1), [...Array(9).fill("2:6"), "2:3"]);
  const end = 18_000 + 2 * SECOND + 3000;
  push(VIDEO, end - SECOND / 2 - 1, FRAME, true);
  assert.equal(window.kept.length, 2, "it is too old to go on with");
  push(VIDEO, end - SECOND / 2, FRAME, true);
  assert.deepEqual([window.kept.length, parts(2)], [3, ["2:4"]]);
  for (let index = 1; index < 5; index++) push(VIDEO, end + index * FRAME, FRAME, false);
  const { parts: [seen], discontinuity } = window.open!;
  assert.deepEqual([samplesOf(seen!.body), discontinuity], ["1:5", true]);
});

test("a playlist that is told where its segments end does so, now or when it has come so far", () => {
  const { rendition, push, segmentsOf } = setUp({ cuts: false, lead: 2 });
  const sound = (from: number, number: number) => {
    for (let index = 0; index < number; index++) push(AUDIO, from + index * 3000, 3000, true);
  };
  sound(0, 10);
  assert.deepEqual(segmentsOf(), [], "keys are nothing to it");
  rendition.cutAt(30_000);
  assert.deepEqual(segmentsOf(), [30_000]);
  rendition.cutAt(40_000);
  sound(30_000, 4);
  assert.deepEqual(segmentsOf(), [30_000]);
  sound(42_000, 1);
  assert.deepEqual(segmentsOf(), [30_000, 12_000]);
  rendition.cutAt(60_000);
  rendition.break();
  sound(60_000, 5);
  rendition.finish();
  assert.equal(segmentsOf().at(-1), 15_000, "what was told is over with a break");
});

test("a segment has four times as many parts as fit, and then ends, however little time they take", () => {
  const { window, push } = setUp({ parts: { frames: 1, target: SECOND } });
  for (let index = 0; index < 12; index++) push(VIDEO, index, 1, index === 0);
  assert.deepEqual([window.kept.length, window.open!.parts.length], [0, 12]);
  push(VIDEO, 12, 1, false);
  assert.deepEqual([window.kept.length, window.open!.parts.length], [1, 1]);
});

test("a segment ends where it has more than half of the bytes, and a part where as many wait", () => {
  const { window, pictures } = setUp({ bytes: 200 });
  pictures(10, first, 10);
  assert.deepEqual([window.kept.length, window.open!.parts.length], [0, 2]);
  pictures(1, () => false, 1);
  assert.equal(window.kept.length, 0, "half of the bytes are not more than half");
  pictures(4, () => false, 1);
  assert.deepEqual([window.kept.length, window.open!.parts.length], [0, 3]);
  pictures(1, () => false, 1);
  assert.equal(window.kept.length, 1);
  const large = setUp({ bytes: 200 });
  large.pictures(1, first, 100);
  assert.equal(large.window.open, undefined);
  large.pictures(1, () => false, 1);
  assert.deepEqual(large.window.open!.parts.map(({ duration }) => duration), [2 * FRAME]);
});

test("another track leads when that is said, in parts of its own", () => {
  const { rendition, window, push, pictures } = setUp();
  pictures(5, first);
  rendition.break();
  rendition.follow(2, { frames: 2, target: 6300 });
  push(AUDIO, 18_000, 3000, true);
  push(AUDIO, 21_000, 3000, true);
  push(AUDIO, 24_000, 6301, true);
  assert.deepEqual(window.kept.map(({ duration }) => duration), [18_000, 6000 + 3150]);
});

test("a sample ahead of a gap lasts as long as usual, in whole ticks of its own", () => {
  const lasts = (frames: number, timescale: number) => {
    const { rendition, window } = setUp({ parts: { frames, target: 10_000 } });
    const format = { ...AVC, timescale };
    const track = { ...VIDEO, format };
    rendition.push(track, {
      ...{ dts: 0, duration: timescale, composition: 0, key: true },
      data: new Uint8Array(1),
    });
    rendition.finish();
    return window.kept[0]!.parts[0]!.body.tracks[0]!.samples[0]!.duration;
  };
  assert.equal(lasts(3, 90_000), 3333);
  assert.equal(lasts(6, 90_000), 1667, "rounded");
  assert.equal(lasts(6, 1000), 19);
});
