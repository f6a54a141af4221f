/**
 * A page that plays, as its test looks at it: how far it is, and how old its pictures are.
 *
 * @module
 */
import { TestPage, type ViewOptions } from "./browser.ts";
import { CLOCK_BITS, CLOCK_ROWS } from "./live_source.ts";
import type { TestServer } from "./server.ts";

/** Size of a page (pixels): without a graphics card all of it is painted by the processor. */
const SMALL = { width: 320, height: 200 };

/** How long a page may take (ms): it may try several ways, on a busy machine. */
const PATIENCE_MS = 40_000;

/** What a video element says. */
export interface Progress {
  readonly state: string;
  readonly way: string;
  readonly message: string;
  /** Seconds. */
  readonly time: number;
  /** Pictures decoded, and those of them that were not shown. */
  readonly frames: number;
  readonly dropped: number;
  readonly width: number;
  readonly muted: boolean;
}

const PROGRESS = `(() => {
  const video = document.querySelector("video");
  const { totalVideoFrames: frames, droppedVideoFrames: dropped } = video.getVideoPlaybackQuality();
  const { state = "", way = "" } = document.body.dataset;
  const message = document.querySelector(".message").textContent;
  const { currentTime: time, videoWidth: width, muted } = video;
  return { state, way, message, time, frames, dropped, width, muted };
})()`;

/** Reads the clock in each picture as it is shown; see `publishLive`. */
const WATCH_CLOCK = `(() => {
  const video = document.querySelector("video");
  const context = Object.assign(document.createElement("canvas"), { width: ${CLOCK_BITS}, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const span = 2 ** ${CLOCK_BITS};
  globalThis.delays = [];
  const look = () => {
    const { videoWidth: width, videoHeight: height } = video;
    context.drawImage(video, 0, height - ${CLOCK_ROWS / 2}, width, 1, 0, 0, ${CLOCK_BITS}, 1);
    const { data } = context.getImageData(0, 0, ${CLOCK_BITS}, 1);
    let made = 0;
    for (let bit = 0; bit < ${CLOCK_BITS}; bit++) if (data[bit * 4 + 1] > 127) made += 2 ** bit;
    const delay = (Date.now() % span - made + span) % span;
    // A block that was coded badly gives a time that cannot be.
    if (delay < 60_000) delays.push(delay);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
})()`;

/** The page of a stream. */
export class PlayerPage implements AsyncDisposable {
  readonly view: TestPage;

  constructor(view: TestPage) {
    this.view = view;
  }

  /** Opens the page of a stream, `path` with its query and its fragment. */
  static async open(server: TestServer, path: string, options?: ViewOptions): Promise<PlayerPage> {
    const url = `http://127.0.0.1:${server.httpPort}/${path}`;
    return new PlayerPage(await TestPage.open(url, { viewport: SMALL, ...options }));
  }

  progress(): Promise<Progress> {
    return this.view.page.evaluate<Progress>(PROGRESS);
  }

  /** Waits until it shows pictures. */
  async playing(ms = PATIENCE_MS): Promise<void> {
    const shown = 'document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames > 1';
    await this.view.until("it plays", `document.body.dataset.state === "playing" && ${shown}`, ms);
  }

  /** Waits until it says something. */
  async says(text: string, ms = PATIENCE_MS): Promise<void> {
    const said = `document.querySelector(".message").textContent.includes(${JSON.stringify(text)})`;
    await this.view.until(`it says "${text}"`, said, ms);
  }

  /** Waits until it has played for so long from now on (s). */
  async playsOn(seconds: number, ms = PATIENCE_MS): Promise<void> {
    const { time } = await this.progress();
    const later = `document.querySelector("video").currentTime >= ${time + seconds}`;
    await this.view.until(`it plays ${seconds} s more`, later, ms);
  }

  /** Measures how old each picture is when it is shown. @returns gives them (ms), the newest last */
  async watchClock(): Promise<() => Promise<number[]>> {
    await this.view.page.evaluate(WATCH_CLOCK);
    return () => this.view.page.evaluate<number[]>("delays");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.view[Symbol.asyncDispose]();
  }
}
