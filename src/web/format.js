/**
 * Figures as people read them.
 *
 * @module
 */

/**
 * `2.5 Mbit/s`, `128 kbit/s`.
 *
 * @param {number | null | undefined} bits per second
 */
export function bitrate(bits) {
  if (bits === null || bits === undefined) return "–";
  if (bits >= 9_950_000) return `${Math.round(bits / 1e6)} Mbit/s`;
  if (bits >= 999_500) return `${(bits / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bits / 1000)} kbit/s`;
}

/**
 * `12 MB`, `3.4 GB`.
 *
 * @param {number} count
 */
export function bytes(count) {
  let [value, unit] = [count, "B"];
  for (const next of ["kB", "MB", "GB", "TB"]) {
    if (value < 999.5) break;
    [value, unit] = [value / 1000, next];
  }
  return `${unit === "B" || value >= 99.5 ? Math.round(value) : value.toPrecision(2)} ${unit}`;
}

/**
 * `8 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`.
 *
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value !== 0);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).filter(([value], index) => index === 0 || value !== 0)
    .map(([value, unit]) => `${value} ${unit}`).join(" ");
}

/**
 * `1 viewer`, `2 viewers`.
 *
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * `live/demo`; what has no name of its own is called by its application.
 *
 * @param {{ app: string, name: string }} stream
 */
export function streamTitle({ app, name }) {
  return [app, name].filter((part) => part !== "").join("/") || "(no name)";
}

/**
 * `H.264 1280×720, 30 fps`.
 *
 * @param {import("./types.d.ts").VideoView | null} video
 */
export function describeVideo(video) {
  if (video === null) return "no video";
  const size = video.width !== null && video.height !== null
    ? ` ${video.width}×${video.height}`
    : "";
  const rate = video.frameRate === null ? "" : `, ${Math.round(video.frameRate * 10) / 10} fps`;
  const hdr = video.hdr === null ? "" : `, ${video.hdr.toUpperCase()}`;
  return `${codecName(video.codec)}${size}${rate}${hdr}`;
}

/**
 * `AAC 48 kHz, stereo`.
 *
 * @param {import("./types.d.ts").AudioView | null} audio
 */
export function describeAudio(audio) {
  if (audio === null) return "no audio";
  const rate = audio.sampleRate === null ? "" : ` ${round(audio.sampleRate / 1000)} kHz`;
  const count = audio.channels;
  const channels = count === null
    ? ""
    : `, ${count === 1 ? "mono" : count === 2 ? "stereo" : `${count} channels`}`;
  return `${codecName(audio.codec)}${rate}${channels}`;
}

/** @type {Record<string, string>} */
const NAMES = { avc: "H.264", opus: "Opus", ac3: "AC-3", eac3: "E-AC-3" };

/**
 * A codec as people call it.
 *
 * @param {string} codec
 */
export function codecName(codec) {
  if (Object.hasOwn(NAMES, codec)) return NAMES[codec];
  return codec.length <= 5 ? codec.toUpperCase() : codec[0].toUpperCase() + codec.slice(1);
}

/** @param {number} value */
export function round(value) {
  return Math.round(value * 100) / 100;
}
