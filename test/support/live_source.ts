/**
 * Live sources for players in browsers: what ffmpeg codes at this moment, with a clock in the picture, and
 * what it coded before, sent again and again.
 *
 * @module
 */
import { connect } from "../../src/client/mod.ts";
import { enhancedMedia } from "./enhanced.ts";
import { FFMPEG } from "./ffmpeg.ts";
import { TestProcess } from "./process.ts";
import type { TestServer } from "./server.ts";

/** Bits of the clock in the picture, the lowest at the left; the rows at the bottom that show it. */
export const CLOCK_BITS = 24;
export const CLOCK_ROWS = 16;

/** What is published. */
export interface LiveOptions {
  /** Pixels; the height has the rows of the clock in it. */
  readonly size?: readonly [width: number, height: number];
  /** Frames a second: each is decoded and painted by the processor. */
  readonly rate?: number;
  /** Frames from one key frame to the next; those of a second, if left out. */
  readonly gop?: number;
  /** More arguments in front of the URL, such as `-metadata`. */
  readonly more?: readonly string[];
}

/**
 * Publishes H.264 and AAC that ffmpeg makes at this moment. At the bottom of each picture its rows are
 * 24 blocks, black or white: the milliseconds of the wall clock when the picture was made.
 */
export function publishLive(
  server: TestServer,
  app: string,
  name: string,
  { size: [width, height] = [480, 270], rate = 25, gop = rate, more = [] }: LiveOptions = {},
): TestProcess {
  const bar = `scale=${CLOCK_BITS}:1,format=yuv444p,` +
    "geq=lum='16+219*mod(floor(floor(T*1000+0.5)/pow(2,X)),2)':cb=128:cr=128," +
    `format=yuv420p,scale=${width}:${CLOCK_ROWS}:flags=neighbor`;
  const filter = "[0:v]settb=1/1000,setpts='floor(RTCTIME/1000)',split[a][b];" +
    `[b]${bar}[c];[a]format=yuv420p[d];[d][c]vstack,setpts=PTS-STARTPTS[v]`;
  return new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-re", "-f", "lavfi"],
    ...["-i", `testsrc2=size=${width}x${height - CLOCK_ROWS}:rate=${rate}`],
    ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
    ...["-filter_complex", filter, "-map", "[v]", "-map", "1:a"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
    ...["-g", `${gop}`, "-keyint_min", `${gop}`, "-sc_threshold", "0", "-b:v", "600k"],
    ...["-c:a", "aac", "-b:a", "64k", ...more, "-f", "flv", server.url(app, name)],
  ]);
}

/**
 * Publishes what FFmpeg 9 sent once (see `test/vectors/enhanced/`), again and again, at the speed at which
 * it was made.
 *
 * @param lengthMs how long the capture is: it begins anew after that
 */
export async function publishCapture(
  server: TestServer,
  app: string,
  name: string,
  capture: string,
  lengthMs: number,
): Promise<AsyncDisposable> {
  const client = await connect(`rtmp://127.0.0.1:${server.rtmpPort}/${app}`);
  const writer = (await client.publish(name)).getWriter();
  const media = enhancedMedia(capture);
  const isHeader = media.map(({ type, payload }) => {
    const packet = type === 9 ? payload[0]! & 15 : payload[0]! >> 4 === 9 ? payload[0]! & 15 : 1;
    return packet === 0 || (type === 9 && packet === 4);
  });
  let [next, round] = [0, 0];
  const start = performance.now();
  const timer = setInterval(() => {
    const now = performance.now() - start;
    for (;;) {
      const { type, timestamp, payload } = media[next]!;
      if (timestamp + round * lengthMs > now) return;
      if (round === 0 || !isHeader[next]) {
        const kind = type === 9 ? "video" : "audio";
        const time = timestamp + round * lengthMs;
        writer.write({ kind, timestamp: time, payload }).catch(() => clearInterval(timer));
      }
      if (++next < media.length) continue;
      next = 0;
      round++;
    }
  }, 10);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await client[Symbol.asyncDispose]();
    },
  };
}
