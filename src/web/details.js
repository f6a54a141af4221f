/**
 * One stream: it plays, with charts, figures, and every way to publish and to watch it.
 *
 * @module
 */
import { ask } from "./api.js";
import { Chart } from "./chart.js";
import { byId, el, keyed, setText } from "./dom.js";
import {
  bitrate,
  bytes,
  describeAudio,
  describeVideo,
  duration,
  round,
  streamTitle,
} from "./format.js";
import { LivePlayer, stateText } from "./live_player.js";
import { problemView, SAMPLES, viewersText } from "./streams.js";
import { ROOT, waysToPublish, waysToWatch } from "./urls.js";
import { wayName } from "./ways.js";

/**
 * @typedef {import("./types.d.ts").StreamRow} StreamRow
 * @typedef {import("./types.d.ts").Stream} Stream
 */

/** @param {number | null} ms */
const seconds = (ms) => ms === null ? "–" : `${round(ms / 1000)} s`;

/**
 * Figures of a stream, by what they are called.
 *
 * @param {StreamRow} stream
 * @returns {[string, string][]}
 */
export function figuresOf(stream) {
  const { publisher, video, audio } = stream;
  return [
    ["Video", describeVideo(video)],
    ["Video codec", video?.codecString ?? "–"],
    ["Audio", describeAudio(audio)],
    ["Bitrate", `${bitrate(stream.sample.video)} video, ${bitrate(stream.sample.audio)} audio`],
    ["Distance of key frames", seconds(stream.gopMs)],
    [
      "Last key frame",
      stream.keyFrameAgeMs === null ? "–" : `${seconds(stream.keyFrameAgeMs)} ago`,
    ],
    ["Audio against video", offsetText(stream.audioOffsetMs)],
    ["Viewers", viewersText(stream)],
    ["Frames lost by slow viewers", String(stream.droppedFrames)],
    ["Up", duration(stream.uptimeMs)],
    ["Received, sent", `${bytes(stream.bytesIn)}, ${bytes(stream.bytesOut)}`],
    [
      "Publisher",
      publisher === null ? "none" : `${publisher.client || "?"} at ${publisher.address}`,
    ],
  ];
}

/** @param {number | null} ms */
function offsetText(ms) {
  if (ms === null) return "–";
  if (Math.abs(ms) < 20) return "together";
  return `${Math.abs(ms)} ms ${ms < 0 ? "behind" : "ahead"}`;
}

/**
 * A text with a button that copies it.
 *
 * @param {{ label: string, text: string, link?: boolean }} way
 * @param {(text: string) => void} say
 */
export function copyRow({ label, text, link = false }, say) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(`${label}: copied`);
    } catch {
      // Only pages of this machine or behind HTTPS may use the clipboard.
      getSelection()?.selectAllChildren(code);
      say("Selected: copy it with the keyboard");
    }
  };
  const code = el("code", { tabindex: "0" }, text);
  return el(
    "li",
    { class: "way" },
    el("span", { class: "label" }, label),
    link ? el("a", { href: text, target: "_blank", rel: "noopener" }, code) : code,
    el("button", { type: "button", "aria-label": `Copy: ${label}`, click: copy }, "Copy"),
  );
}

/** The panel. */
export class Details {
  /** @type {Stream | undefined} */
  stream;
  /** @type {LivePlayer | undefined} */
  #player;
  #rates = new Chart("Bitrate, last 5 minutes", SAMPLES, bitrate, [
    { label: "Video", colour: "video" },
    { label: "Audio", colour: "audio" },
  ]);
  #frames = new Chart("Frame rate, last 5 minutes", SAMPLES, (value) => `${round(value)} fps`, [
    { label: "Pictures a second", colour: "video" },
  ]);
  /** @type {Map<string, { element: Element, update(entry: [string, string]): void }>} */
  #figures = new Map();
  /** @type {Map<string, { element: Element, update(problem: import("./types.d.ts").Problem): void }>} */
  #problems = new Map();
  #store;
  #say;
  /** @type {import("./ways.js").Media | undefined} */
  #media;
  /** Codecs that this browser could not play. @type {string | undefined} */
  #given;

  /**
   * @param {import("./streams.js").SeriesStore} store
   * @param {(text: string) => void} say tells it to screen readers, and shows it for a moment
   */
  constructor(store, say) {
    this.#store = store;
    this.#say = say;
    byId("charts").append(this.#rates.element, this.#frames.element);
    const video = this.#video;
    byId("details-sound").addEventListener("click", () => {
      video.muted = !video.muted;
      video.play().catch(() => {});
    });
    video.addEventListener("volumechange", () => {
      byId("details-sound").setAttribute("aria-pressed", String(!video.muted));
      setText(byId("details-sound"), video.muted ? "Turn sound on" : "Turn sound off");
    });
  }

  get #video() {
    return /** @type {HTMLVideoElement} */ (byId("details-video"));
  }

  /**
   * Shows a stream.
   *
   * @param {Stream} stream
   * @param {import("./types.d.ts").RtmpPorts} ports
   */
  open(stream, ports) {
    this.close();
    this.stream = stream;
    setText(byId("details-title"), streamTitle(stream));
    byId("details").hidden = false;
    this.#video.muted = true;
    const rows = (/** @type {{ label: string, text: string }[]} */ ways) =>
      ways.map((way) => copyRow(way, this.#say));
    byId("watch-ways").replaceChildren(...rows(waysToWatch(stream, ROOT, ports)));
    byId("publish-ways").replaceChildren(...rows(waysToPublish(stream, ROOT, ports)));
    setText(byId("metadata"), "");
    setText(byId("details-way"), "");
    byId("details-title").focus();
    void this.#readMore(stream);
  }

  /** Hides it, and stops what plays. */
  close() {
    this.#player?.stop();
    this.#player = undefined;
    this.#media = this.#given = undefined;
    this.stream = undefined;
    byId("details").hidden = true;
  }

  /** @param {StreamRow | undefined} row `undefined` when the stream is not there */
  update(row) {
    byId("details-figures").hidden = row === undefined;
    byId("details-end").hidden = row === undefined;
    if (row === undefined) {
      keyed(byId("details-problems"), this.#problems, [], ({ code }) => code, problemView);
      if (this.#player === undefined) {
        setText(byId("details-message"), stateText({ kind: "waiting" }));
      }
      return;
    }
    this.#play(row);
    const { video, audio, frameRate } = this.#store.of(row);
    this.#rates.update([
      { label: "Video", colour: "video", values: video },
      { label: "Audio", colour: "audio", values: audio },
    ]);
    this.#frames.update([{ label: "Pictures a second", colour: "video", values: frameRate }]);
    keyed(byId("details-figures"), this.#figures, figuresOf(row), ([label]) => label, ([label]) => {
      const value = el("dd");
      return {
        element: el("div", {}, el("dt", {}, label), value),
        update: ([, text]) => setText(value, text),
      };
    });
    keyed(byId("details-problems"), this.#problems, row.problems, ({ code }) => code, problemView);
  }

  /**
   * Plays it, unless it does already, or could not and is as it was.
   *
   * @param {StreamRow} row
   */
  #play(row) {
    const { video, audio } = row;
    if (video === null && audio === null) return;
    this.#media = { video, audio };
    const codecs = JSON.stringify([video?.codecString, audio?.codecString]);
    if (this.#player !== undefined || codecs === this.#given) return;
    const player = this.#player = new LivePlayer(this.#video, row, {
      root: ROOT,
      // It may come back with another codec, which another way is for.
      media: () => this.#media,
      onState: (state) => {
        if (this.#player !== player) return;
        byId("details").dataset.state = state.kind;
        byId("details-live").dataset.state = state.kind === "playing" ? "on" : "off";
        setText(byId("details-message"), stateText(state));
        setText(byId("details-way"), state.way === undefined ? "" : `by ${wayName(state.way)}`);
        if (state.kind !== "unsupported") return;
        this.#given = codecs;
        this.#player = undefined;
      },
    });
    void player.run();
  }

  /**
   * What is not in the events: metadata and tracks.
   *
   * @param {Stream} stream
   */
  async #readMore(stream) {
    try {
      const path = [...stream.app.split("/"), stream.name].map(encodeURIComponent).join("/");
      const { metadata = {}, tracks } = await (await ask(`streams/${path}`)).json();
      if (this.stream === stream) {
        setText(byId("metadata"), JSON.stringify({ tracks, metadata }, null, 2));
      }
    } catch {
      // It has just gone, or is not there yet.
    }
  }
}
