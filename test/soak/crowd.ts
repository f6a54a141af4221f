/**
 * The peers of a soak: one steady stream with healthy players, publishers that come and go, players
 * that join and leave, and bad peers among them.
 *
 * @module
 */
import { now } from "../../bench/clock.ts";
import type { MediaShape } from "../../bench/load/media.ts";
import { Player } from "../../bench/load/player.ts";
import { Publisher } from "../../bench/load/publisher.ts";
import { badPeer, type Random } from "./faults.ts";

const SHAPE: MediaShape = { kbps: 500, fps: 25, gop: 25, apart: false };
const APP = "live";
const STEADY = "steady";
/** Healthy players that stay from the start to the end. */
const HEALTHY = 3;
/** Names that publishers take in turn, so that some are taken over while they are live. */
const NAMES = 20;
/** Share of the sessions that misbehave. */
const BAD = 0.05;

/** Counts of what was done, and what went wrong with those who did nothing wrong. */
export interface Counts {
  cycles: number;
  joins: number;
  bad: number;
  /** Publishers that were refused. */
  refused: number;
  /** Players of the steady stream that were there for two seconds and saw no picture. */
  starved: number;
  /** Longest time from connecting to the first picture of such a player (ms). */
  longestJoinMs: number;
  /** Healthy players that lost their connection. */
  lost: number;
  /** Longest time between two pictures of a healthy player (ms). */
  longestGapMs: number;
  /** Longest time between two pictures that their publisher sent (ms). */
  longestPauseMs: number;
}

/** A peer, and when it leaves. */
interface Guest {
  readonly leaves: number;
  readonly leave: () => void;
}

class Cycle extends Publisher {
  started = 0;
  cut(): void {
    this.socket.resetAndDestroy();
  }
}

class Guesting extends Player {
  cut(): void {
    this.socket.resetAndDestroy();
  }
}

/** Drives all peers; call {@link Crowd.tick} every 10 ms or so. */
export class Crowd {
  readonly counts: Counts = {
    cycles: 0,
    joins: 0,
    bad: 0,
    refused: 0,
    starved: 0,
    longestJoinMs: 0,
    lost: 0,
    longestGapMs: 0,
    longestPauseMs: 0,
  };
  readonly #port: number;
  readonly #random: Random;
  readonly #publishers = new Set<Cycle>();
  readonly #guests = new Set<Guest>();
  readonly #healthy: Player[] = [];
  readonly #steady: Cycle;
  #lastSent = 0;
  #closing = false;

  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
    this.#steady = this.#publish(STEADY);
  }

  /** Connects the healthy players once the steady stream is there. */
  async start(): Promise<void> {
    await this.#steady.ready;
    for (let index = 0; index < HEALTHY; index++) {
      let last: number | undefined;
      const onPicture = (_sent: number, received: number) => {
        if (this.#closing) return;
        const gap = received - (last ?? received);
        this.counts.longestGapMs = Math.max(this.counts.longestGapMs, gap);
        last = received;
      };
      this.#healthy.push(new Player(this.#target, STEADY, { onPicture }));
    }
  }

  /** Sends what is due, and lets those leave whose time is over. */
  tick(): void {
    const time = now();
    for (const publisher of this.#publishers) {
      if (publisher.closed) this.#publishers.delete(publisher);
      else if (publisher.started > 0) this.#send(publisher, time);
    }
    for (const guest of this.#guests) {
      if (guest.leaves > time) continue;
      this.#guests.delete(guest);
      guest.leave();
    }
  }

  /** A publisher comes, sends for a while and goes, in one of the ways they go. */
  cycle(): void {
    if (this.#isBad()) return this.#misbehave();
    const publisher = this.#publish(`cycle${this.counts.cycles++ % NAMES}`);
    let left = false;
    publisher.ready.catch(() => this.counts.refused += left ? 0 : 1);
    const orderly = this.#random() < 0.5;
    this.#stay(1000 + this.#random() * 2000, () => {
      left = true;
      if (orderly) publisher.close();
      else publisher.cut();
    });
  }

  /** A player comes, watches for a while and goes. */
  join(): void {
    if (this.#isBad()) return this.#misbehave();
    this.counts.joins++;
    const steady = this.#random() < 0.7;
    const name = steady ? STEADY : `cycle${Math.floor(this.#random() * NAMES)}`;
    const player = new Guesting(this.#target, name, {
      onKeyFrame: ({ joinMs = 0 }) => {
        if (steady) this.counts.longestJoinMs = Math.max(this.counts.longestJoinMs, joinMs);
      },
    });
    const orderly = this.#random() < 0.5;
    this.#stay(2000 + this.#random() * 1000, () => {
      if (steady && player.joinMs === undefined) this.counts.starved++;
      if (orderly) player.close();
      else player.cut();
    });
  }

  /** Everybody leaves. */
  close(): void {
    this.#closing = true;
    this.counts.lost = this.#healthy.filter(({ closed }) => closed).length;
    for (const player of this.#healthy) player.close();
    for (const publisher of this.#publishers) publisher.close();
    for (const guest of this.#guests) guest.leave();
    this.#guests.clear();
  }

  get #target() {
    return { port: this.#port, app: APP };
  }

  #isBad(): boolean {
    return this.#random() < BAD;
  }

  #stay(ms: number, leave: () => void): void {
    this.#guests.add({ leaves: now() + ms, leave });
  }

  #publish(name: string): Cycle {
    const publisher = new Cycle(this.#target, name, SHAPE);
    publisher.ready.then(() => publisher.started = now(), () => {});
    this.#publishers.add(publisher);
    return publisher;
  }

  #send(publisher: Cycle, time: number): void {
    while (publisher.started + publisher.nextDue <= time) {
      publisher.sendNext();
      if (publisher !== this.#steady) continue;
      const pause = time - (this.#lastSent || time);
      this.counts.longestPauseMs = Math.max(this.counts.longestPauseMs, pause);
      this.#lastSent = time;
    }
  }

  #misbehave(): void {
    this.counts.bad++;
    if (this.#random() < 0.7) {
      const socket = badPeer(this.#port, this.#random);
      return this.#stay(2000 + this.#random() * 4000, () => socket.destroy());
    }
    // A reader that stops reading.
    const player = new Player(this.#target, STEADY, { onKeyFrame: (player) => player.pause() });
    this.#stay(3000 + this.#random() * 5000, () => player.close());
  }
}
