/**
 * All live streams of one server, by application and name.
 *
 * @module
 */
import type { FrameEncoder } from "./frame.ts";
import { MediaMemory } from "./media_memory.ts";
import { MemoryRelief } from "./memory_relief.ts";
import type { PlayerLimits } from "./lag_limits.ts";
import { Player } from "./player.ts";
import type { JoinPoint, PlayerObserver, PlayerSink } from "./player_ports.ts";
import type { PublisherInfo, PublisherObserver } from "./publisher.ts";
import { LiveStream, type Publisher, type StreamLimits } from "./stream.ts";

/** Configuration of a {@link StreamRegistry}. */
export interface RegistryOptions extends StreamLimits {
  /** Whether the second publisher of a name takes it over, or is refused. */
  readonly publishPolicy: "replace" | "reject";
  /** How long a play waits for its publisher (ms); 0 refuses it at once. */
  readonly playWaitMs: number;
  /** Most streams alive at once, waited-for ones included: those make room for a publisher. */
  readonly maxStreams: number;
  readonly player: PlayerLimits;
}

/** Why a publish or a play was refused. */
export type HubRefusal = "taken" | "not-found" | "too-many-streams" | "too-many-choices";

/** A path as the registry keys it. */
export interface StreamKey {
  readonly app: string;
  readonly name: string;
}

/** The live streams. */
export class StreamRegistry {
  /** What the media of all streams takes. */
  readonly memory: MediaMemory;
  readonly relief: MemoryRelief;
  readonly #options: RegistryOptions;
  readonly #streams = new Map<string, LiveStream>();
  /** Between two owners: the old one leaves, and the stream stays for the new one all the same. */
  #handingOver: LiveStream | undefined;

  constructor(options: RegistryOptions) {
    const memory = options.memory ?? new MediaMemory();
    this.#options = { ...options, memory };
    this.memory = memory;
    this.relief = new MemoryRelief(memory, () => this.#streams.values());
    memory.relieve = (now) => this.relief.soft(now);
  }

  /** Every stream that has a publisher or keeps players for one. */
  list(): LiveStream[] {
    return [...this.#streams.values()].filter((stream) =>
      stream.publisher !== undefined || stream.playerCount > 0
    );
  }

  /** Streams held in memory, waited-for ones included. */
  get size(): number {
    return this.#streams.size;
  }

  /** The stream of this path, when somebody publishes, plays or awaits it. */
  get(path: StreamKey): LiveStream | undefined {
    return this.#streams.get(keyOf(path));
  }

  /** Gives the name to a publisher, or says why not. */
  publish(
    path: StreamKey,
    info: PublisherInfo,
    observer: PublisherObserver,
    now: number,
  ): Publisher | HubRefusal {
    if (this.#full && !this.#streams.has(keyOf(path))) this.#endOldestWait(now);
    this.memory.makeRoom(now);
    if (this.memory.exceeded) return "too-many-streams";
    const stream = this.#open(path, now);
    if (stream === undefined) return "too-many-streams";
    const owner = stream.publisher;
    if (owner !== undefined) {
      if (this.#options.publishPolicy === "reject") return "taken";
      this.#handingOver = stream;
      try {
        owner.revoke("replaced", now);
      } finally {
        this.#handingOver = undefined;
      }
    }
    try {
      return stream.publish(info, observer, now);
    } catch (error) {
      // Nobody is going to hold it, and so nobody would ever give it up.
      if (stream.publisher !== owner) stream.publisher?.end(now);
      this.#dropIfIdle(stream);
      throw error;
    }
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
  ): { stream: LiveStream; player: Player } | HubRefusal {
    const live = this.get(path);
    const waits = live === undefined ||
      (live.publisher === undefined && live.orphanDeadline === Infinity);
    if (waits && this.#options.playWaitMs <= 0) return "not-found";
    const stream = this.#open(path, now);
    if (stream === undefined) return "too-many-streams";
    this.memory.makeRoom(now);
    if (!stream.mayEncode(encoder)) return "too-many-choices";
    const player = new Player(sink, observer, this.#options.player);
    if (waits) player.deadline = now + this.#options.playWaitMs;
    try {
      stream.play(player, encoder, now, from);
    } catch (error) {
      this.stopPlaying(stream, player);
      throw error;
    }
    return { stream, player };
  }

  /** A player leaves of its own will. */
  stopPlaying(stream: LiveStream, player: Player): void {
    stream.stopPlaying(player);
    this.#dropIfIdle(stream);
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
    else if (stream !== undefined && stream.playerCount > 0) stream.endPlayers("unpublished", now);
    else return false;
    this.#dropIfIdle(stream);
    return true;
  }

  get #full(): boolean {
    return this.#streams.size >= this.#options.maxStreams;
  }

  /** Names that are only waited for, which anybody can make up, keep no publisher out. */
  #endOldestWait(now: number): void {
    for (const stream of this.#streams.values()) {
      if (stream.publisher !== undefined || stream.playerCount > 0) continue;
      stream.endPlayers("not-found", now);
      return this.#dropIfIdle(stream);
    }
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
    this.#each((stream) => this.#tickStream(stream, now));
  }

  #tickStream(stream: LiveStream, now: number): void {
    for (const [player] of [...stream.waiting]) {
      if (player.deadline > now) continue;
      stream.waiting.delete(player);
      player.finish("not-found");
    }
    if (stream.orphanDeadline <= now) stream.endPlayers("unpublished", now);
    stream.flush(now, true);
    stream.dropUnusedRenditions();
    stream.stats.sample(now);
    stream.description.measure(now);
    this.#dropIfIdle(stream);
  }

  /** Ends every publisher and, once they have been handed what is there, every player. */
  shutdown(now: number): void {
    this.#each((stream) => {
      // First, so that players are told the truth: without a publisher they would end as unpublished.
      stream.endPlayers("shutdown", now);
      stream.publisher?.revoke("shutdown", now);
      this.#dropIfIdle(stream);
    });
  }

  /** Does something with every stream; a fault of one comes out behind the others. */
  #each(act: (stream: LiveStream) => void): void {
    const faults: unknown[] = [];
    for (const stream of [...this.#streams.values()]) {
      try {
        act(stream);
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}

function keyOf(path: StreamKey): string {
  return `${path.app}/${path.name}`;
}
