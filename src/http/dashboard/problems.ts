/**
 * What is wrong with a stream, in words.
 *
 * @module
 */
import type { StreamView } from "../view.ts";
import { type Recent, SAMPLE_MS } from "./history.ts";

/** Something that whoever runs the stream should know. */
export interface Problem {
  /** Stable name, for programs. */
  readonly code:
    | "no-publisher"
    | "no-media"
    | "no-video"
    | "no-audio"
    | "no-key-frame"
    | "long-gop"
    | "audio-behind"
    | "audio-ahead"
    | "bitrate-fell"
    | "frame-rate-low"
    | "frames-dropped";
  /** Whether viewers see or hear it now. */
  readonly serious: boolean;
  /** For people; may change. */
  readonly text: string;
}

/** Silence of a publisher, or of one kind of its media, that is told (ms). */
const SILENT_MS = 3000;
/** Pictures without a key frame for so long are told (ms): the longest usual distance is 17 s. */
const NO_KEY_MS = 20_000;
/** A distance of key frames that makes players start late (ms). */
const LONG_GOP_MS = 5000;
/** How far apart sound and pictures may be (ms): more is told, as people notice a tenth of that. */
const APART_MS = 500;
/** Samples that are "now", and those before them that they are compared with. */
const NOW = 3;
const BEFORE = 30;
/** Fewest samples before that say anything. */
const LEAST_BEFORE = 10;
/** What is left of the bitrate when it "fell by half". */
const HALF = 0.55;
/** Bitrates below this rise and fall with what is shown (bits per second). */
const LOW_BITRATE = 200_000;
/** The part of the announced frame rate that has to come. */
const ENOUGH_FRAMES = 0.8;
/** Samples of the last minute. */
const MINUTE = 60_000 / SAMPLE_MS;

/** All that is wrong with a stream, the worst first. `recent` is what it measured until now. */
export function problemsOf(stream: StreamView, recent: Recent): Problem[] {
  const { standIn } = stream;
  if (stream.publisher === null) {
    const meanwhile = standIn === undefined
      ? "players wait for it to come back"
      : `${standIn} is shown in its place`;
    return [problem("no-publisher", true, `its publisher is gone; ${meanwhile}`)];
  }
  if (standIn !== undefined) {
    const text = `${standIn} is shown until a key frame of its publisher comes`;
    return [problem("no-key-frame", false, text)];
  }
  const { videoAgeMs, audioAgeMs } = stream;
  const ages = [videoAgeMs, audioAgeMs].filter((age) => age !== null);
  const silentMs = ages.length === 0 ? stream.uptimeMs : Math.min(...ages);
  if (silentMs >= SILENT_MS) {
    const what = ages.length === 0 ? "nothing has come yet" : "nothing has come";
    return [problem("no-media", true, `${what} from its publisher for ${seconds(silentMs)}`)];
  }
  const found: Problem[] = [];
  if (videoAgeMs !== null && videoAgeMs >= SILENT_MS) {
    found.push(problem("no-video", true, `no picture for ${seconds(videoAgeMs)}, only sound`));
  }
  if (audioAgeMs !== null && audioAgeMs >= SILENT_MS) {
    found.push(problem("no-audio", true, `no sound for ${seconds(audioAgeMs)}, only pictures`));
  }
  if (found.length === 0) found.push(...keyFrames(stream), ...apart(stream));
  found.push(...bitrate(recent), ...frameRate(stream, recent), ...drops(recent));
  return found.sort((one, other) => Number(other.serious) - Number(one.serious));
}

function problem(code: Problem["code"], serious: boolean, text: string): Problem {
  return { code, serious, text };
}

function* keyFrames(stream: StreamView): Iterable<Problem> {
  const { keyFrameAgeMs, gopMs, droppedBeforeKeyFrame, uptimeMs } = stream;
  if (keyFrameAgeMs === null) {
    if (droppedBeforeKeyFrame === 0 || uptimeMs < SILENT_MS) return;
    yield problem("no-key-frame", true, `no key frame yet: players have sound at the most`);
  } else if (stream.video !== null && keyFrameAgeMs >= NO_KEY_MS) {
    const text = `no key frame for ${seconds(keyFrameAgeMs)}: new players see nothing`;
    yield problem("no-key-frame", true, text);
  } else if (gopMs !== null && gopMs > LONG_GOP_MS) {
    const text = `a key frame every ${seconds(gopMs)} only: HLS and skips are late; 2 s is usual`;
    yield problem("long-gop", false, text);
  }
}

function* apart({ audioOffsetMs }: StreamView): Iterable<Problem> {
  if (audioOffsetMs === null) return;
  if (audioOffsetMs <= -APART_MS) {
    yield problem("audio-behind", true, `audio ${seconds(-audioOffsetMs)} behind video`);
  } else if (audioOffsetMs >= APART_MS) {
    yield problem("audio-ahead", true, `audio ${seconds(audioOffsetMs)} ahead of video`);
  }
}

function* bitrate({ video, audio }: Recent): Iterable<Problem> {
  const all = video.map((bits, index) => bits + audio[index]!);
  const now = average(all.slice(-NOW));
  const earlier = all.slice(-NOW - BEFORE, -NOW).filter((bits) => bits > 0);
  if (earlier.length < LEAST_BEFORE) return;
  const before = median(earlier);
  if (before < LOW_BITRATE || now > before * HALF) return;
  yield problem("bitrate-fell", false, `bitrate fell by half: ${bits(now)} after ${bits(before)}`);
}

function* frameRate({ video }: StreamView, recent: Recent): Iterable<Problem> {
  const announced = video?.frameRate ?? 0;
  const last = recent.frameRate.slice(-NOW);
  if (last.length < NOW || announced <= 0) return;
  const now = average(last);
  if (now === 0 || now >= announced * ENOUGH_FRAMES) return;
  const text = `${Math.round(now * 10) / 10} pictures a second instead of ${announced}`;
  yield problem("frame-rate-low", false, text);
}

function* drops({ dropped }: Recent): Iterable<Problem> {
  const last = dropped.slice(-MINUTE);
  const lost = (last.at(-1) ?? 0) - (last[0] ?? 0);
  if (lost <= 0) return;
  const frames = lost === 1 ? "1 frame" : `${lost} frames`;
  yield problem("frames-dropped", false, `slow viewers lost ${frames} in the last minute`);
}

/** `12 s`, `2.5 s`. */
function seconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 1000)} s`;
}

/** `2.5 Mbit/s`, `300 kbit/s`. */
function bits(perSecond: number): string {
  return perSecond >= 1e6
    ? `${(perSecond / 1e6).toFixed(1)} Mbit/s`
    : `${Math.round(perSecond / 1000)} kbit/s`;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}
