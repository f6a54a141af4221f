/**
 * Where one player is in a log, and what is kept for it there: the page that it reads, the headers that
 * it is still to be sent, what a write may be under way of.
 *
 * @module
 */
import { FrameFlag } from "../frame.ts";
import type { LogPage, MediaLog } from "./media_log.ts";
import type { MediaBuffer, Writer } from "../media_memory.ts";
import type { Prelude } from "./prelude.ts";

/** The place of one player that reads by itself. */
export class ReadingPlace {
  /** The page it reads, which keeps all that follow it; none while it reads nothing. */
  page: LogPage | undefined;
  offset = 0;
  /** Configuration to send before anything else, after a join or a skip. */
  prelude: Prelude | undefined;
  /** What was handed out last, which a write may be under way of. */
  #handed: MediaBuffer | undefined;

  /** Bytes of what was handed out last. */
  get handedBytes(): number {
    return this.#handed?.bytes.length ?? 0;
  }

  /** Goes on reading at `offset` of `page` of `log`, which is kept for it. */
  goOn(log: MediaLog, page: LogPage | undefined, offset: number): void {
    const before = this.page;
    if (page !== before) {
      if (page !== undefined) log.hold(page);
      this.page = page;
      if (before !== undefined) log.release(before);
    }
    this.offset = offset;
  }

  /** Goes to the end of the log. */
  goLive(log: MediaLog): void {
    this.goOn(log, log.tail, log.tail.length);
  }

  /** Moves on to a position in the log, if a message begins or ends there. */
  goTo(log: MediaLog, position: number): void {
    let page = this.page;
    while (page !== undefined && page.start + page.length < position) page = page.next;
    if (page?.begins(position - page.start)) this.goOn(log, page, position - page.start);
  }

  /** Moves on to the newest key frame that is kept, or to the next one; `false` where none is ahead. */
  goToKey(log: MediaLog): boolean {
    if (log.keyPosition >= this.page!.start + this.offset) {
      this.goOn(log, log.keyPage, log.keyOffset);
      return true;
    }
    for (let page = this.page; page !== undefined; page = page.next) {
      const index = page.indexOf(FrameFlag.Key, page === this.page ? this.offset : 0);
      if (index < 0) continue;
      this.goOn(log, page, index === 0 ? 0 : page.ends[index - 1]!);
      return true;
    }
    return false;
  }

  /** Goes on in the page that comes next, where it is through with this one. */
  settle(log: MediaLog): void {
    const { page } = this;
    if (page?.next !== undefined && this.offset === page.length) this.goOn(log, page.next, 0);
  }

  /** Has `prelude` to send before anything else, or nothing. */
  owe(prelude: Prelude | undefined): void {
    prelude?.pin();
    this.prelude?.unpin();
    this.prelude = prelude;
  }

  /** A write of `buffer` follows, or none: that of what was handed before is over. */
  hand(buffer: MediaBuffer | undefined): void {
    if (buffer === this.#handed) return;
    buffer?.pin();
    this.#handed?.unpin();
    this.#handed = buffer;
  }

  /** How long what is read next has waited (ms). */
  lagMs(now: number): number {
    const { page } = this;
    if (page === undefined) return 0;
    const since = page.times[page.indexAt(this.offset)] ?? page.next?.times[0];
    return since === undefined ? 0 : now - since;
  }

  /** Lets go of everything; a write that `sink` has under way keeps what it is of. */
  leave(log: MediaLog | undefined, sink: Writer): void {
    if (log !== undefined) this.goOn(log, undefined, 0);
    this.owe(undefined);
    // Nobody tells of it any more when that write is over.
    if (sink.busy) this.#handed?.orphan(sink);
    else this.#handed?.unpin();
    this.#handed = undefined;
  }
}
