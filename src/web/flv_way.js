/**
 * Plays FLV, by WebSocket or by HTTP, with mpegts.js.
 *
 * @module
 */
import { afterStall, steer, TARGET } from "./edge.js";
import { loaderFor } from "./flv_loader.js";
import { OneSided } from "./one_sided.js";

/** @typedef {import("./types.d.ts").Outcome} Outcome */

const LIBRARY = "./lib/mpegts.js";

/** How often playback is steered (ms). */
const STEER_MS = 200;
/** Media that comes for so long without a picture or sound is none that can be played (ms). */
const HOPELESS_MS = 6000;

/** `readyState` of a video that has something in front of what it shows. */
const HAVE_FUTURE_DATA = 3;

/**
 * Plays `url` until it is over, or has to be played without its sound or its pictures, or with them again.
 *
 * @param {HTMLVideoElement} video
 * @param {string} url
 * @param {{ without?: import("./one_sided.js").Kind, patienceMs: number }} sides what to leave out, and how
 *   long sound or pictures may be away while the others come
 * @returns {Promise<import("./types.d.ts").Playing>}
 */
export async function playFlv(video, url, { without, patienceMs }) {
  const { default: mpegts } = await import(LIBRARY);
  mpegts.LoggingControl.enableAll = false;
  const sides = new OneSided({ without, patienceMs });
  const loader = loaderFor(mpegts, (kinds) => {
    const now = performance.now();
    sides.came(kinds, now);
    if (sides.isWhole(kinds, now)) end({ kind: "turned" });
  });
  const source = {
    ...{ type: "flv", isLive: true, url },
    ...(without === "video" ? { hasVideo: false } : {}),
    ...(without === "audio" ? { hasAudio: false } : {}),
  };
  const player = mpegts.createPlayer(source, {
    customLoader: loader,
    enableWorker: false,
    enableStashBuffer: false,
    lazyLoad: false,
    autoCleanupSourceBuffer: true,
    autoCleanupMaxBackwardDuration: 30,
    autoCleanupMinBackwardDuration: 10,
    fixAudioTimestampGap: false,
  });
  let target = TARGET;
  let played = false;
  /** It has been where the newest pictures are. */
  let settledIn = false;
  /** When media began to come (ms). */
  let came = Infinity;
  let timer = 0;
  let settled = false;
  /** @type {(outcome: Outcome) => void} */
  let settle = () => {};
  /** @type {Promise<Outcome>} */
  const over = new Promise((resolve) => settle = resolve);
  const onWaiting = () => {
    if (played) target = afterStall(target);
  };
  const onPlaying = () => played = true;

  /** @param {Outcome} outcome */
  const end = (outcome) => {
    if (settled) return;
    settled = true;
    clearInterval(timer);
    video.removeEventListener("waiting", onWaiting);
    video.removeEventListener("playing", onPlaying);
    video.playbackRate = 1;
    // In a turn of its own: the library may be in the middle of what it told of.
    setTimeout(() => {
      try {
        player.destroy();
      } catch {
        // It is thrown away, whatever it says to that.
      }
      settle({ ...outcome, played });
    });
  };

  const { Events, ErrorTypes, ErrorDetails } = mpegts;
  player.on(
    Events.ERROR,
    (
      /** @type {string} */ type,
      /** @type {string} */ detail,
      /** @type {{ code?: number, msg?: string }} */ info,
    ) => {
      if (type === ErrorTypes.MEDIA_ERROR) {
        // What came before such an error was decoded: then it is worth another try.
        return end({ kind: played ? "failed" : "unsupported", message: info?.msg });
      }
      if (detail === ErrorDetails.NETWORK_STATUS_CODE_INVALID) {
        return end(outcomeOf(info?.code ?? 0));
      }
      end({ kind: played ? "ended" : "failed" });
    },
  );
  player.on(Events.LOADING_COMPLETE, () => end({ kind: "ended" }));
  player.on(Events.MEDIA_INFO, () => came = Math.min(came, performance.now()));
  video.addEventListener("waiting", onWaiting);
  video.addEventListener("playing", onPlaying);
  timer = setInterval(() => {
    const ranges = rangesOf(video.buffered);
    const { rate, seek } = steer({
      time: video.currentTime,
      ranges,
      target,
      rate: video.playbackRate,
      fresh: !settledIn,
    });
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (seek !== undefined && video.readyState > 0) video.currentTime = seek;
    settledIn ||= played;
    const missing = sides.missing(video.readyState < HAVE_FUTURE_DATA);
    if (missing !== undefined) return end({ kind: "turned", without: missing });
    if (!played && !video.paused && performance.now() - came > HOPELESS_MS + patienceMs) {
      end({ kind: "unsupported", message: "This browser shows nothing of it" });
    }
  }, STEER_MS);
  player.attachMediaElement(video);
  try {
    player.load();
  } catch (error) {
    end({ kind: "failed", message: String(error) });
  }
  return { over, stop: () => end({ kind: "ended" }) };
}

/** @param {TimeRanges} buffered */
export function rangesOf(buffered) {
  return Array.from(
    { length: buffered.length },
    (_, index) => /** @type {const} */ ([buffered.start(index), buffered.end(index)]),
  );
}

/**
 * What a refusal of the server means.
 *
 * @param {number} status
 * @param {string} [message] what it said
 * @returns {Outcome}
 */
export function outcomeOf(status, message) {
  if (status === 404) return { kind: "absent", message };
  if (status === 401 || status === 403) return { kind: "refused", message };
  if (status === 503) return { kind: "busy", message };
  if (status === 415) return { kind: "unsupported", message };
  return { kind: "failed", message };
}
