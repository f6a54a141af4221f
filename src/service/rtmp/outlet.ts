/**
 * The way out of one connection: replies first, then the media of every player on it, one write in
 * flight at a time. It queues replies only; media waits in the shared log.
 *
 * @module
 */
import type { Player, PlayerSink } from "../../hub/mod.ts";
import type { Connection } from "../../ports.ts";

/** Replies a peer may leave unread, in bytes, before it is cut off. */
export const MAX_REPLY_BYTES = 256 * 1024;

/** The way out of one connection. */
export class Outlet implements PlayerSink {
  busy = false;
  readonly #connection: Connection;
  readonly #onOverflow: () => void;
  #replies: Uint8Array[] = [];
  #replyBytes = 0;
  readonly #players: Player[] = [];
  #pumping = false;
  #ending = false;

  /** `onOverflow` is called when the peer leaves more than {@link MAX_REPLY_BYTES} unread. */
  constructor(connection: Connection, onOverflow: () => void) {
    this.#connection = connection;
    this.#onOverflow = onOverflow;
  }

  /** Queues a reply; {@link pump} writes it. */
  send(bytes: Uint8Array): void {
    this.#replies.push(bytes);
    this.#replyBytes += bytes.length;
    if (this.#replyBytes > MAX_REPLY_BYTES) this.#onOverflow();
  }

  /** Serves a player from now on. */
  add(player: Player): void {
    if (!this.#players.includes(player)) this.#players.push(player);
  }

  /** Serves a player no longer. */
  remove(player: Player): void {
    const index = this.#players.indexOf(player);
    if (index >= 0) this.#players.splice(index, 1);
  }

  pump(): void {
    // A player that ends inside `next` may lead back here.
    if (this.#pumping) return;
    this.#pumping = true;
    while (!this.busy) {
      const bytes = this.#replyBytes > 0 ? this.#takeReplies() : this.#takeMedia();
      if (bytes === undefined) {
        // A player's end may have queued a reply.
        if (this.#replyBytes > 0) continue;
        break;
      }
      this.busy = !this.#connection.write(bytes);
    }
    this.#pumping = false;
    if (this.#ending && !this.busy) this.#connection.end();
  }

  #takeReplies(): Uint8Array {
    const replies = this.#replies;
    let bytes = replies[0]!;
    if (replies.length > 1) {
      bytes = new Uint8Array(this.#replyBytes);
      let offset = 0;
      for (const reply of replies) {
        bytes.set(reply, offset);
        offset += reply.length;
      }
    }
    this.#replies = [];
    this.#replyBytes = 0;
    return bytes;
  }

  #takeMedia(): Uint8Array | undefined {
    const players = this.#players;
    for (let index = 0; index < players.length; index++) {
      const bytes = players[index]!.next();
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
    this.#players.length = 0;
    this.#ending = true;
    this.pump();
  }
}
