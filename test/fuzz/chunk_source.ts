/**
 * Cuts messages into chunks in every way the format has, interleaved, with lies here and there.
 *
 * @module
 */
import { unsigned } from "./amf_source.ts";
import type { Dice } from "./dice.ts";
import type { SourceMessage } from "./message_source.ts";

/** What the other side remembers of a chunk stream, if it believes us. */
interface Sent {
  readonly timestamp: number;
  readonly length: number;
  readonly type: number;
  readonly streamId: number;
}

/** A message of which some chunks are still to come. */
interface Pending {
  readonly id: number;
  readonly body: readonly number[];
  readonly extended: readonly number[];
  at: number;
}

/** Writes chunks. */
export class ChunkSource {
  readonly #dice: Dice;
  readonly #sent = new Map<number, Sent>();
  #chunkSize = 128;
  #out: number[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** The chunks of `messages`, in order but for some that are interleaved. */
  write(messages: readonly SourceMessage[]): number[] {
    this.#out = [];
    let open: Pending[] = [];
    for (const message of messages) {
      const pending = this.#begin(message, open.map(({ id }) => id));
      if (message.type === 1 || this.#dice.chance(0.9)) this.#finish([pending]);
      else open.push(pending);
      if (message.type === 1 && message.body.length >= 4) this.#setChunkSize(message.body);
      if (open.length > 0 && this.#dice.chance(0.6)) {
        this.#finish(open);
        open = [];
      }
    }
    if (this.#dice.chance(0.8)) this.#finish(open);
    return this.#out;
  }

  #setChunkSize(body: readonly number[]): void {
    const [a, b, c, d] = body as [number, number, number, number];
    const size = a * 0x1000000 + b * 0x10000 + c * 0x100 + d;
    if (size > 0 && size < 0x80000000) this.#chunkSize = Math.min(size, 0xffffff);
  }

  #basic(format: number, id: number): number[] {
    const top = format << 6;
    if (id < 64) return [top | id];
    return id < 320 && this.#dice.chance(0.7)
      ? [top, id - 64]
      : [top | 1, (id - 64) & 255, (id - 64) >> 8];
  }

  #id({ type }: SourceMessage, busy: readonly number[]): number {
    const usual = type < 8 ? 2 : type === 20 ? 3 : type === 8 ? 4 : 6;
    const id = this.#dice.chance(0.9) ? usual : this.#dice.pick([2, 3, 5, 63, 64, 319, 320, 65599]);
    return busy.includes(id) && this.#dice.chance(0.9) ? 7 + this.#dice.below(20) : id;
  }

  #begin(message: SourceMessage, busy: readonly number[]): Pending {
    const dice = this.#dice;
    const id = this.#id(message, busy);
    const known = this.#sent.get(id);
    const { type, streamId, timestamp, body } = message;
    const length = dice.chance(0.98) ? body.length : dice.edge(24);
    let format = 0;
    if (known?.streamId === streamId && dice.chance(0.7)) {
      format = known.type === type && known.length === length ? 2 : 1;
    }
    if (dice.chance(0.01)) format = dice.below(4);
    const time = format === 0 ? timestamp : (timestamp - (known?.timestamp ?? 0)) >>> 0;
    const extended = time >= 0xffffff ? unsigned(time, 4) : [];
    const fields = [
      ...unsigned(Math.min(time, 0xffffff), 3),
      ...unsigned(length, 3),
      type,
      ...unsigned(streamId, 4).reverse(),
    ].slice(0, [11, 7, 3, 0][format]);
    this.#sent.set(id, { type, streamId, timestamp, length });
    this.#out.push(...this.#basic(format, id), ...fields, ...format === 3 ? [] : extended);
    const pending = { id, body, extended, at: 0 };
    this.#payload(pending);
    return pending;
  }

  #payload(pending: Pending): void {
    const end = Math.min(pending.body.length, pending.at + this.#chunkSize);
    for (let at = pending.at; at < end; at++) this.#out.push(pending.body[at]!);
    pending.at = end;
  }

  /** Writes what is left of each, in turn. */
  #finish(open: readonly Pending[]): void {
    for (let left = open; left.length > 0;) {
      left = left.filter(({ at, body }) => at < body.length);
      for (const pending of left) {
        const repeated = this.#dice.chance(0.95) ? pending.extended : [];
        this.#out.push(...this.#basic(3, pending.id), ...repeated);
        this.#payload(pending);
      }
    }
  }
}
