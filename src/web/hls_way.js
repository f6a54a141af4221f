/**
 * Plays HLS, with low latency where the server offers it: with hls.js, or with the browser's own player
 * where that is all there is.
 *
 * @module
 */
import { isLeftBehind } from "./edge.js";
import { outcomeOf } from "./flv_way.js";

/**
 * @typedef {import("./types.d.ts").Outcome} Outcome
 * @typedef {import("./types.d.ts").Playing} Playing
 */

const LIBRARY = "./lib/hls.js";

/** What is over, or lost, without the library noticing: nothing is shown for so long (ms). */
const OVER_MS = 2000;
const LOST_MS = 15_000;

/** How long a skip has to get media for where it went (ms). */
const SKIP_REST_MS = 3000;

/** Attempts to recover from an error of the decoder. */
const RECOVERIES = 2;

/**
 * Plays `url` until it is over.
 *
 * @param {HTMLVideoElement} video
 * @param {string} url
 * @returns {Promise<Playing>}
 */
export async function playHls(video, url) {
  const { default: Hls } = await import(LIBRARY);
  return Hls.isSupported() ? withLibrary(Hls, video, url) : withBrowser(video, url);
}

/**
 * @param {any} Hls
 * @param {HTMLVideoElement} video
 * @param {string} url
 * @returns {Playing}
 */
function withLibrary(Hls, video, url) {
  const hls = new Hls({
    // A worker would be made from a text, which the policy of the page forbids.
    enableWorker: false,
    lowLatencyMode: true,
    backBufferLength: 30,
    maxLiveSyncPlaybackRate: 1.1,
    liveDurationInfinity: true,
  });
  const { over, end, listen } = trial(video, () => {
    clearTimeout(timer);
    hls.destroy();
  });
  let timer = 0;
  let isLive = true;
  let recoveries = RECOVERIES;
  let skippedAt = -Infinity;
  hls.on(Hls.Events.ERROR, (
    /** @type {string} */ _name,
    /** @type {{ fatal: boolean, type: string, details: string,
     *   response?: { code: number, text?: string } }} */ { fatal, type, details, response },
  ) => {
    if (!fatal) return;
    if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
      return end({ kind: "unsupported" });
    }
    if (type === Hls.ErrorTypes.MEDIA_ERROR && recoveries-- > 0) return hls.recoverMediaError();
    if (type === Hls.ErrorTypes.NETWORK_ERROR) return end(outcomeOf(response?.code ?? 0));
    end({ kind: "failed", message: details });
  });
  listen("ended", () => end({ kind: "ended" }));
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => end({ kind: "ended" }), isLive ? LOST_MS : OVER_MS);
  };
  listen("waiting", wait);
  listen("playing", () => clearTimeout(timer));
  /** @param {number} targetDuration */
  const stayNear = (targetDuration) => {
    const { latency, targetLatency: target, liveSyncPosition } = hls;
    const now = performance.now();
    if (video.paused || video.seeking || target === null || liveSyncPosition === null) return;
    if (now - skippedAt < SKIP_REST_MS || !isLeftBehind({ latency, target, targetDuration })) {
      return;
    }
    skippedAt = now;
    video.currentTime = liveSyncPosition;
  };
  hls.on(Hls.Events.LEVEL_UPDATED, (
    /** @type {string} */ _name,
    /** @type {{ details: { live: boolean, targetduration: number } }} */ { details },
  ) => {
    isLive = details.live;
    if (isLive) stayNear(details.targetduration);
    if (!isLive && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) wait();
  });
  hls.attachMedia(video);
  hls.loadSource(url);
  return { over, stop: () => end({ kind: "ended" }) };
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} url
 * @returns {Playing}
 */
function withBrowser(video, url) {
  const { over, end, listen } = trial(video, () => {
    video.removeAttribute("src");
    video.load();
  });
  listen("ended", () => end({ kind: "ended" }));
  listen("error", () => {
    const unsupported = video.error?.code === MediaError.MEDIA_ERR_DECODE;
    end({ kind: unsupported ? "unsupported" : "failed", message: video.error?.message });
  });
  video.src = url;
  return { over, stop: () => end({ kind: "ended" }) };
}

/**
 * What any try needs: a promise that is settled once, and listeners that go with it.
 *
 * @param {HTMLVideoElement} video
 * @param {() => void} dispose
 */
function trial(video, dispose) {
  let played = false;
  let settled = false;
  /** @type {(outcome: Outcome) => void} */
  let settle = () => {};
  /** @type {Promise<Outcome>} */
  const over = new Promise((resolve) => settle = resolve);
  /** @type {[string, () => void][]} */
  const listeners = [];
  /** @type {(name: string, act: () => void) => void} */
  const listen = (name, act) => {
    video.addEventListener(name, act);
    listeners.push([name, act]);
  };
  listen("playing", () => played = true);
  /** @param {Outcome} outcome */
  const end = (outcome) => {
    if (settled) return;
    settled = true;
    for (const [name, act] of listeners) video.removeEventListener(name, act);
    dispose();
    settle({ ...outcome, played });
  };
  return { over, end, listen };
}
