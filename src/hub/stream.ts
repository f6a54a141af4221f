/**
 * A live stream: who publishes it, what a new player needs, and who gets its frames.
 *
 * @module
 */
import { Fanout } from "./fanout/fanout.ts";
import { type FrameEncoder, FrameFlag, FrameKind, type MediaFrame } from "./frame.ts";
import { GopCache, type GopCacheLimits } from "./gop_cache.ts";
import { Ingest, type IngestSink } from "./ingest/ingest.ts";
import type { Half } from "./fanout/halves.ts";
import type { KeyClock } from "./key_clock.ts";
import { MediaMemory } from "./media_memory.ts";
import type { Player } from "./fanout/player.ts";
import type { JoinPoint, PlayEnd } from "./fanout/player_ports.ts";
import type { KeyFrameFault, Ownership, PublishedStream, StreamEnd } from "./publisher.ts";
import { Stage, type StageLimits } from "./stage.ts";
import type { EncodingSource } from "./fanout/encoding.ts";
import { StreamHeaders } from "./ingest/stream_headers.ts";
import { StreamStats } from "./stream_stats.ts";
import type { FrameTap } from "./tap.ts";
import type { MediaTime } from "./ingest/timeline.ts";

/** What a stream needs to know of its hub's configuration. */
export interface StreamLimits extends StageLimits<LiveStream> {
  readonly gop: GopCacheLimits;
  /** What the media of all streams is counted in. */
  readonly memory?: MediaMemory;
}

/** The owner of a live stream. */
export type Publisher = Ownership<LiveStream>;

/** A live stream. Created and dropped by the registry. */
export class LiveStream extends Stage<LiveStream>
  implements EncodingSource, PublishedStream, IngestSink {
  readonly app: string;
  readonly name: string;
  readonly stats: StreamStats;
  /** What the current publisher says about its media. */
  readonly description: StreamHeaders;
  readonly #memory: MediaMemory;
  readonly #ingest: Ingest;
  readonly #gop: GopCache;
  /** Sound came since the last key frame. */
  #gopHasSound = false;
  readonly #fanout: Fanout;

  constructor(app: string, name: string, limits: StreamLimits, now: number) {
    super(limits);
    this.app = app;
    this.name = name;
    this.#memory = limits.memory ?? new MediaMemory();
    this.description = new StreamHeaders(this.#memory);
    this.stats = new StreamStats(now);
    this.#ingest = new Ingest(this, this.description, this.stats);
    this.#gop = new GopCache(limits.gop, this.#memory);
    this.#fanout = new Fanout(this, this.#memory);
  }

  // What it is

  gop(): Iterable<MediaFrame> {
    return this.#gop.frames();
  }

  /** Payload bytes in the GOP cache. */
  get gopBytes(): number {
    return this.#gop.bytes;
  }

  /** Players that receive media. */
  get playerCount(): number {
    return this.#fanout.playerCount;
  }

  /** Whether its publisher's pictures have begun: with a key frame. */
  get hasVideo(): boolean {
    return this.#ingest.hasVideo;
  }

  /** When key frames of the default track came. */
  get keys(): KeyClock {
    return this.#ingest.keys;
  }

  /** Pictures of its publisher that were dropped because no key frame had come. */
  get framesBeforeKey(): number {
    return this.#ingest.framesBeforeKey;
  }

  /** Video messages pushed by its publisher. */
  get pictures(): number {
    return this.stats.videoFrames;
  }

  /** How far sound or pictures have come, in players' time; see {@link Timeline.reached}. */
  reached(kind: number): MediaTime | undefined {
    return this.#ingest.reached(kind);
  }

  /** When the newest key frame came (ms). */
  get keyAt(): number | undefined {
    return this.#ingest.keys.at;
  }

  /** How often the publishers' time leapt, so that the players' had to be corrected. */
  get timeLeaps(): number {
    return this.#ingest.timeLeaps;
  }

  /** Bytes handed to players so far. */
  get bytesOut(): number {
    return this.#fanout.bytesOut;
  }

  /** Frames that slow players skipped so far. */
  get framesDropped(): number {
    return this.#fanout.framesDropped;
  }

  /** Whether nobody needs this stream any more. */
  get idle(): boolean {
    if (this.shown || this.playerCount > 0) return false;
    return this.orphanDeadline === Infinity || !this.taps.stay;
  }

  /** Whether somebody watches it: a player, or a tap that stands for some. */
  get watched(): boolean {
    return this.playerCount > 0 || this.taps.stay;
  }

  /** Whether a tap stands for some who watch. */
  get tapped(): boolean {
    return this.taps.stay;
  }

  hasVideoTrack(id: number): boolean {
    return this.description.tracks(FrameKind.Video).some((track) => track.id === id);
  }

  hasAudioTrack(id: number): boolean {
    return this.description.tracks(FrameKind.Audio).some((track) => track.id === id);
  }

  headers(): readonly MediaFrame[] {
    return this.description.frames(this.startTime);
  }

  get startTime(): number {
    return this.#gop.timestamp ?? this.#ingest.time;
  }

  // Who publishes

  protected get whole(): LiveStream {
    return this;
  }

  protected endInput(): void {
    this.#ingest.end();
  }

  protected renew(kept: boolean, now: number): void {
    // Nothing of what went before may reach a player that joins.
    this.#gop.clear();
    this.#ingest.restart(kept, now);
    this.#fanout.restart();
  }

  /**
   * Takes one audio, video or data message. Called by {@link Publisher} only. `payload` is copied
   * where it is kept, so it may be reused once this returns.
   */
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void {
    this.#ingest.push(kind, timestamp, payload, now);
  }

  /**
   * Stores a data message for new players and sends it to those that are there.
   *
   * @param handler its name, `onMetaData` for instance
   * @param payload the AMF0 message body, handler name first
   */
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void {
    this.#ingest.setData(handler, timestamp, payload, now);
  }

  /** Forgets a stored data message. */
  clearData(handler: string): void {
    this.#ingest.clearData(handler);
  }

  /**
   * Sends a data message that is not the publisher's, at the time of the media that went before it.
   * Stored, it is for new players too.
   */
  announce(handler: string, payload: Uint8Array, store: boolean, now: number): void {
    this.#ingest.announce(handler, payload, store, now);
  }

  // What the publisher sends

  onFrame(frame: MediaFrame, now: number): void {
    this.#memory.makeRoom(now);
    if (frame.kind === FrameKind.Audio) this.#gopHasSound = true;
    else if ((frame.flags & FrameFlag.Key) !== 0) this.#gopHasSound = false;
    const cached = this.#gop.add(frame, now);
    this.#emit(frame, now);
    // Over the cache's limits the encodings let go of the GOP as well: nobody joins in its middle.
    if (!cached) this.#fanout.forgetKey();
  }

  onHeader(frame: MediaFrame, now: number): void {
    this.#emit(frame, now);
  }

  #emit(frame: MediaFrame, now: number): void {
    this.#fanout.emit(frame, now);
    if (this.taps.size > 0) this.taps.emit(frame, now, this.isOwn);
  }

  onHeadersChanged(): void {
    this.#fanout.headersChanged();
  }

  onConfigured(kind: number, isCodec: boolean): void {
    // Sound of another codec leaves the GOP as it is where none of it came since its key frame.
    if (!isCodec || kind === FrameKind.Video || this.#gopHasSound) {
      this.#gop.clear();
      this.#fanout.forgetKey();
    }
    if (isCodec) this.#fanout.headersChanged();
  }

  onKeyFrameFault(fault: KeyFrameFault): void {
    // It may be every picture that has it, and it is told once.
    if (this.publisher === undefined || this.publisher.hasFault) return;
    this.publisher.noteFault(fault, this.#ingest.videoCodec, this.framesBeforeKey);
  }

  // Who gets it

  /** Whether a player may come with this encoder; see {@link Fanout.mayEncode}. */
  mayEncode(encoder: FrameEncoder, waiting?: ReadonlyMap<string, unknown>): boolean {
    return this.#fanout.mayEncode(encoder, waiting);
  }

  /** Lets a player read. */
  play(player: Player, encoder: FrameEncoder, now: number, from?: JoinPoint): void {
    player.variant = encoder.variant;
    const encoding = this.#fanout.encoding(encoder, now, player.paused);
    player.started();
    encoding.add(player, now, from);
  }

  /**
   * Moves a player to another encoding, where it goes on live, with pictures at once when it can
   * decode what comes next, else from the next key frame on.
   */
  changeEncoder(player: Player, encoder: FrameEncoder, now: number): void {
    if (player.encoding === undefined) return;
    // What waits for the next picture may be all that it lacks.
    player.catchUp();
    const from = player.inStep ? "here" : "key";
    player.leave();
    player.variant = encoder.variant;
    this.#fanout.encoding(encoder, now, player.paused).add(player, now, from);
  }

  /**
   * Hands the frames to `tap` from now on, headers and the cached GOP first.
   *
   * @returns ends that
   */
  tap(tap: FrameTap, now: number): () => void {
    return this.taps.add(tap, [...this.headers(), ...this.gop()], now, this.isOwn);
  }

  /** Calls `act` for each player that receives media. */
  eachPlayer(act: (player: Player) => void): void {
    this.#fanout.eachPlayer(act);
  }

  /**
   * Hands what was pushed to the players.
   *
   * @param half of the players in step only this half is handed it
   */
  flush(now: number, half?: Half): void {
    this.#fanout.flush(now, half);
  }

  /** Looks after the players: hands out what waits for nothing, and holds them to their limits. */
  watch(now: number): void {
    this.#fanout.watch(now);
  }

  /** Ends every player once it has been handed what is in the log. */
  endPlayers(reason: PlayEnd, now: number, why: StreamEnd = "lost"): void {
    this.end(why);
    this.#gop.clear();
    this.#fanout.finish(reason, now);
  }

  // What it takes

  /** Memory that encoded media takes, for players and for those to come: whole pages. */
  get logBytes(): number {
    return this.#fanout.heldBytes;
  }

  /** Bytes that go with {@link dropGop}. */
  get cachedBytes(): number {
    return this.#gop.heldBytes + this.#fanout.cachedBytes;
  }

  /** Memory that it takes: its GOP, its logs and its headers. */
  get heldBytes(): number {
    return this.#gop.heldBytes + this.logBytes + this.description.keptBytes;
  }

  /** Forgets the GOP: whoever joins waits for the next key frame. */
  dropGop(): void {
    this.#gop.close();
    this.#fanout.forgetKey();
  }

  /** Keeps nothing encoded but what players are still to be handed. */
  trim(): void {
    this.#fanout.trim();
  }

  /** Gives back the memory of encodings that nobody reads; called about once a second. */
  dropUnusedEncodings(): void {
    this.#fanout.dropUnused();
  }

  /** Gives all memory back: the stream is over, and nobody is there. */
  close(): void {
    this.end("lost");
    this.dropUnusedEncodings();
    this.#gop.close();
    this.description.clear(0);
  }
}
