/**
 * The way out of one connection: replies first, then the media of every player on it, one write in
 * flight at a time. It queues replies only; media waits in the shared log.
 *
 * @module
 */
import type { Rc4 } from "../../core/crypto/rc4.ts";
import { joined } from "../../core/bytes/join.ts";
import type { PlayerChannel, PlayerSink } from "../../hub/mod.ts";
import type { Connection } from "../../ports.ts";
import { EncryptedConnection } from "./encrypted_connection.ts";

/** Replies a peer may leave unread, in bytes, before it is cut off. */
export const MAX_REPLY_BYTES = 256 * 1024;

/** Over so many bytes of them nothing more is read of it, so that it asks for no more. */
const CROWDED_REPLY_BYTES = 16 * 1024;

/** So many short replies become one: by themselves they weigh many times their bytes. */
const LOOSE_REPLIES = 64;

/**
 * What the owner of an writer is told. Whoever is told is in the middle of something, of the hub for
 * instance: it may take note, and end its session in a turn of its own.
 */
export interface WriterObserver {
  /** The peer left more than {@link MAX_REPLY_BYTES} unread; said once. */
  onOverflow(): void;
  /** A fault of ours while writing. It ends here: it must not reach the publisher that is played. */
  onFault(error: unknown): void;
}

/** Where media comes from: a player of the hub, or of a recording. */
export interface MediaQueue {
  /** What is to be written next, whole messages; `undefined` when there is nothing for now. */
  next(): Uint8Array | undefined;
  /** Its media is not written past the writer any more. */
  fallOut(): void;
}

/** Nobody plays. Never changed: an array that grows from nothing takes room for 17. */
const NOBODY: MediaQueue[] = [];

/** The way out of one connection. */
export class ConnectionWriter implements PlayerSink {
  busy = false;
  #connection: Connection;
  readonly #observer: WriterObserver;
  #replies: Uint8Array[] = [];
  #replyBytes = 0;
  /** Replies at the end of the list that have not been made into one. */
  #loose = 0;
  #players: MediaQueue[] = NOBODY;
  /** The player that is asked first, so that none is kept waiting by another. */
  #turn = 0;
  #pumping = false;
  /** `failed`: nothing is queued or written any more, until its session has ended. */
  #state: "open" | "ending" | "failed" | "closed" = "open";

  constructor(connection: Connection, observer: WriterObserver) {
    this.#connection = connection;
    this.#observer = observer;
  }

  /** Encrypts all that is written from now on, but for the next `plain` bytes. */
  encrypt(cipher: Rc4, plain: number): void {
    this.#connection = new EncryptedConnection(this.#connection, cipher, plain);
  }

  /** Queues a reply; {@link pump} writes it. */
  send(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#replies.push(bytes);
    this.#replyBytes += bytes.length;
    if (++this.#loose === LOOSE_REPLIES) {
      this.#replies.push(joined(this.#replies.splice(-LOOSE_REPLIES)));
      this.#loose = 0;
    }
    if (this.#replyBytes > MAX_REPLY_BYTES) {
      this.fail();
      this.#observer.onOverflow();
    }
  }

  get #over(): boolean {
    return this.#state === "closed" || this.#state === "failed";
  }

  /** Writes and queues nothing any more. Its players stay until their session ends. */
  fail(): void {
    if (this.#state !== "closed") this.#state = "failed";
    this.#forget();
  }

  /** Whether the peer left so many replies unread that it should not be read either. */
  get crowded(): boolean {
    return this.#replyBytes > CROWDED_REPLY_BYTES;
  }

  /** Serves a player from now on. */
  add(player: MediaQueue): void {
    if (this.#players.includes(player)) return;
    this.#players = this.#players.concat(player);
    this.#takeBack();
  }

  get gone(): boolean {
    return this.#state === "closed";
  }

  get channel(): PlayerChannel | undefined {
    const free = this.#state === "open" && !this.busy && this.#replyBytes === 0;
    return free && this.#players.length === 1 ? this.#connection : undefined;
  }

  /** No player's media is written past this writer any more. */
  #takeBack(): void {
    for (const player of this.#players) player.fallOut();
  }

  onBlocked(): void {
    this.busy = true;
  }

  onFault(error: unknown): void {
    this.fail();
    this.#observer.onFault(error);
  }

  /** Serves a player no longer. */
  remove(player: MediaQueue): void {
    if (!this.#players.includes(player)) return;
    const rest = this.#players.filter((other) => other !== player);
    this.#players = rest.length === 0 ? NOBODY : rest;
  }

  pump(): void {
    // A player that ends inside `next` may lead back here.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.busy && !this.#over) {
        const bytes = this.#replyBytes > 0 ? this.#takeReplies() : this.#takeMedia();
        if (bytes !== undefined) {
          this.busy = !this.#connection.write(bytes);
          if (this.busy) this.#takeBack();
        } // A player's end may have queued a reply.
        else if (this.#replyBytes === 0) break;
      }
    } catch (error) {
      this.onFault(error);
    } finally {
      this.#pumping = false;
    }
    if (this.#state === "ending" && !this.busy) {
      this.close();
      this.#connection.end();
    }
  }

  #takeReplies(): Uint8Array {
    const replies = this.#replies;
    this.#forget();
    return replies.length === 1 ? replies[0]! : joined(replies);
  }

  #forget(): void {
    this.#replies = [];
    this.#replyBytes = 0;
    this.#loose = 0;
  }

  #takeMedia(): Uint8Array | undefined {
    // One that ends may leave in the middle of it.
    for (let asked = 0; asked < this.#players.length; asked++) {
      if (this.#turn >= this.#players.length) this.#turn = 0;
      const bytes = this.#players[this.#turn++]!.next();
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  /** The write in flight has been taken. */
  onWritable(): void {
    this.busy = false;
    this.pump();
  }

  /** Closes the connection once the replies queued so far are written. */
  end(): void {
    this.#takeBack();
    this.#players = NOBODY;
    if (this.#state === "open") this.#state = "ending";
    this.pump();
  }

  /** Writes nothing any more, because the connection is gone or going. */
  close(): void {
    this.#state = "closed";
    this.#takeBack();
    this.#players = NOBODY;
    this.#forget();
  }
}
