/**
 * A stream as HTTP Live Streaming: frames in, playlists with their parts and segments out.
 *
 * @module
 */
import { type Sample, SampleReader, type SampleTrack, type TrackFormat } from "../samples/mod.ts";
import { planSegments, type SegmentPlan } from "./cutter.ts";
import { type Layout, layOut, type RenditionLayout } from "./layout.ts";
import { planParts, planPartsWithin, TICKS_PER_SECOND, usualDuration } from "./part_plan.ts";
import { HlsRendition, type PartEncoder, type RenditionNames } from "./rendition.ts";
import { MediaWindow } from "./window.ts";

/** How a stream is packaged. Times in milliseconds. */
export interface PackagerOptions {
  readonly partMs: number;
  readonly segmentMs: number;
  /** What playlists list; see {@link MediaWindow}. */
  readonly listedMs: number;
  /** Bytes that all playlists of the stream together may keep. */
  readonly bytes: number;
  /** Whether there are parts to be listed. */
  readonly lowLatency: boolean;
  /** Media Sequence Number of the first segment. */
  readonly firstMsn: number;
  /** Milliseconds between the last two key frames, as far as they are known. */
  readonly gopMs?: number | undefined;
}

/** What makes the bytes and names of a packager's playlists. */
export interface PackagerPorts<B> {
  sizeOf(body: B): number;
  /** Encodes the parts of one playlist. */
  encoder(rendition: string): PartEncoder<B>;
  /** Names of what one playlist lists. */
  names(rendition: string): RenditionNames;
  /** Whether the container can hold a track. */
  accepts(format: TrackFormat): boolean;
  /** A track is left out; in words, why. */
  onProblem(problem: string): void;
  /** Keeps a Media Initialization Section; `undefined` where the container needs none. */
  map(rendition: string, tracks: readonly SampleTrack[]): string | undefined;
  /** There are playlists. */
  onReady(): void;
  /** A playlist has a new part, or a segment is whole. */
  onChange(rendition: PackagedRendition<B>): void;
}

/** A playlist of a stream. */
export interface PackagedRendition<B> {
  readonly name: string;
  readonly window: MediaWindow<B>;
  readonly maker: HlsRendition<B>;
  /** Its tracks in their formats of today. */
  tracks: readonly SampleTrack[];
}

/** Media that is looked at before it is known what the stream is like (ms). */
const LOOK_MS = 300;
/** How much longer is waited for pictures that were announced (ms). */
const LOOK_FOR_VIDEO_MS = 2000;
/** Samples that are looked at, at the most, and the share of the bytes of all playlists that they take. */
const MAX_LOOK = 20_000;
const MAX_LOOK_SHARE = 1 / 4;

/** Makes the playlists of one stream. */
export class HlsPackager<B> {
  readonly #options: PackagerOptions;
  readonly #ports: PackagerPorts<B>;
  readonly #reader: SampleReader;
  /** Whether pictures are to be expected. */
  expectsVideo = false;
  /** What came before there was a plan. */
  #early: { readonly track: SampleTrack; readonly sample: Sample }[] = [];
  #earlyBytes = 0;
  /** The tracks that these are of, by their numbers. */
  readonly #seen = new Map<number, SampleTrack>();
  #renditions: PackagedRendition<B>[] = [];
  /** By the number of the track. */
  readonly #byTrack = new Map<number, PackagedRendition<B>>();
  #segments: SegmentPlan | undefined;
  /** Ticks of a frame of the leading track, usually. */
  #frame = 0;
  /** What is cached of the stream comes in at once: there is no plan before all of it is there. */
  #gathers = true;
  /** Something ended that what comes next does not follow. */
  #broken = false;

  constructor(options: PackagerOptions, ports: PackagerPorts<B>) {
    this.#options = options;
    this.#ports = ports;
    this.#reader = new SampleReader({
      onTrack: (track) => this.#onTrack(track),
      onSample: (track, sample) => this.#onSample(track, sample),
      onLeap: () => this.#break(),
      onProblem: ({ kind, trackId, problem }) =>
        ports.onProblem(`${kind} track ${trackId}: ${problem}`),
    }, { startMs: START_MS });
  }

  /** The playlists, the main one first; none before enough is known. */
  get renditions(): readonly PackagedRendition<B>[] {
    return this.#renditions;
  }

  /** Milliseconds of the newest frame, from {@link START_MS} on. */
  get newestMs(): number {
    return this.#reader.newestMs;
  }

  /** Frames of the leading track in a second. */
  get frameRate(): number | undefined {
    return this.#frame > 0 ? TICKS_PER_SECOND / this.#frame : undefined;
  }

  /** Takes a message: see `SampleReader.push`. */
  push(kind: number, timestamp: number, payload: Uint8Array, key: boolean): void {
    this.#reader.push(kind, timestamp, payload, key);
  }

  /**
   * What was cached of the stream is in. Whoever watches is to have something at once: it becomes a
   * segment, or several, where there is enough of it to know what the stream is like.
   */
  settle(): void {
    this.#gathers = false;
    this.#plan(false);
    for (const { maker } of this.#renditions) maker.finish();
  }

  /** Another publisher: what comes has nothing to do with what came. */
  restart(): void {
    this.#reader.restart();
    this.#break();
  }

  /** Nothing comes for now, and maybe for good: what waits for the next frame waits no more. */
  flush(): void {
    this.#reader.flush();
    this.#plan(true);
    for (const { maker } of this.#renditions) maker.finish();
  }

  /** Nothing comes any more. */
  end(): void {
    this.flush();
    for (const rendition of this.#renditions) {
      rendition.window.end();
      this.#ports.onChange(rendition);
    }
  }

  #break(): void {
    for (const { maker } of this.#renditions) maker.break();
  }

  #onTrack(track: SampleTrack): void {
    const { trackId, format } = track;
    if (!this.#ports.accepts(format)) {
      const problem = `${format.codec} cannot be held by the container`;
      return this.#ports.onProblem(`${format.kind} track ${trackId}: ${problem}`);
    }
    if (this.#renditions.length === 0) return;
    const rendition = this.#byTrack.get(track.id);
    if (rendition !== undefined) return this.#change(rendition, track);
    const main = this.#renditions[0]!;
    const isVideo = track.format.kind === "video";
    // Pictures that come late lead from then on. Other tracks wait until the stream is packaged anew.
    if (isVideo && main.tracks.every(({ format }) => format.kind === "audio")) {
      this.#broken = true;
      main.tracks = [track, ...main.tracks];
      this.#byTrack.set(track.id, main);
    }
  }

  /** A track goes on in another format. */
  #change(rendition: PackagedRendition<B>, track: SampleTrack): void {
    this.#broken = true;
    rendition.tracks = rendition.tracks.map((one) => one.id === track.id ? track : one);
  }

  /** Formats changed, and now there is media of them. */
  #goOn(): void {
    this.#broken = false;
    this.#break();
    for (const rendition of this.#renditions) {
      const { maker, tracks, window } = rendition;
      const lead = tracks[0]!;
      const parts = planPartsWithin(frameTicks(lead, []), window.limits.partTarget);
      window.limits = { ...window.limits, partTarget: this.#listedTarget(parts.target) };
      maker.follow(lead.id, parts);
      maker.setMap(this.#ports.map(rendition.name, tracks));
    }
  }

  #onSample(track: SampleTrack, sample: Sample): void {
    if (this.#renditions.length > 0) {
      if (this.#broken) this.#goOn();
      return this.#byTrack.get(track.id)?.maker.push(track, sample);
    }
    if (!this.#ports.accepts(track.format)) return;
    if (this.#early.length < MAX_LOOK) {
      this.#early.push({ track, sample });
      this.#earlyBytes += sample.data.length;
      this.#seen.set(track.id, track);
    }
    if (!this.#gathers) this.#plan(false);
  }

  /** Makes the playlists as soon as enough is known; `now`: with what there is. */
  #plan(now: boolean): void {
    if (this.#renditions.length > 0) return;
    const early = this.#early;
    if (early.length === 0) return;
    const layout = layOut([...this.#seen.values()].sort((one, other) => one.id - other.id));
    if (layout === undefined || (!now && !this.#knowsEnough(layout))) return;
    this.#make(layout);
    this.#early = [];
    this.#seen.clear();
    for (const { track, sample } of early) this.#byTrack.get(track.id)?.maker.push(track, sample);
    this.#ports.onReady();
  }

  #knowsEnough({ main: { lead } }: Layout): boolean {
    const early = this.#early;
    const many = this.#earlyBytes > MAX_LOOK_SHARE * this.#options.bytes;
    if (many || early.length >= MAX_LOOK) return true;
    const scale = 1000 / early[0]!.track.format.timescale;
    const spanMs = this.newestMs - early[0]!.sample.dts * scale;
    const waits = this.expectsVideo && lead.format.kind === "audio";
    return spanMs >= (waits ? LOOK_FOR_VIDEO_MS : LOOK_MS);
  }

  #make({ main, audio }: Layout): void {
    const { segmentMs, gopMs } = this.#options;
    const samples = (track: SampleTrack) =>
      this.#early.flatMap((one) => one.track.id === track.id ? one.sample : []);
    this.#frame = frameTicks(main.lead, samples(main.lead));
    const gop = gopTicks(main.lead, samples(main.lead));
    const last = main.lead.format.kind === "video" ? ticks(gopMs ?? 0) : 0;
    this.#segments = planSegments(ticks(segmentMs), gop === 0 ? undefined : gop, last);
    const share = this.#options.bytes / (1 + audio.length);
    this.#renditions = [main, ...audio].map((one) =>
      this.#rendition(one, one === main, frameTicks(one.lead, samples(one.lead)), share)
    );
    const [first, ...others] = this.#renditions;
    // Segments of all playlists end at about the same time.
    first!.maker.onCut = (time) => {
      this.#ports.onChange(first!);
      for (const { maker } of others) maker.cutAt(time);
    };
  }

  #listedTarget(target: number): number {
    return this.#options.lowLatency ? target : 0;
  }

  #rendition(
    { name, lead, tracks }: RenditionLayout,
    cuts: boolean,
    frame: number,
    bytes: number,
  ): PackagedRendition<B> {
    const { partMs, listedMs, firstMsn } = this.#options;
    const ports = this.#ports;
    const parts = planParts(frame, ticks(partMs));
    const segments = this.#segments!;
    const limits = {
      targetDuration: segments.target,
      partTarget: this.#listedTarget(parts.target),
      listed: ticks(listedMs),
      bytes,
      segments: mostSegments(listedMs, segments.wish * 1000 / TICKS_PER_SECOND),
    };
    const window = new MediaWindow<B>(limits, (body) => ports.sizeOf(body), firstMsn);
    const maker = new HlsRendition<B>({
      ...{ window, parts, segments, cuts, lead: lead.id },
      ...{ encoder: ports.encoder(name), names: ports.names(name) },
    });
    const rendition: PackagedRendition<B> = { name, window, maker, tracks };
    maker.setMap(ports.map(name, tracks));
    maker.onPart = () => ports.onChange(rendition);
    maker.onCut = () => ports.onChange(rendition);
    for (const track of tracks) this.#byTrack.set(track.id, rendition);
    return rendition;
  }
}

/**
 * Where the time of a stream begins (ms): sound that came first may be older than the picture it
 * comes behind, and no time is below 0.
 */
export const START_MS = 10_000;

function ticks(ms: number): number {
  return ms * TICKS_PER_SECOND / 1000;
}

/** Segments that a playlist may keep for each that fits into what it lists: shorter ones break off. */
const SPARE_SEGMENTS = 4;
const FEW_SEGMENTS = 64;

/** Segments that a playlist of `listedMs` may have, of which each is to last `segmentMs`. */
export function mostSegments(listedMs: number, segmentMs: number): number {
  return FEW_SEGMENTS + SPARE_SEGMENTS * Math.ceil(listedMs / segmentMs);
}

/** Frame rates of pictures that say nothing of it. */
const USUAL_FRAME_RATE = 30;

function frameTicks({ format }: SampleTrack, samples: readonly Sample[]): number {
  const scale = TICKS_PER_SECOND / format.timescale;
  const said = format.kind === "video"
    ? TICKS_PER_SECOND / (format.frameRate ?? USUAL_FRAME_RATE)
    : (format.frameTicks ?? format.timescale / 50) * scale;
  return usualDuration(samples.map(({ duration }) => duration * scale), said);
}

/** The longest distance between key frames that was seen, or 0. */
function gopTicks({ format }: SampleTrack, samples: readonly Sample[]): number {
  const keys = samples.filter(({ key }) => key).map(({ dts }) => dts);
  if (format.kind === "audio") return 0;
  return Math.max(0, ...keys.slice(1).map((dts, index) => dts - keys[index]!));
}
