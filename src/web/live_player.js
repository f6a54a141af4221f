/**
 * Plays a live stream for as long as somebody wants to see it: it tries the ways in their order, waits
 * while nobody publishes, and comes back when the publisher does.
 *
 * @module
 */
import { outcomeOf, playFlv } from "./flv_way.js";
import { playHls } from "./hls_way.js";
import { mediaUrls } from "./urls.js";
import { abilities, afterBreak, waysFor } from "./ways.js";

/**
 * @typedef {import("./types.d.ts").Outcome} Outcome
 * @typedef {import("./types.d.ts").PlayerState} PlayerState
 * @typedef {import("./types.d.ts").Playing} Playing
 * @typedef {import("./types.d.ts").Way} Way
 */

/** Without media for so long, the page says that it waits (ms). */
const SAY_MS = 1500;
/** How long it rests between two tries (ms): at first, and at the most. */
const REST_MS = 500;
const MAX_REST_MS = 3000;
/** How long sound or pictures may be away before a stream is played without them (ms), and at the most. */
const PATIENCE_MS = 2000;
const MAX_PATIENCE_MS = 64_000;

/** A player in a page. */
export class LivePlayer {
  /** @type {HTMLVideoElement} */
  #video;
  /** @type {(state: PlayerState) => void} */
  #onState;
  /** @type {ReturnType<typeof mediaUrls>} */
  #urls;
  /** @type {() => import("./ways.js").Media | undefined} */
  #media;
  /** @type {Way | undefined} */
  #only;
  /** @type {Playing | undefined} */
  #playing;
  #stopped = false;
  /** @type {(() => void) | undefined} */
  #wake;
  /** FLV was played, and broke off at what the browser could not decode. */
  #flvBroke = false;
  /** Longer with every turn: pictures that are seldom must not make it turn for ever. */
  #patience = PATIENCE_MS;
  /** Ends what waits for the network. */
  #gone = new AbortController();

  /**
   * @param {HTMLVideoElement} video
   * @param {import("./types.d.ts").Stream} stream
   * @param {{ root: URL, query?: string, media?: () => import("./ways.js").Media | undefined,
   *   only?: Way, onState: (state: PlayerState) => void }} options `query` goes with every request;
   *   `media` says what there is, as far as that is known; `only` tries one way and no other
   */
  constructor(video, stream, { root, query = "", media = () => undefined, only, onState }) {
    this.#video = video;
    this.#urls = mediaUrls(stream, root, query);
    this.#media = media;
    this.#only = only;
    this.#onState = onState;
  }

  /** Plays until {@link stop}, or until the server or the browser will not. */
  async run() {
    const video = this.#video;
    let rest = REST_MS;
    const onStalled = () => {
      if (this.#playing) this.#tell({ kind: "stalled", way: this.#way });
    };
    const onPlaying = () => {
      rest = REST_MS;
      this.#tell({ kind: "playing", way: this.#way });
    };
    video.addEventListener("waiting", onStalled);
    video.addEventListener("playing", onPlaying);
    try {
      while (!this.#stopped) {
        const { kind, message } = await this.#attempt();
        if (this.#stopped) return;
        if (kind === "refused" || kind === "unsupported") return this.#tell({ kind, message });
        this.#tell({ kind: kind === "busy" ? "busy" : "waiting", message });
        await this.#sleep(rest);
        rest = Math.min(MAX_REST_MS, rest * 2);
      }
    } finally {
      video.removeEventListener("waiting", onStalled);
      video.removeEventListener("playing", onPlaying);
      if (this.#stopped) this.#tell({ kind: "stopped" });
    }
  }

  /** Ends it. */
  stop() {
    this.#stopped = true;
    this.#gone.abort();
    this.#playing?.stop();
    this.#wake?.();
  }

  /** @type {Way | undefined} */
  #way;

  /**
   * Tries the ways until one has played, or the server says why not.
   *
   * @returns {Promise<Outcome>}
   */
  async #attempt() {
    const all = this.#only === undefined ? waysFor(this.#media(), abilities()) : [this.#only];
    const ways = this.#flvBroke ? afterBreak(all) : all;
    /** @type {Outcome} */
    let outcome = { kind: "unsupported" };
    for (const way of ways) {
      outcome = await this.#try(way);
      if (way !== "hls" && outcome.played && outcome.kind === "failed") this.#flvBroke = true;
      if (this.#stopped || outcome.played) return outcome;
      // Neither a WebSocket nor the libraries tell what the server says: another request does.
      const isUnclear = way === "ws-flv" ? outcome.kind === "failed" : outcome.kind === "refused";
      if (isUnclear && outcome.message === undefined) {
        const told = await this.#ask(way === "hls" ? this.#urls.hls : this.#urls.flv);
        if (told.kind !== "failed") return told;
      }
      if (outcome.kind !== "unsupported" && outcome.kind !== "failed") return outcome;
    }
    return outcome;
  }

  /**
   * @param {Way} way
   * @returns {Promise<Outcome>}
   */
  async #try(way) {
    this.#way = way;
    /** @type {Outcome} */
    let outcome = { kind: "turned" };
    let played = false;
    while (outcome.kind === "turned" && !this.#stopped) {
      const [{ without }, since] = [outcome, performance.now()];
      outcome = await this.#tryOnce(way, without);
      played ||= outcome.played === true;
      if (outcome.kind !== "turned") break;
      if (without !== undefined) this.#patience = Math.min(MAX_PATIENCE_MS, 2 * this.#patience);
      // It had both for long: then its camera is switched off and on, and no more.
      else if (performance.now() - since > 10 * this.#patience) this.#patience = PATIENCE_MS;
    }
    // What has played can be decoded.
    const { kind } = outcome;
    return { ...outcome, played, kind: played && kind === "unsupported" ? "failed" : kind };
  }

  /**
   * @param {Way} way
   * @param {Outcome["without"]} without
   * @returns {Promise<Outcome>}
   */
  async #tryOnce(way, without) {
    const { ws, flv, hls } = this.#urls;
    const say = setTimeout(() => this.#tell({ kind: "waiting", way }), SAY_MS);
    const came = () => clearTimeout(say);
    this.#video.addEventListener("loadeddata", came);
    try {
      const sides = { without, patienceMs: this.#patience };
      const playing = way === "hls"
        ? await playHls(this.#video, hls)
        : await playFlv(this.#video, way === "ws-flv" ? ws : flv, sides);
      this.#playing = playing;
      if (this.#stopped) playing.stop();
      // Where the browser wants a click first it waits for one, and plays then.
      this.#video.play().catch(() => {});
      return await playing.over;
    } catch (error) {
      return { kind: "failed", message: String(error) };
    } finally {
      this.#playing = undefined;
      clearTimeout(say);
      this.#video.removeEventListener("loadeddata", came);
    }
  }

  /**
   * Asks by HTTP why a stream is not to be had. The answer may take as long as the server waits for the
   * publisher, and comes as soon as that is there.
   *
   * @param {string} url
   * @returns {Promise<Outcome>}
   */
  async #ask(url) {
    const one = new AbortController();
    const stop = () => one.abort();
    this.#gone.signal.addEventListener("abort", stop);
    const say = setTimeout(() => this.#tell({ kind: "waiting" }), SAY_MS);
    try {
      const response = await fetch(url, { signal: one.signal, cache: "no-store" });
      if (response.ok) return { kind: "failed" };
      const body = await response.json().catch(() => undefined);
      return outcomeOf(response.status, body?.error?.message);
    } catch {
      return { kind: "absent", message: "The server does not answer" };
    } finally {
      clearTimeout(say);
      this.#gone.signal.removeEventListener("abort", stop);
      one.abort();
    }
  }

  /** @param {number} ms */
  async #sleep(ms) {
    await new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
      setTimeout(resolve, ms);
    });
    this.#wake = undefined;
  }

  /** @param {PlayerState} state */
  #tell(state) {
    if (!this.#stopped || state.kind === "stopped") this.#onState(state);
  }
}

/**
 * What a state is in words; empty while it plays.
 *
 * @param {PlayerState} state
 */
export function stateText({ kind, message }) {
  switch (kind) {
    case "connecting":
      return "Connecting …";
    case "stalled":
      return "Waiting for more …";
    case "waiting":
      return "Not live at the moment. It starts by itself.";
    case "busy":
      return "The server has no room at the moment. Trying again …";
    case "refused":
      return message ? `The server refuses: ${message}` : "The server does not let you watch this.";
    case "unsupported":
      return "This browser cannot play what is sent.";
    default:
      return "";
  }
}
