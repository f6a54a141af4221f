/**
 * The encodings of one stream: each way in which its players read it, what is encoded for them and
 * what that takes.
 *
 * @module
 */
import type { FrameEncoder, MediaFrame } from "../frame.ts";
import type { Half } from "./halves.ts";
import type { MediaMemory } from "../media_memory.ts";
import type { Player } from "./player.ts";
import type { PlayEnd } from "./player_ports.ts";
import { Encoding, type EncodingSource } from "./encoding.ts";

/**
 * Most ways in which one stream is encoded because players choose their tracks; as many more are for
 * choices of tracks that are not there, which so keep nobody from those that are.
 */
export const MAX_CHOSEN_RENDITIONS = 32;

/**
 * Most encodings that keep the GOP, beside the usual ones. In those beyond, players start with sound
 * and see pictures from the next key frame on: which encoding a player reads is its own choice, and
 * it must not be able to have the same media kept as often as there are choices.
 */
export const MAX_OTHER_GOPS = 8;

/** The fan-out of one stream. */
export class Fanout {
  readonly #source: EncodingSource;
  readonly #memory: MediaMemory;
  readonly #encodings = new Map<string, Encoding>();
  /** Of encodings that are gone. */
  #retiredBytesOut = 0;
  #retiredFramesDropped = 0;

  constructor(source: EncodingSource, memory: MediaMemory) {
    this.#source = source;
    this.#memory = memory;
  }

  #total(of: (encoding: Encoding) => number, before = 0): number {
    let total = before;
    for (const encoding of this.#encodings.values()) total += of(encoding);
    return total;
  }

  /** Players that receive media. */
  get playerCount(): number {
    let count = 0;
    for (const encoding of this.#encodings.values()) count += encoding.playerCount;
    return count;
  }

  /** Bytes handed to players so far. */
  get bytesOut(): number {
    return this.#total(({ bytesOut }) => bytesOut, this.#retiredBytesOut);
  }

  /** Frames that slow players skipped so far. */
  get framesDropped(): number {
    return this.#total(({ framesDropped }) => framesDropped, this.#retiredFramesDropped);
  }

  /** Memory that encoded media takes, for players and for those to come: whole pages. */
  get heldBytes(): number {
    return this.#total(({ heldBytes }) => heldBytes);
  }

  /** Bytes of the GOP that are kept for players to come. */
  get cachedBytes(): number {
    return this.#total(({ cachedBytes }) => cachedBytes);
  }

  /** Calls `act` for each player that receives media. */
  eachPlayer(act: (player: Player) => void): void {
    for (const encoding of this.#encodings.values()) encoding.players().forEach(act);
  }

  /**
   * Whether a player may come with this encoder: each encoding that is chosen takes the memory of a
   * GOP and the time of an encoder, and there are many to choose from.
   *
   * @param waiting keys of what was chosen by players that wait
   */
  mayEncode(wanted: FrameEncoder, waiting?: ReadonlyMap<string, unknown>): boolean {
    const { key, chosen } = wanted;
    if (chosen !== true || this.#encodings.has(key) || waiting?.has(key) === true) return true;
    const isThere = this.#hasTracks(wanted);
    // What those chose who are still to be let in was not there when they did.
    let count = isThere ? 0 : waiting?.size ?? 0;
    for (const { encoder } of this.#encodings.values()) {
      if (encoder.chosen !== true || this.#hasTracks(encoder) !== isThere) continue;
      if (isThere || waiting?.has(encoder.key) !== true) count++;
    }
    return count < MAX_CHOSEN_RENDITIONS;
  }

  /** Whether the stream has the tracks that an encoder names; track 0 is what all get without a choice. */
  #hasTracks({ videoTrack = 0, audioTrack = 0 }: FrameEncoder): boolean {
    return (videoTrack === 0 || this.#source.hasVideoTrack(videoTrack)) &&
      (audioTrack === 0 || this.#source.hasAudioTrack(audioTrack));
  }

  /** The encoding of an encoder; `asleep`: its first player is paused. */
  encoding(encoder: FrameEncoder, now: number, asleep: boolean): Encoding {
    let encoding = this.#encodings.get(encoder.key);
    if (encoding === undefined) {
      const keepsGop = this.#keepsGop(encoder);
      encoding = new Encoding(encoder, this.#source, now, keepsGop, this.#memory, asleep);
      this.#encodings.set(encoder.key, encoding);
    }
    return encoding;
  }

  #keepsGop({ usual }: FrameEncoder): boolean {
    if (usual === true) return true;
    let others = 0;
    for (const { encoder, keepsGop } of this.#encodings.values()) {
      if (keepsGop && encoder.usual !== true) others++;
    }
    return others < MAX_OTHER_GOPS;
  }

  /** Another publisher begins: nothing of the one before may reach a player that joins. */
  restart(): void {
    for (const encoding of this.#encodings.values()) {
      encoding.log.forgetKey();
      encoding.keys.clear();
      encoding.headersChanged();
      for (const player of encoding.players()) player.published();
    }
  }

  /** Encodes a frame for all. */
  emit(frame: MediaFrame, now: number): void {
    for (const encoding of this.#encodings.values()) {
      this.#memory.makeRoom(now);
      encoding.append(frame, now);
    }
  }

  /** The headers changed without a frame that says so. */
  headersChanged(): void {
    for (const encoding of this.#encodings.values()) encoding.headersChanged();
  }

  /** Nobody may start in what is kept. */
  forgetKey(): void {
    for (const encoding of this.#encodings.values()) encoding.log.forgetKey();
  }

  /** Hands what was pushed to the players; of those in step to one half, if there is a `half`. */
  flush(now: number, half?: Half): void {
    for (const encoding of this.#encodings.values()) encoding.flush(now, half);
  }

  /** Looks after every player; called about twice a second. */
  watch(now: number): void {
    for (const encoding of this.#encodings.values()) encoding.watch(now);
  }

  /** Keeps nothing encoded but what players are still to be handed. */
  trim(): void {
    for (const encoding of this.#encodings.values()) encoding.trim();
  }

  /** Gives back the memory of encodings that nobody reads; called about once a second. */
  dropUnused(): void {
    for (const [key, encoding] of this.#encodings) {
      if (encoding.playerCount > 0) {
        encoding.rest();
        continue;
      }
      encoding.close();
      this.#retiredBytesOut += encoding.bytesOut;
      this.#retiredFramesDropped += encoding.framesDropped;
      this.#encodings.delete(key);
    }
  }

  /** Ends every player once it has been handed what is in the log. */
  finish(reason: PlayEnd, now: number): void {
    this.eachPlayer((player) => player.finish(reason));
    this.flush(now);
  }
}
