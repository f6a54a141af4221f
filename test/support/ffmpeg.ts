/**
 * Publishes and plays with ffmpeg.
 *
 * @module
 */
import assert from "node:assert/strict";
import process from "node:process";
import { SOON_MS } from "./deadline.ts";
import { TestProcess } from "./process.ts";

/** The program; the runner says which. */
export const FFMPEG = process.env.SLUICE_TEST_FFMPEG || "ffmpeg";

/** One that speaks RTMPE; empty where there is none. */
export const FFMPEG_RTMPE = process.env.SLUICE_TEST_FFMPEG_RTMPE ?? "";

/**
 * What decodes: the newer one where there are two. It brings its libraries along, and so takes a third of
 * the time of one that loads two hundred of them; and what one version sends another one plays.
 */
const DECODER = FFMPEG_RTMPE || FFMPEG;

/** Nothing but errors on the error output, and no file overwritten by asking. */
const QUIET = ["-v", "error", "-nostdin"];

/** How to publish. */
export interface PublishOptions {
  /** Send as fast as the clip plays, not as fast as possible. */
  readonly realTime?: boolean;
  /** Send the clip again and again. */
  readonly loop?: boolean;
  /** Another ffmpeg than {@link FFMPEG}. */
  readonly program?: string;
}

/** Publishes a clip as it is, without coding it anew. */
export function publish(
  path: string,
  url: string,
  { realTime = false, loop = false, program = FFMPEG }: PublishOptions = {},
): TestProcess {
  return new TestProcess(program, [
    ...QUIET,
    ...(realTime ? ["-re"] : []),
    ...(loop ? ["-stream_loop", "-1"] : []),
    ...["-i", path, "-c", "copy", "-f", "flv", url],
  ]);
}

/** A decoded picture or piece of sound. */
export interface DecodedFrame {
  /** MD5 of the pixels or samples. */
  readonly md5: string;
  /** When it is shown or heard (ms). */
  readonly time: number;
}

/** Reads what `-f framemd5` prints. */
export function readFrameMd5(text: string): DecodedFrame[] {
  const [, number, denominator] = /^#tb 0: (\d+)\/(\d+)/m.exec(text) ?? [];
  const unit = 1000 * Number(number) / Number(denominator);
  return text.split("\n").filter((line) => /^\d+,/.test(line)).map((line) => {
    const [, , time, , , md5] = line.split(",").map((field) => field.trim());
    return { md5: md5!, time: Number(time) * unit };
  });
}

/**
 * ffmpeg that decodes one track of `source`, a file or an RTMP URL, until it ends: another one than
 * {@link FFMPEG} if there are two, unless it is named.
 */
export class Decoder extends TestProcess {
  constructor(
    source: string,
    track: "v" | "a" = "v",
    more: readonly string[] = [],
    program: string = DECODER,
  ) {
    // -fps_mode has another name in old versions: -vsync passes frames on as they come.
    const output = ["-map", `0:${track}:0`, "-vsync", "passthrough", "-f", "framemd5"];
    super(program, [...QUIET, ...more, "-i", source, ...output, "-flush_packets", "1", "-"]);
  }

  /** Resolves with the first frame that was decoded. */
  firstFrame(ms?: number): Promise<string> {
    return this.waitForLine((line) => /^\d+,/.test(line) ? line : undefined, "a decoded frame", ms);
  }

  /** All frames, once it has ended by itself and met no error. */
  async frames(ms: number = 2 * SOON_MS): Promise<DecodedFrame[]> {
    const { code, stdout, stderr } = await this.ended(ms);
    assert.equal(stderr, "", "ffmpeg decodes without an error");
    assert.equal(code, 0);
    return readFrameMd5(stdout);
  }
}

const decoded = new Map<string, Promise<DecodedFrame[]>>();

/** The frames of a file, by the same program as those they are compared with: sounds are rounded differently. */
export function framesOf(
  path: string,
  track: "v" | "a" = "v",
  program: string = DECODER,
): Promise<DecodedFrame[]> {
  const key = `${track} ${program} ${path}`;
  let frames = decoded.get(key);
  if (frames === undefined) {
    frames = new Decoder(path, track, [], program).frames();
    decoded.set(key, frames);
  }
  return frames;
}

/** Waits for the end of a publisher and fails the test if it met an error. */
export async function published(publisher: TestProcess, ms: number = 2 * SOON_MS): Promise<void> {
  const { code, stderr } = await publisher.ended(ms);
  assert.equal(stderr, "", "ffmpeg publishes without an error");
  assert.equal(code, 0);
}
