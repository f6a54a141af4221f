/**
 * The list of streams.
 *
 * @module
 */
import { Sparkline } from "./chart.js";
import { el, keyed, setText } from "./dom.js";
import { bitrate, describeAudio, describeVideo, duration, plural, streamTitle } from "./format.js";

/**
 * @typedef {import("./types.d.ts").StreamRow} StreamRow
 * @typedef {import("./types.d.ts").Stream} Stream
 * @typedef {{ video: number[], audio: number[], frameRate: number[] }} Series
 */

/** Samples that a chart shows. */
export const SAMPLES = 150;

/** @param {Stream} stream */
export function keyOf({ app, name }) {
  return `${app}\n${name}`;
}

/** What streams measured, as far as this page knows. */
export class SeriesStore {
  /** @type {Map<string, Series>} */
  #series = new Map();

  /** @param {Stream} stream */
  of(stream) {
    return this.#series.get(keyOf(stream)) ?? { video: [], audio: [], frameRate: [] };
  }

  /** @param {import("./types.d.ts").Charts} charts */
  start({ charts }) {
    this.#series.clear();
    for (const { app, name, video, audio, frameRate } of charts) {
      this.#series.set(keyOf({ app, name }), {
        // The newest sample comes with the state that follows.
        video: video.slice(0, -1),
        audio: audio.slice(0, -1),
        frameRate: frameRate.slice(0, -1),
      });
    }
  }

  /** @param {readonly StreamRow[]} streams */
  add(streams) {
    const gone = new Set(this.#series.keys());
    for (const stream of streams) {
      const key = keyOf(stream);
      gone.delete(key);
      const series = this.of(stream);
      this.#series.set(key, series);
      for (const kind of /** @type {const} */ (["video", "audio", "frameRate"])) {
        series[kind].push(stream.sample[kind]);
        if (series[kind].length > SAMPLES) series[kind].shift();
      }
    }
    for (const key of gone) this.#series.delete(key);
  }
}

/**
 * `3 viewers: 2 rtmp, 1 hls`.
 *
 * @param {StreamRow} stream
 */
export function viewersText({ viewers }) {
  const parts = Object.entries(viewers).toSorted(([one], [other]) => one < other ? -1 : 1);
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return "no viewers";
  const by = parts.map(([protocol, count]) => `${count} ${protocol}`).join(", ");
  return `${plural(all, "viewer")}: ${by}`;
}

/** One stream of the list. */
class Card {
  element;
  #title = el("span", { class: "title" });
  #rate = el("span", { class: "rate" });
  #spark = new Sparkline();
  #media = el("p", { class: "media" });
  #facts = el("p", { class: "facts" });
  #problems = el("ul", { class: "problems" });
  /** @type {Map<string, { element: Element, update(problem: import("./types.d.ts").Problem): void }>} */
  #shown = new Map();
  #store;

  /**
   * @param {StreamRow} stream
   * @param {SeriesStore} store
   * @param {(stream: Stream) => void} onOpen
   */
  constructor(stream, store, onOpen) {
    this.#store = store;
    const { app, name } = stream;
    this.element = el(
      "li",
      { class: "card" },
      el(
        "button",
        { type: "button", class: "open", click: () => onOpen({ app, name }) },
        this.#title,
        this.#rate,
      ),
      this.#spark.element,
      this.#media,
      this.#facts,
      this.#problems,
    );
    setText(this.#title, streamTitle(stream));
  }

  /** @param {StreamRow} stream */
  update(stream) {
    const { video, audio, sample, uptimeMs, publisher, problems } = stream;
    const { video: videoRates, audio: audioRates } = this.#store.of(stream);
    setText(this.#rate, publisher === null ? "offline" : bitrate(sample.video + sample.audio));
    this.#spark.update(videoRates.map((bits, index) => bits + audioRates[index]), SAMPLES);
    setText(this.#media, `${describeVideo(video)} · ${describeAudio(audio)}`);
    setText(this.#facts, `${viewersText(stream)} · up ${duration(uptimeMs)}`);
    keyed(this.#problems, this.#shown, problems, ({ code }) => code, problemView);
  }
}

/** @param {import("./types.d.ts").Problem} problem */
export function problemView({ serious }) {
  const text = el("span");
  return {
    element: el(
      "li",
      { class: serious ? "problem serious" : "problem" },
      el("span", { class: "hidden" }, serious ? "Problem: " : "Note: "),
      text,
    ),
    update: (/** @type {import("./types.d.ts").Problem} */ problem) => setText(text, problem.text),
  };
}

/** The list. */
export class StreamList {
  /** @type {Map<string, Card>} */
  #cards = new Map();

  /**
   * @param {HTMLElement} element
   * @param {SeriesStore} store
   * @param {(stream: Stream) => void} onOpen
   */
  constructor(element, store, onOpen) {
    this.element = element;
    this.store = store;
    this.onOpen = onOpen;
  }

  /** @param {readonly StreamRow[]} streams */
  update(streams) {
    const make = (/** @type {StreamRow} */ stream) => new Card(stream, this.store, this.onOpen);
    const sorted = streams.toSorted((one, other) =>
      streamTitle(one).localeCompare(streamTitle(other))
    );
    keyed(this.element, this.#cards, sorted, keyOf, make);
  }
}
