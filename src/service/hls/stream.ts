/**
 * A stream that is watched by HLS: its frames become playlists, as long as somebody watches.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import {
  FileNames,
  HlsPackager,
  mostSegments,
  type PackagedRendition,
  type PartEncoder,
  TICKS_PER_SECOND,
  writeMultivariantPlaylist,
} from "../../core/hls/mod.ts";
import type { SampleTrack } from "../../core/samples/mod.ts";
import { errorText } from "../../faults.ts";
import {
  FrameFlag,
  FrameKind,
  type FrameTap,
  type LiveStream,
  type MediaFrame,
  type StreamKey,
} from "../../hub/mod.ts";
import { Archive } from "./archive.ts";
import { type MediaFile, mediaFile, type PartBody } from "./body.ts";
import type { HlsSurroundings } from "./context.ts";
import { type Container, Mp4Container, TsContainer } from "./container.ts";
import { PLAYLIST_TYPE, PlaylistDesk, VERSION_WITH_SKIP } from "./playlist_desk.ts";
import { describeVariant } from "./variant.ts";
import { type WaitBudget, type WaitEnd, WaitList } from "./waits.ts";

const log = getLogger(["sluice", "hls"]);
const TEXT = new TextEncoder();

/** Parts behind the end at which players begin: twice as many are the least [RFC 8216bis §4.4.3.8]. */
const HOLD_BACK_PARTS = 3;

/** Target Durations from the end up to which a delta update lists everything. */
const SKIP_TARGETS = 6;

/** How long what there was of a stream is served once it is over (ms). */
const FAREWELL_MS = 30_000;

/** A packaged stream. */
export class HlsStream implements FrameTap {
  readonly key: StreamKey;
  /** It stands for people who watch: a stream whose publisher was lost is kept for them. */
  readonly stays = true;
  /** Viewers that were let in. */
  viewers = 0;
  /** When somebody asked for something last (ms). */
  askedAt: number;
  readonly #surroundings: HlsSurroundings;
  readonly #waitBudget: WaitBudget;
  readonly #packager: HlsPackager<PartBody>;
  readonly #desks = new Map<string, PlaylistDesk>();
  readonly #container: Container;
  readonly #archive: Archive | undefined;
  #diskFailed = false;
  /** Something of it was left out, because nothing here can hold or read it. */
  leavesOut = false;
  /** The number behind the last segment when the multivariant playlist was written. */
  #indexMsn: number | undefined;
  readonly #ready: WaitList<number, true>;
  readonly #run: string;
  /** Difference of the clock on the wall from the time of the stream (ms). */
  #wall: number | undefined;
  #untap: (() => void) | undefined;
  /** When its publisher is given up (ms), or what is left of it. */
  #deadline = Infinity;
  #state: "live" | "lost" | "ended" | "closed" = "live";
  #bytes = 0;
  /** An event has as much as it may have, and ends. */
  #isFull = false;

  constructor(surroundings: HlsSurroundings, live: LiveStream, budget: WaitBudget) {
    const { config, runtime: { clock } } = surroundings;
    this.#surroundings = surroundings;
    this.#waitBudget = budget;
    this.key = { app: live.app, name: live.name };
    this.#ready = new WaitList(budget);
    this.askedAt = clock.now();
    const seconds = Math.floor(clock.wall() / 1000);
    this.#run = clock.wall().toString(36);
    this.#container = config.container === "mpegts"
      ? new TsContainer()
      : new Mp4Container(this.#run);
    const { store } = surroundings;
    const folder = live.app === "" ? live.name : `${live.app}/${live.name}`;
    this.#archive = store && new Archive(store, folder, (error) => this.#onDiskFault(error));
    this.#packager = new HlsPackager<PartBody>({
      partMs: config.partMs,
      segmentMs: config.segmentMs,
      listedMs: config.playlist === "event" ? Infinity : config.listedMs,
      bytes: config.streamBytes,
      lowLatency: config.latency === "low",
      // Later than all that this name had before: segments last a second or more.
      firstMsn: seconds,
      gopMs: live.keys.gopMs,
    }, {
      sizeOf: ({ bytes }) => bytes.length,
      encoder: (rendition) => this.#counted(this.#container.encoder(rendition)),
      names: (rendition) => {
        const names = new FileNames(rendition, this.#run, this.#container.extension);
        return {
          segment: (msn) => names.segment(msn),
          part: (index) => names.part(index),
          programTime: (ticks) => this.#programTime(ticks),
        };
      },
      accepts: (format) => this.#container.accepts(format),
      map: (rendition, tracks) => this.#begin(rendition, tracks),
      onProblem: (problem) => this.#onProblem(problem),
      onReady: () => this.#onReady(),
      onChange: (rendition) => this.#onChange(rendition),
    });
    this.#attach(live);
  }

  /** Whether it goes on: players that come now find it. */
  get isLive(): boolean {
    return this.#state === "live" || this.#state === "lost";
  }

  /** Whether nothing is left of it. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Whether its playlists are there. */
  get isReady(): boolean {
    return this.#desks.size > 0;
  }

  /**
   * Whether its playlists are there, each with so many whole segments, and the main one with something
   * that rates can be measured by.
   */
  has(segments: number): boolean {
    const [main] = this.#packager.renditions;
    const begun = main !== undefined && (main.window.open ?? main.window.kept[0]) !== undefined;
    return begun && this.isReady &&
      [...this.#desks.values()].every(({ rendition }) => rendition.window.kept.length >= segments);
  }

  /** Target Duration of its playlists, once they are there (ms). */
  get targetMs(): number {
    const { limits } = this.#packager.renditions[0]!.window;
    return limits.targetDuration * 1000 / TICKS_PER_SECOND;
  }

  /** A media playlist, with what it lists. `name` is that of any of its files. */
  desk(name: string): PlaylistDesk | undefined {
    const end = name.search(/[.-]/);
    return this.#desks.get(name.slice(0, end));
  }

  /** A Media Initialization Section. */
  map(name: string): MediaFile | undefined {
    return this.#container.maps.get(name);
  }

  /** The multivariant playlist. `prefix` goes in front of the names of media playlists. */
  multivariant(prefix: string): MediaFile {
    const { renditions, frameRate } = this.#packager;
    const text = writeMultivariantPlaylist(
      describeVariant(renditions, frameRate, prefix),
      this.#container.version,
    );
    return mediaFile(PLAYLIST_TYPE, [TEXT.encode(text)]);
  }

  /** Waits until there are playlists, each with so many whole segments. */
  waitUntilHas(
    segments: number,
    deadline: number,
    settle: (result: true | WaitEnd) => void,
  ): () => void {
    return this.#ready.add(`${segments}`, segments, { deadline, settle });
  }

  // What the hub hands over

  onFrame({ kind, timestamp, payload, flags }: MediaFrame): void {
    if (kind === FrameKind.Data || this.#isFull) return;
    this.#packager.push(kind, timestamp, payload, (flags & FrameFlag.Key) !== 0);
  }

  onPublish(): void {
    this.#state = "live";
    this.#packager.restart();
    this.#wall = undefined;
  }

  onUnpublish(now: number, lost: boolean): void {
    const { reconnectWindowMs } = this.#surroundings.config;
    this.#packager.flush();
    if (!lost || reconnectWindowMs === 0) return this.#end(now);
    this.#state = "lost";
    this.#deadline = now + reconnectWindowMs;
  }

  onFault(error: unknown): void {
    this.#surroundings.faults.count("session", error);
    const { app, name } = this.key;
    log.error("internal error, packaging stopped", { app, name, error: errorText(error) });
    this.close();
  }

  #attach(live: LiveStream): void {
    const { clock } = this.#surroundings.runtime;
    this.#packager.expectsVideo = live.description.tracks(FrameKind.Video).length > 0;
    this.#untap = live.tap(this, clock.now());
    this.#packager.settle();
  }

  // What comes of it

  /** Counts what an encoder makes. */
  #counted({ encode }: PartEncoder<PartBody>): PartEncoder<PartBody> {
    return {
      encode: (tracks, first) => {
        const body = encode(tracks, first);
        this.#count(body.bytes.length);
        return body;
      },
    };
  }

  #begin(rendition: string, tracks: readonly SampleTrack[]): string | undefined {
    const name = this.#container.begin(rendition, tracks);
    const file = name === undefined ? undefined : this.#container.maps.get(name);
    // The first ones are written when all playlists are there.
    if (file !== undefined && this.isReady) this.#archive?.write(name!, file);
    return name;
  }

  #onProblem(problem: string): void {
    this.leavesOut = true;
    const { app, name } = this.key;
    log.warn("a track is left out", { app, name, problem });
  }

  #onDiskFault(error: unknown): void {
    this.#surroundings.faults.count("session", error);
    if (this.#diskFailed) return;
    this.#diskFailed = true;
    const { app, name } = this.key;
    log.error("segments cannot be written", { app, name, error: errorText(error) });
  }

  /** A file of the folder. Never rejects. */
  stored(name: string): Promise<MediaFile | undefined> {
    return this.#archive?.read(name, this.#container.type) ?? Promise.resolve(undefined);
  }

  #count(bytes: number): void {
    const { memory } = this.#surroundings.hub.registry;
    this.#bytes += bytes;
    memory.count(bytes);
    if (bytes <= 0) return;
    // Its own oldest segments go before what is of others.
    for (const { window } of this.#packager.renditions) {
      while (memory.over && window.kept.length > 2 && window.dropOldest());
    }
  }

  #programTime(ticks: number): string {
    const { clock } = this.#surroundings.runtime;
    this.#wall ??= clock.wall() - this.#packager.newestMs;
    return new Date(Math.round(this.#wall + ticks * 1000 / TICKS_PER_SECOND)).toISOString();
  }

  #onReady(): void {
    const lowLatency = this.#surroundings.config.latency === "low";
    const { renditions } = this.#packager;
    // What one playlist says of the server all of them say [RFC 8216bis §6.2.4].
    const partTarget = Math.max(...renditions.map(({ window }) => window.limits.partTarget));
    const { targetDuration } = renditions[0]!.window.limits;
    for (const rendition of renditions) {
      const others = () => this.#packager.renditions.filter((one) => one !== rendition);
      const desk = new PlaylistDesk(
        rendition,
        {
          version: lowLatency ? VERSION_WITH_SKIP : this.#container.version,
          mediaType: this.#container.type,
          partHoldBack: HOLD_BACK_PARTS * partTarget,
          skipUntil: SKIP_TARGETS * targetDuration,
          plainVersion: this.#container.version,
          event: this.#surroundings.config.playlist === "event",
          others: lowLatency ? others : () => NONE,
          archive: this.#archive,
        },
        this.#waitBudget,
        (bytes) => this.#count(-bytes),
      );
      this.#desks.set(rendition.name, desk);
    }
    for (const [name, file] of this.#container.maps) this.#archive?.write(name, file);
    for (const desk of this.#desks.values()) desk.changed();
    this.#storeIndex();
    log.info("packaging", { ...this.key, playlists: renditions.length });
    this.#settleReady();
  }

  #onChange({ name, window }: PackagedRendition<PartBody>): void {
    this.#desks.get(name)?.changed();
    this.#storeIndex();
    this.#settleReady();
    const { playlist, listedMs, segmentMs } = this.#surroundings.config;
    // Segments that break off are short: time alone bounds no list.
    if (playlist === "event" && window.kept.length >= mostSegments(listedMs, segmentMs)) {
      this.#isFull = true;
    }
  }

  /** Writes the multivariant playlist behind each segment: what it says of rates and formats is measured. */
  #storeIndex(): void {
    if (this.#archive === undefined || !this.has(1)) return;
    const { nextMsn } = this.#packager.renditions[0]!.window;
    if (nextMsn === this.#indexMsn) return;
    this.#indexMsn = nextMsn;
    this.#archive.write("index.m3u8", this.multivariant(""));
  }

  #settleReady(): void {
    this.#ready.settle((segments) => this.has(segments) ? true : undefined);
  }

  // Its end

  /** Time passes. */
  tick(now: number): void {
    this.#ready.expire(now);
    for (const desk of this.#desks.values()) desk.expire(now);
    const { config } = this.#surroundings;
    const longest = (config.listedMs / 1000) * TICKS_PER_SECOND;
    const [main] = this.#packager.renditions;
    // Nothing is ever removed from an event: the next one begins with the next viewer.
    if (config.playlist === "event" && (main?.window.duration ?? 0) >= longest) this.#isFull = true;
    if (this.#isFull && this.isLive) return this.#end(now);
    if (now < this.#deadline) return;
    if (this.#state === "lost") this.#end(now);
    else if (this.#state === "ended") this.close();
  }

  #end(now: number): void {
    this.#untap?.();
    this.#state = "ended";
    this.#deadline = now + FAREWELL_MS;
    this.#packager.end();
    for (const desk of this.#desks.values()) {
      desk.changed();
      desk.storeList();
    }
    this.#ready.settle(() => "ended");
  }

  /** Lets go of everything. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#untap?.();
    this.#ready.settle(() => "gone");
    for (const desk of this.#desks.values()) desk.close();
    this.#container.maps.clear();
    this.#count(-this.#bytes);
  }
}

const NONE: readonly PackagedRendition<PartBody>[] = [];
