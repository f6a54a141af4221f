/**
 * Which way a stream is played in this browser: the one with the lowest delay that it can decode.
 *
 * @module
 */

/**
 * @typedef {import("./types.d.ts").Way} Way
 * @typedef {{ video: { codec: string, codecString: string | null } | null,
 *   audio: { codec: string, codecString: string | null } | null }} Media
 * @typedef {{ mse(type: string): boolean, nativeHls: boolean }} Abilities
 */

/** What mpegts.js reads of FLV. AV1 it reads of some encoders only, so HLS comes first for that. */
const FLV_VIDEO = new Set(["avc", "hevc"]);
const FLV_AUDIO = new Set(["aac", "mp3", "opus", "flac"]);

/** What this browser can do. */
export function abilities() {
  const source = globalThis.MediaSource ?? /** @type {any} */ (globalThis).ManagedMediaSource;
  return {
    /** @param {string} type */
    mse: (type) => source?.isTypeSupported(type) ?? false,
    nativeHls: document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "",
  };
}

/**
 * The ways to try, best first. Of media that is not known all are tried: FLV says soon what it has.
 * None are left when the browser cannot decode what there is.
 *
 * @param {Media | undefined} media
 * @param {Abilities} can
 * @returns {Way[]}
 */
export function waysFor(media, can) {
  // Without Media Source Extensions, as on older iPhones, the browser itself has to play HLS.
  if (!can.mse('video/mp4; codecs="avc1.42E01E"')) return can.nativeHls ? ["hls"] : [];
  if (media === undefined) return ["ws-flv", "http-flv", "hls"];
  const { video, audio } = media;
  const decodes = isDecoded("video", video, can) && isDecoded("audio", audio, can);
  if (!decodes) return can.nativeHls && !isKnown(video, audio) ? ["hls"] : [];
  /** @type {Way[]} */
  const flv = ["ws-flv", "http-flv"];
  const readsFlv = (video === null || FLV_VIDEO.has(video.codec)) &&
    (audio === null || FLV_AUDIO.has(audio.codec));
  if (readsFlv) return [...flv, "hls"];
  return video?.codec === "av1" && (audio === null || FLV_AUDIO.has(audio.codec))
    ? ["hls", ...flv]
    : ["hls"];
}

/**
 * The ways once FLV broke off: mpegts.js may go wrong again and again at what other ways play, as at AV1
 * of some encoders.
 *
 * @param {readonly Way[]} ways
 * @returns {Way[]}
 */
export function afterBreak(ways) {
  return [...ways.filter((way) => way === "hls"), ...ways.filter((way) => way !== "hls")];
}

/**
 * @param {"video" | "audio"} kind
 * @param {Media["video"]} track
 * @param {Abilities} can
 */
function isDecoded(kind, track, can) {
  // What has no name of its own yet may turn out to be anything.
  if (track === null || track.codecString === null) return true;
  if (track.codec === "mp3") return can.mse("audio/mpeg");
  return can.mse(`${kind}/mp4; codecs="${track.codecString}"`);
}

/**
 * @param {Media["video"]} video
 * @param {Media["audio"]} audio
 */
function isKnown(video, audio) {
  return [video, audio].every((track) => track === null || track.codecString !== null);
}

/**
 * A way as people call it.
 *
 * @param {Way} way
 */
export function wayName(way) {
  return { "ws-flv": "WebSocket-FLV", "http-flv": "HTTP-FLV", hls: "HLS" }[way];
}
