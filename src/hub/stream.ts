/**
 * A live stream: who publishes it, what a new player needs, and the renditions players read.
 *
 * @module
 */
import { audioFlags, MediaFlag, openVideo, videoFlags } from "../core/media/mod.ts";
import { type FrameEncoder, FrameFlag, FrameKind, type MediaFrame } from "./frame.ts";
import { GopCache, type GopCacheLimits } from "./gop_cache.ts";
import type { KeyClock } from "./key_clock.ts";
import { KeyGate } from "./key_gate.ts";
import { MediaMemory } from "./media_memory.ts";
import type { Player } from "./player.ts";
import type { JoinPoint, PlayEnd } from "./player_ports.ts";
import {
  type KeyFrameFault,
  Publisher,
  type PublisherInfo,
  type PublisherObserver,
} from "./publisher.ts";
import { Rendition, type RenditionSource } from "./rendition.ts";
import { StreamHeaders } from "./stream_headers.ts";
import { StreamStats } from "./stream_stats.ts";
import { Timeline } from "./timeline.ts";
import { frameFlags, TrackReader } from "./track_reader.ts";

/** What is stored for whoever joins later. */
const STORED = MediaFlag.SequenceHeader | MediaFlag.Presentation;

/** Video that is relayed before the first key frame: no picture, which would be of no use there. */
const NO_PICTURE = MediaFlag.EndOfSequence | MediaFlag.Command;

/** Most ways in which one stream is encoded because players choose their tracks. */
export const MAX_CHOSEN_RENDITIONS = 32;

/**
 * Most renditions that keep the GOP, beside the usual ones. In those beyond, players start with sound
 * and see pictures from the next key frame on: which rendition a player reads is its own choice, and it must not be able to have
 * the same media kept as often as there are choices.
 */
export const MAX_OTHER_GOPS = 8;

/** What a stream needs to know of its hub's configuration. */
export interface StreamLimits {
  readonly gop: GopCacheLimits;
  /** How long players are kept after the publisher left (ms); 0 ends them at once. */
  readonly reconnectWindowMs: number;
  /** What the media of all streams is counted in. */
  readonly memory?: MediaMemory;
}

/** A live stream. Created and dropped by the registry. */
export class LiveStream implements RenditionSource {
  readonly app: string;
  readonly name: string;
  readonly stats: StreamStats;
  /** What the current publisher says about its media. */
  readonly description: StreamHeaders;
  /** The one who may push; everybody else's `push` is ignored. */
  publisher: Publisher | undefined;
  /** Players that wait for a publisher, with the encoder each will read through. */
  readonly waiting = new Map<Player, FrameEncoder>();
  /** When players kept through a reconnect are given up (ms). */
  orphanDeadline = Infinity;

  readonly #limits: StreamLimits;
  readonly #renditions = new Map<string, Rendition>();
  readonly #gop: GopCache;
  readonly #tracks: TrackReader;
  /** Video of any kind has come, be it a header alone. */
  #sawVideo = false;
  readonly #gate = new KeyGate();
  /** Sound came since the last key frame. */
  #gopHasSound = false;
  readonly #timeline = new Timeline();
  readonly #memory: MediaMemory;

  constructor(app: string, name: string, limits: StreamLimits, now: number) {
    this.app = app;
    this.name = name;
    this.#limits = limits;
    this.#memory = limits.memory ?? new MediaMemory();
    this.description = new StreamHeaders(this.#memory);
    this.#tracks = new TrackReader(this.description);
    this.#gop = new GopCache(limits.gop, this.#memory);
    this.stats = new StreamStats(now);
  }

  gop(): Iterable<MediaFrame> {
    return this.#gop.frames();
  }

  /** Payload bytes in the GOP cache. */
  get gopBytes(): number {
    return this.#gop.bytes;
  }

  /** Players that receive media, waiting ones not counted. */
  get playerCount(): number {
    let count = 0;
    for (const rendition of this.#renditions.values()) count += rendition.playerCount;
    return count;
  }

  /** Whether its publisher's pictures have begun: with a key frame. */
  get hasVideo(): boolean {
    return this.#gate.isOpen;
  }

  /** When key frames of the default track came. */
  get keys(): KeyClock {
    return this.#gate.keys;
  }

  /** Pictures of its publisher that were dropped because no key frame had come. */
  get framesBeforeKey(): number {
    return this.#gate.dropped;
  }

  /** Video messages pushed by its publisher. */
  get pictures(): number {
    return this.stats.videoFrames;
  }

  /** Whether nobody needs this stream any more. */
  get idle(): boolean {
    return this.publisher === undefined && this.waiting.size === 0 && this.playerCount === 0;
  }

  hasVideoTrack(id: number): boolean {
    return this.description.tracks(FrameKind.Video).some((track) => track.id === id);
  }

  headers(): readonly MediaFrame[] {
    return this.description.frames(this.startTime);
  }

  get startTime(): number {
    return this.#gop.timestamp ?? this.#timeline.last;
  }

  /** Makes `observer`'s session the owner. The one before, if any, must have been ended. */
  publish(info: PublisherInfo, observer: PublisherObserver, now: number): Publisher {
    const publisher = new Publisher(this, info, observer, now);
    this.publisher = publisher;
    this.orphanDeadline = Infinity;
    // A new publisher describes itself: nothing of the one before may reach a player that joins.
    this.description.clear(now);
    this.#gop.clear();
    this.#tracks.clear();
    this.#sawVideo = false;
    this.#gate.clear();
    for (const rendition of this.#renditions.values()) {
      rendition.log.forgetKey();
      rendition.keys.clear();
      rendition.headersChanged();
      for (const player of rendition.players()) player.published();
    }
    this.#timeline.restart(this.playerCount > 0);
    this.stats.restart(now);
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const [player, encoder] of waiting) {
      player.deadline = Infinity;
      try {
        this.#attach(player, encoder, now);
      } catch (error) {
        player.fault(error);
      }
    }
    return publisher;
  }

  /**
   * Whether a player may come with this encoder: each encoding that is chosen takes the memory of a
   * GOP and the time of an encoder, and there are many to choose from.
   */
  mayEncode({ key, chosen }: FrameEncoder): boolean {
    if (chosen !== true || this.#renditions.has(key)) return true;
    const keys = new Set<string>();
    for (const encoder of this.waiting.values()) {
      if (encoder.key === key) return true;
      if (encoder.chosen === true) keys.add(encoder.key);
    }
    for (const rendition of this.#renditions.values()) {
      if (rendition.encoder.chosen === true) keys.add(rendition.encoder.key);
    }
    return keys.size < MAX_CHOSEN_RENDITIONS;
  }

  /** Lets a player read, or wait until there is a publisher. */
  play(player: Player, encoder: FrameEncoder, now: number, from?: JoinPoint): void {
    if (this.publisher === undefined && this.orphanDeadline === Infinity) {
      this.waiting.set(player, encoder);
    } else {
      this.#attach(player, encoder, now, from);
    }
  }

  #attach(player: Player, encoder: FrameEncoder, now: number, from?: JoinPoint): void {
    player.variant = encoder.variant;
    const rendition = this.#rendition(encoder, now, player.paused);
    player.started();
    rendition.add(player, now, from);
  }

  #rendition(encoder: FrameEncoder, now: number, asleep: boolean): Rendition {
    let rendition = this.#renditions.get(encoder.key);
    if (rendition === undefined) {
      const keepsGop = this.#keepsGop(encoder);
      rendition = new Rendition(encoder, this, now, keepsGop, this.#memory, asleep);
      this.#renditions.set(encoder.key, rendition);
    }
    return rendition;
  }

  #keepsGop({ usual }: FrameEncoder): boolean {
    if (usual === true) return true;
    let others = 0;
    for (const { encoder, keepsGop } of this.#renditions.values()) {
      if (keepsGop && encoder.usual !== true) others++;
    }
    return others < MAX_OTHER_GOPS;
  }

  /**
   * Moves a player to another encoding, where it goes on live, with pictures at once when it can
   * decode what comes next, else from the next key frame on.
   */
  changeEncoder(player: Player, encoder: FrameEncoder, now: number): void {
    if (this.waiting.has(player)) {
      this.waiting.set(player, encoder);
    } else if (player.rendition !== undefined) {
      const from = player.inStep ? "here" : "key";
      player.leave();
      player.variant = encoder.variant;
      this.#rendition(encoder, now, player.paused).add(player, now, from);
    }
  }

  /** A player leaves of its own will. */
  stopPlaying(player: Player): void {
    this.waiting.delete(player);
    player.leave();
  }

  /** Gives back the memory of renditions that nobody reads; called about once a second. */
  dropUnusedRenditions(): void {
    for (const [key, rendition] of this.#renditions) {
      if (rendition.playerCount > 0) {
        rendition.rest();
        continue;
      }
      rendition.close();
      this.stats.retire(rendition);
      this.#renditions.delete(key);
    }
  }

  /** Gives all memory back: the stream is over, and nobody is there. */
  close(): void {
    this.dropUnusedRenditions();
    this.#gop.close();
    this.description.clear(0);
  }

  /** Bytes handed to players so far. */
  get bytesOut(): number {
    let total = this.stats.retiredBytesOut;
    for (const rendition of this.#renditions.values()) total += rendition.bytesOut;
    return total;
  }

  /** Memory that encoded media takes, for players and for those to come: whole pages. */
  get logBytes(): number {
    let total = 0;
    for (const rendition of this.#renditions.values()) total += rendition.heldBytes;
    return total;
  }

  /** Bytes that go with {@link dropGop}. */
  get cachedBytes(): number {
    let total = this.#gop.heldBytes;
    for (const rendition of this.#renditions.values()) total += rendition.cachedBytes;
    return total;
  }

  /** Memory that it takes: its GOP, its logs and its headers. */
  get heldBytes(): number {
    return this.#gop.heldBytes + this.logBytes + this.description.keptBytes;
  }

  /** Forgets the GOP: whoever joins waits for the next key frame. */
  dropGop(): void {
    this.#gop.close();
    for (const rendition of this.#renditions.values()) rendition.log.forgetKey();
  }

  /** Keeps nothing encoded but what players are still to be handed. */
  trim(): void {
    for (const rendition of this.#renditions.values()) rendition.trim();
  }

  /** Calls `act` for each player that receives media. */
  eachPlayer(act: (player: Player) => void): void {
    for (const rendition of this.#renditions.values()) rendition.players().forEach(act);
  }

  /** How often the publishers' time leapt, so that the players' had to be corrected. */
  get timeLeaps(): number {
    return this.#timeline.leaps;
  }

  /** Frames that slow players skipped so far. */
  get framesDropped(): number {
    let total = this.stats.retiredFramesDropped;
    for (const rendition of this.#renditions.values()) total += rendition.framesDropped;
    return total;
  }

  /**
   * Takes one audio, video or data message. Called by {@link Publisher} only. `payload` is copied
   * where it is kept, so it may be reused once this returns.
   */
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void {
    let media = kind === FrameKind.Video
      ? videoFlags(payload)
      : kind === FrameKind.Audio
      ? audioFlags(payload)
      : 0;
    this.stats.count(kind, payload.length);
    if (kind === FrameKind.Video && payload.length > 0) this.#sawVideo = true;
    if ((media & STORED) !== 0) return this.#pushHeader(kind, timestamp, payload, media, now);

    let isMain = false;
    let track = 0;
    if ((media & NO_PICTURE) !== 0) {
      if ((media & MediaFlag.EndOfSequence) !== 0) this.#endTracks(kind, payload, media);
    } else if (kind !== FrameKind.Data && payload.length > 0) {
      isMain = this.#tracks.frames(kind, payload, media);
      track = this.#tracks.track;
      if (this.#tracks.codecChanged) this.#codecChanged(kind);
      if (kind === FrameKind.Video) {
        media = this.#tracks.look(payload, media, now);
        if (this.#tracks.foundKey) this.#noteFault("flagged-inter");
        if (!this.#passes(media, isMain, now)) {
          if (this.#gate.isStuck(now)) this.#noteFault("missing");
          return;
        }
      }
    }
    const marksTime = (media & MediaFlag.EndOfSequence) === 0 && kind !== FrameKind.Data;
    const frame = {
      kind,
      timestamp: marksTime
        ? this.#timeline.follow(kind, timestamp, now, track)
        : this.#timeline.beside(timestamp),
      payload,
      flags: frameFlags(kind, payload, media, isMain),
    };
    if ((frame.flags & FrameFlag.Key) !== 0) this.keys.key(frame.timestamp, now);
    else if ((frame.flags & FrameFlag.Inter) !== 0) this.keys.picture(frame.timestamp, now);
    this.#append(frame, now);
  }

  /** Whether a picture is relayed. */
  #passes(media: number, isMain: boolean, now: number): boolean {
    if ((media & MediaFlag.Key) === 0) return this.#gate.passes(isMain, now);
    this.#gate.open(isMain);
    if (isMain && this.description.hasEnded) this.#dropEnded();
    return true;
  }

  #noteFault(fault: KeyFrameFault): void {
    const [track] = this.description.tracks(FrameKind.Video);
    const message = track?.sample ?? track?.header?.payload;
    const codec = message === undefined ? undefined : openVideo(message)?.codec;
    this.publisher?.noteFault(fault, codec ?? "unknown", this.#gate.dropped);
  }

  /** What was cached is of another codec, and so is what players that join are told. */
  #codecChanged(kind: number): void {
    if (kind === FrameKind.Video || this.#gopHasSound) this.#forgetGop();
    this.#headersChanged();
  }

  #endTracks(kind: number, payload: Uint8Array, media: number): void {
    this.#tracks.end(kind, payload, media);
    // Without video there is no GOP that a track could still be part of.
    if (!this.#sawVideo) this.#dropEnded();
  }

  #dropEnded(): void {
    if (this.description.dropEnded()) this.#headersChanged();
  }

  /** Sequence headers, HDR metadata, channel configurations: relayed as they are, and stored. */
  #pushHeader(
    kind: number,
    timestamp: number,
    payload: Uint8Array,
    media: number,
    now: number,
  ): void {
    // Encoders write any time on a sequence header, often 0.
    const time = (media & MediaFlag.SequenceHeader) !== 0
      ? this.#timeline.last
      : this.#timeline.beside(timestamp);
    if (this.#tracks.store(kind, payload, media, time)) this.#forgetGop();
    if (this.#tracks.codecChanged) this.#codecChanged(kind);
    const flags = FrameFlag.Header |
      ((media & MediaFlag.Multitrack) !== 0 ? FrameFlag.Multitrack : 0);
    this.#emit({ kind, timestamp: time, payload, flags }, now);
  }

  /** What was cached was coded for another configuration: nobody may start in it. */
  #forgetGop(): void {
    this.#gop.clear();
    for (const rendition of this.#renditions.values()) rendition.log.forgetKey();
  }

  /**
   * Stores a data message for new players and sends it to those that are there.
   *
   * @param handler its name, `onMetaData` for instance
   * @param payload the AMF0 message body, handler name first
   */
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void {
    this.stats.count(FrameKind.Data, payload.length);
    // Players that begin with it want it at time 0, as those that join later get it.
    const time = this.#timeline.hasBegun ? this.#timeline.beside(timestamp) : 0;
    const frame = this.description.setData(handler, payload, time);
    this.#emit(frame, now);
  }

  /**
   * Sends a data message that is not the publisher's, at the time of the media that went before it.
   * Stored, it is for new players too.
   */
  announce(handler: string, payload: Uint8Array, store: boolean, now: number): void {
    const timestamp = this.#timeline.last;
    const frame = store
      ? this.description.setData(handler, payload, timestamp)
      : { kind: FrameKind.Data, timestamp, payload, flags: 0 };
    if (store) this.#emit(frame, now);
    else this.#append(frame, now);
  }

  /** Forgets a stored data message. */
  clearData(handler: string): void {
    if (this.description.clearData(handler)) this.#headersChanged();
  }

  #headersChanged(): void {
    for (const rendition of this.#renditions.values()) rendition.headersChanged();
  }

  #append(frame: MediaFrame, now: number): void {
    this.#memory.makeRoom(now);
    if (frame.kind === FrameKind.Audio) this.#gopHasSound = true;
    else if ((frame.flags & FrameFlag.Key) !== 0) this.#gopHasSound = false;
    const cached = this.#gop.add(frame, now);
    this.#emit(frame, now);
    // Over the cache's limits the renditions let go of the GOP as well: nobody joins in its middle.
    if (!cached) { for (const rendition of this.#renditions.values()) rendition.log.forgetKey(); }
  }

  #emit(frame: MediaFrame, now: number): void {
    for (const rendition of this.#renditions.values()) {
      this.#memory.makeRoom(now);
      rendition.append(frame, now);
    }
  }

  /** Hands what was pushed to the players. */
  flush(now: number, full = false): void {
    for (const rendition of this.#renditions.values()) rendition.flush(now, full);
  }

  /** The publisher is gone; `lost`: it may come back. Called by {@link Publisher} only. */
  unpublished(now: number, lost: boolean): void {
    if (this.#gate.dropped > 0 && !this.#gate.isOpen) this.#noteFault("missing");
    this.publisher = undefined;
    this.flush(now);
    if (lost && this.#limits.reconnectWindowMs > 0 && this.playerCount > 0) {
      this.orphanDeadline = now + this.#limits.reconnectWindowMs;
    } else {
      this.endPlayers("unpublished", now);
    }
  }

  /** Ends every player once it has been handed what is in the log. */
  endPlayers(reason: PlayEnd, now: number): void {
    this.orphanDeadline = Infinity;
    this.#gop.clear();
    for (const player of [...this.waiting.keys()]) {
      this.waiting.delete(player);
      player.finish(reason);
    }
    for (const rendition of this.#renditions.values()) {
      for (const player of rendition.players()) player.finish(reason);
    }
    for (const rendition of this.#renditions.values()) {
      rendition.flush(now);
    }
  }
}
