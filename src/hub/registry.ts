/**
 * All live streams of one server, by application and name.
 *
 * @module
 */
import { MAX_CHOSEN_RENDITIONS } from "./fanout/fanout.ts";
import type { FrameEncoder } from "./frame.ts";
import { MediaMemory } from "./media_memory.ts";
import { MemoryRelief } from "./memory_relief.ts";
import { Player } from "./fanout/player.ts";
import type { JoinPoint, PlayerObserver, PlayerSink } from "./fanout/player_ports.ts";
import type { PublisherInfo, PublisherObserver } from "./publisher.ts";
import type { HubRefusal, RegistryOptions } from "./registry_options.ts";
import { LiveStream, type Publisher } from "./stream.ts";
import { keyOf, type StreamKey } from "./stream_key.ts";
import { ownerOf, type Wait, Waits } from "./waits.ts";
import { Wants } from "./wants.ts";

/** Waits that are ended, or let in, at once; many more are left for later turns. */
const WAITS_AT_ONCE = 32;

/** Streams that are looked after at once; a round through all of them is made in turns. */
const STREAMS_AT_ONCE = 64;

/** The live streams. */
export class StreamRegistry {
  /** What the media of all streams takes. */
  readonly memory: MediaMemory;
  readonly relief: MemoryRelief;
  readonly #options: RegistryOptions;
  readonly #streams = new Map<string, LiveStream>();
  /** Who waits for a name that is not there. */
  readonly waits: Waits;
  /** Names that somebody looks for because they are asked for. */
  readonly wants: Wants;
  /** Names that nobody has after all, with players that waited on for them. */
  readonly #givenUp = new Set<string>();
  /**
   * Set by whoever has time to give: {@link work} is to be called in a turn of its own, and again as
   * long as it says so. Without it everything is done at once.
   */
  later: (() => void) | undefined;
  /** Names whose publisher has come, with players that still wait for them. */
  readonly #called = new Set<string>();
  /** Those that have not been looked after since the last tick. */
  #round: Iterator<LiveStream, undefined> | undefined;
  /** Others have to go, as there is more media than may be: {@link work} sees to that. */
  #isShort = false;
  /** What went wrong in this round. */
  readonly #faults: unknown[] = [];
  /** Between two owners: the old one leaves, and the stream stays for the new one all the same. */
  #handingOver: LiveStream | undefined;

  constructor(options: RegistryOptions) {
    const memory = options.memory ?? new MediaMemory();
    this.#options = { ...options, memory };
    this.memory = memory;
    this.waits = new Waits(options.maxWaits);
    this.wants = new Wants({
      ms: options.wantMs,
      most: options.maxWants,
      onGivenUp: (key, now) => this.#onGivenUp(key, now),
      onFault: (error) => options.onFault?.(error),
    });
    this.relief = new MemoryRelief(memory, () => this.#streams.values());
    memory.relieve = (now) => {
      this.relief.soft(now);
      // The rest takes a turn of its own, and cannot wait for the next tick.
      this.#isShort = memory.exceeded;
      if (this.#isShort) this.later?.();
    };
  }

  /** Every stream that has a publisher or keeps players for one. */
  list(): LiveStream[] {
    return [...this.#streams.values()].filter((stream) => stream.shown || stream.playerCount > 0);
  }

  /** Streams held in memory. */
  get size(): number {
    return this.#streams.size;
  }

  /** The stream of this path, when somebody publishes or plays it. */
  get(path: StreamKey): LiveStream | undefined {
    return this.#streams.get(keyOf(path));
  }

  /**
   * Gives the name to a publisher, or says why not. `before`: who has it now and goes on with other media, such
   * as a pull with another source; that needs no policy.
   */
  publish(
    path: StreamKey,
    info: PublisherInfo,
    observer: PublisherObserver,
    now: number,
    before?: Publisher,
  ): Publisher | HubRefusal {
    this.memory.makeRoom(now);
    if (this.memory.exceeded) return "no-memory";
    const stream = this.#open(path, now);
    if (stream === undefined) return "too-many-streams";
    const owner = stream.publisher;
    if (owner !== undefined) {
      if (this.#options.publishPolicy === "reject" && owner !== before) return "taken";
      this.#handingOver = stream;
      try {
        owner.revoke("replaced", now);
      } finally {
        this.#handingOver = undefined;
      }
    }
    let publisher: Publisher;
    try {
      publisher = stream.publish(info, observer, now);
    } catch (error) {
      // Nobody is going to hold it, and so nobody would ever give it up.
      if (stream.publisher !== owner) stream.publisher?.end(now);
      this.#dropIfIdle(stream);
      throw error;
    }
    this.#called.add(keyOf(path));
    this.wants.came(keyOf(path));
    // Not the round through other streams, whose faults are not this publisher's.
    this.#untilLater(() => this.#workOnWaits(now));
    return publisher;
  }

  /**
   * Adds a player, which may have to wait for its publisher, or says why not. `from`: where it begins
   * in a stream that is there.
   */
  play(
    path: StreamKey,
    encoder: FrameEncoder,
    sink: PlayerSink,
    observer: PlayerObserver,
    now: number,
    from: JoinPoint = "gop",
  ): Player | HubRefusal {
    const key = keyOf(path);
    const { playWaitMs } = this.#options;
    // Who is told that it is asked for may bring it at once.
    const held = this.#streams.get(key)?.live !== true &&
      this.wants.open(path, now, observer.asker);
    const stream = this.#streams.get(key);
    const waits = stream?.live !== true;
    if (waits && !held && playWaitMs <= 0) return "not-found";
    this.memory.makeRoom(now);
    const player = new Player(sink, observer, this.#options.player);
    player.path = path;
    const refusal = !mayEncode(stream, encoder, this.waits.chosen(key))
      ? "too-many-choices"
      : waits && !this.waits.hasRoom(ownerOf(player))
      ? "too-many-waits"
      : undefined;
    if (refusal !== undefined) {
      this.forgetUnwanted(key);
      return refusal;
    }
    if (waits) {
      this.waits.add({ player, encoder, from, path, deadline: now + playWaitMs });
      return player;
    }
    try {
      stream.play(player, encoder, now, from);
    } catch (error) {
      this.stopPlaying(player);
      throw error;
    }
    return player;
  }

  /** Moves a player to another encoding; see {@link LiveStream.changeEncoder}. */
  changeEncoder(player: Player, encoder: FrameEncoder, now: number): void {
    const wait = this.waits.get(player);
    if (wait !== undefined) this.waits.change(wait, encoder);
    else if (player.path !== undefined) this.get(player.path)?.changeEncoder(player, encoder, now);
  }

  /** A player leaves of its own will. */
  stopPlaying(player: Player): void {
    this.#stopWaiting(player);
    player.leave();
    const stream = player.path && this.get(player.path);
    if (stream !== undefined) this.#dropIfIdle(stream);
  }

  /**
   * A publisher leaves: of its own will, or `lost`, because its connection was. For the latter its
   * players wait (`reconnectWindowMs`).
   */
  unpublish(publisher: Publisher, now: number, lost = false): void {
    publisher.end(now, lost);
    this.#dropIfIdle(publisher.stream);
  }

  /**
   * Ends a stream for good, with its publisher, or with the players that wait for one to come back.
   * Returns `false` when there is neither.
   */
  kick(path: StreamKey, now: number): boolean {
    const stream = this.get(path);
    if (stream?.publisher !== undefined) stream.publisher.revoke("kicked", now);
    else if (stream !== undefined && (stream.shown || stream.playerCount > 0)) {
      stream.endPlayers("unpublished", now, "kicked");
    } else return false;
    this.#dropIfIdle(stream);
    return true;
  }

  #stopWaiting(player: Player): void {
    if (this.waits.get(player) === undefined) return;
    this.waits.delete(player);
    this.forgetUnwanted(keyOf(player.path!));
  }

  /** Has nobody look any more for a name that nobody asks for. */
  forgetUnwanted(key: string): void {
    if (!this.wants.held(key) || this.waits.of(key).size > 0 || this.wants.hasAskers(key)) return;
    this.wants.forget(key);
  }

  #onGivenUp(key: string, now: number): void {
    if (this.waits.parked(key).size === 0) return;
    this.#givenUp.add(key);
    this.#untilLater(() => this.#workOnWaits(now));
  }

  get #full(): boolean {
    return this.#streams.size >= this.#options.maxStreams;
  }

  #open(path: StreamKey, now: number): LiveStream | undefined {
    const key = keyOf(path);
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      if (this.#full) return undefined;
      stream = new LiveStream(path.app, path.name, this.#options, now);
      this.#streams.set(key, stream);
    }
    return stream;
  }

  #dropIfIdle(stream: LiveStream): void {
    if (!stream.idle || stream === this.#handingOver) return;
    const key = keyOf(stream);
    // Whoever leaves late must not take a younger stream of this name along.
    if (this.#streams.get(key) === stream) this.#streams.delete(key);
    stream.close();
  }

  /** Time passes: waits and reconnect windows run out, rates are sampled. Call it twice a second. */
  tick(now: number): void {
    this.memory.sweep();
    this.relief.hard(now);
    this.wants.expire(now);
    this.#isShort = false;
    this.#round ??= this.#streams.values();
    this.#untilLater(() => this.work(now));
  }

  /** Works as long as more is left, or lets it be gone on with later. */
  #untilLater(work: () => boolean): void {
    if (this.later === undefined) { while (work()); }
    else if (work()) this.later();
  }

  /**
   * Does a part of what is due: lets some of those in whose publisher has come, ends some of the waits
   * that are over, goes on with the round of {@link tick}. However many there are, it takes no longer
   * than a few of them do.
   *
   * @returns whether more is left
   */
  work(now: number): boolean {
    if (this.#isShort) {
      this.#isShort = false;
      this.relief.hard(now);
    }
    const waits = this.#workOnWaits(now);
    return this.#workOnRound(now) || waits;
  }

  #workOnRound(now: number): boolean {
    if (this.#round === undefined) return false;
    for (let count = 0; count < STREAMS_AT_ONCE; count++) {
      const { value: stream } = this.#round.next();
      if (stream === undefined) {
        this.#round = undefined;
        const faults = this.#faults.splice(0);
        if (faults.length > 0) throw faults[0];
        return false;
      }
      this.#attempt(this.#faults, () => this.#tickStream(stream, now));
    }
    return true;
  }

  #workOnWaits(now: number): boolean {
    let left = WAITS_AT_ONCE;
    for (const key of this.#called) {
      const stream = this.#streams.get(key);
      for (const wait of stream?.live === true ? this.waits.of(key) : []) {
        if (left-- === 0) return true;
        this.#letIn(wait, stream!, now);
      }
      this.#called.delete(key);
      // What has gone again meanwhile is waited for until its time is over, which it is for some.
      if (stream?.live !== true) this.#givenUp.add(key);
    }
    for (const key of this.#givenUp) {
      for (const { player } of this.wants.held(key) ? [] : this.waits.parked(key)) {
        if (left-- === 0) return true;
        this.waits.delete(player);
        player.finish("not-found");
      }
      this.#givenUp.delete(key);
    }
    for (const wait of this.waits.line()) {
      if (wait.deadline > now) break;
      if (left-- === 0) return true;
      if (this.wants.held(keyOf(wait.path))) this.waits.park(wait);
      else {
        this.waits.delete(wait.player);
        wait.player.finish("not-found");
      }
    }
    return false;
  }

  /** Whatever one of them does with it, the publisher and the others go on. */
  #letIn({ player, encoder, from }: Wait, stream: LiveStream, now: number): void {
    this.waits.delete(player);
    try {
      stream.play(player, encoder, now, from);
      if (!player.sink.busy) player.sink.pump();
    } catch (error) {
      player.fault(error);
    }
  }

  #tickStream(stream: LiveStream, now: number): void {
    if (stream.orphanDeadline <= now) stream.endPlayers("unpublished", now);
    stream.watch(now);
    stream.dropUnusedEncodings();
    stream.stats.sample(now, stream.bytesOut);
    stream.description.measure(now);
    this.#dropIfIdle(stream);
  }

  /** Ends every publisher and, once they have been handed what is there, every player. */
  shutdown(now: number): void {
    this.wants.close();
    for (const { player } of this.waits.all()) {
      this.#stopWaiting(player);
      player.finish("shutdown");
    }
    this.#each((stream) => {
      // First, so that players are told the truth: without a publisher they would end as unpublished.
      stream.endPlayers("shutdown", now, "shutdown");
      stream.publisher?.revoke("shutdown", now);
      this.#dropIfIdle(stream);
    });
  }

  /** Does something with every stream; a fault of one comes out behind the others. */
  #each(act: (stream: LiveStream) => void): void {
    const faults: unknown[] = [];
    for (const stream of [...this.#streams.values()]) this.#attempt(faults, () => act(stream));
    if (faults.length > 0) throw faults[0];
  }

  #attempt(faults: unknown[], act: () => void): void {
    try {
      act();
    } catch (error) {
      faults.push(error);
    }
  }
}

/** Whether a player may come with this encoder; see {@link LiveStream.mayEncode}. */
function mayEncode(
  stream: LiveStream | undefined,
  encoder: FrameEncoder,
  waiting: ReadonlyMap<string, unknown> | undefined,
): boolean {
  if (stream !== undefined) return stream.mayEncode(encoder, waiting);
  if (encoder.chosen !== true || waiting === undefined || waiting.has(encoder.key)) return true;
  return waiting.size < MAX_CHOSEN_RENDITIONS;
}
