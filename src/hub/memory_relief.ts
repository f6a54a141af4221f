/**
 * What goes when the media of all streams takes more memory than it may, and in which order.
 *
 * @module
 */
import type { MediaMemory } from "./media_memory.ts";
import type { Player } from "./fanout/player.ts";
import type { LiveStream } from "./stream.ts";

/** Makes room in the memory of a registry's streams. */
export class MemoryRelief {
  /** GOPs that were dropped, players that were skipped, and players and streams that were ended. */
  readonly done = { gops: 0, skips: 0, players: 0, streams: 0 };
  readonly #memory: MediaMemory;
  readonly #streams: () => Iterable<LiveStream>;

  /** `streams`: those that are there. */
  constructor(memory: MediaMemory, streams: () => Iterable<LiveStream>) {
    this.#memory = memory;
    this.#streams = streams;
  }

  /**
   * Lets go of what can be read again, drops the largest GOP caches, then lets the players skip that are furthest behind, then lets go
   * of pages that all have read, until there is room. Safe between any two messages: nobody is ended.
   */
  soft(now: number): void {
    const memory = this.#memory;
    if (!memory.over) return;
    memory.forget?.();
    const streams = [...this.#streams()].map((stream) => ({ stream, bytes: stream.cachedBytes }));
    for (const { stream, bytes } of streams.sort((a, b) => b.bytes - a.bytes)) {
      if (bytes === 0 || memory.hasRoom) break;
      stream.dropGop();
      this.done.gops++;
    }
    if (!memory.hasRoom) this.#skip(now);
    if (!memory.hasRoom) this.#trim();
    memory.relieved();
  }

  #players(): Player[] {
    const players: Player[] = [];
    for (const stream of this.#streams()) stream.eachPlayer((player) => players.push(player));
    return players;
  }

  #skip(now: number): void {
    const behind = this.#players().map((player) => ({ player, lag: player.lag }));
    for (const { player, lag } of behind.sort((a, b) => b.lag - a.lag)) {
      if (lag === 0 || this.#memory.hasRoom) return;
      player.makeRoom(now);
      this.done.skips++;
    }
  }

  /** What is left of a log is the page that is being written, and that may be a large picture. */
  #trim(): void {
    const streams = [...this.#streams()].sort((a, b) => b.heldBytes - a.heldBytes);
    for (const stream of streams) {
      if (this.#memory.hasRoom) return;
      stream.trim();
    }
  }

  /**
   * The same, and if that was not enough ends the players with the largest writes under way, and then
   * the streams that hold most. For a turn of its own.
   */
  hard(now: number): void {
    const memory = this.#memory;
    memory.retry();
    this.soft(now);
    if (!memory.exceeded) return;
    let excess = memory.excess;
    const writing = this.#players().filter((player) => player.handedBytes > 0)
      .sort((a, b) => b.handedBytes - a.handedBytes);
    for (const player of writing) {
      if (excess <= 0) return;
      excess -= player.handedBytes;
      player.stall();
      this.done.players++;
    }
    const streams = [...this.#streams()].filter(({ publisher }) => publisher !== undefined)
      .sort((a, b) => b.heldBytes - a.heldBytes);
    for (const stream of streams) {
      if (excess <= 0) return;
      excess -= stream.heldBytes;
      stream.publisher?.revoke("no-memory", now);
      this.done.streams++;
    }
  }
}
