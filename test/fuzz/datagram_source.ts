/**
 * Makes packets of RTMFP, as a client with keys may send them: flows that go well and carry messages of
 * RTMP, and chunks of every kind with numbers at the edges.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { chunk, field, opt, vlu } from "../support/rtmfp/wire.ts";
import type { Dice } from "./dice.ts";
import { MessageSource, type SourceMessage } from "./message_source.ts";
import { mutated } from "./mutator.ts";

/** Types of chunks that there are, and some that there are not. */
const TYPES = [
  ...[0x01, 0x0c, 0x0f, 0x10, 0x11, 0x18, 0x30, 0x38, 0x41, 0x4c, 0x50, 0x51, 0x5e],
  ...[0x70, 0x71, 0x78, 0x79, 0x7f, 0x00, 0xec, 0xff],
];

/** Fragments are up to so long (bytes). */
const FRAGMENT_BYTES = 900;

/** A flow of the client. */
interface Flow {
  readonly id: number;
  readonly streamId: number;
  next: number;
  told: boolean;
}

/** Draws the chunks of packets. */
export class DatagramSource {
  readonly #dice: Dice;
  readonly #messages: MessageSource;
  readonly #flows = new Map<string, Flow>();
  readonly #queue: Buffer[] = [];
  #nextFlow = 2;

  /** `media` are bodies of real messages, to begin from. */
  constructor(dice: Dice, media: readonly Uint8Array[]) {
    this.#dice = dice;
    this.#messages = new MessageSource(dice, media);
    for (const message of this.#messages.opening()) this.#put(message);
  }

  /** The chunks of the next packet. */
  packet(): Buffer {
    const dice = this.#dice;
    const chunks: Buffer[] = [];
    for (let count = dice.chance(0.8) ? 1 : dice.between(1, 12); count > 0; count--) {
      chunks.push(dice.chance(0.7) ? this.#next() : this.#odd());
    }
    const bytes = Buffer.concat(chunks).subarray(0, 1300);
    return dice.chance(0.1) ? Buffer.from(mutated(dice, [...bytes])) : bytes;
  }

  /** What a client that behaves sends next, or nearly: something lost, late or twice. */
  #next(): Buffer {
    const dice = this.#dice;
    while (this.#queue.length === 0) this.#put(this.#messages.any());
    const at = dice.chance(0.95) ? 0 : dice.below(Math.min(this.#queue.length, 5));
    const [next] = dice.chance(0.96) ? this.#queue.splice(at, 1) : [this.#queue[at]];
    return next!;
  }

  #put({ type, streamId, timestamp, body }: SourceMessage): void {
    const dice = this.#dice;
    const kind = streamId === 0 ? 0 : type === 8 ? 1 : type === 9 ? 2 : 3;
    const key = `${streamId} ${kind}`;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      flow = { id: this.#nextFlow++, streamId, next: 1, told: false };
      this.#flows.set(key, flow);
    }
    const head = Buffer.alloc(5);
    head[0] = type;
    head.writeUInt32BE(timestamp, 1);
    const message = Buffer.concat([head, Buffer.from(body)]);
    const size = dice.chance(0.8) ? FRAGMENT_BYTES : 1 + dice.below(200);
    for (let start = 0; start < message.length; start += size) {
      const end = start + size;
      const first = start === 0;
      const last = end >= message.length;
      const part = first ? last ? 0x00 : 0x10 : last ? 0x20 : 0x30;
      this.#queue.push(this.#fragment(flow, part, message.subarray(start, end)));
    }
    // Now and then a flow ends, and the next message begins another.
    if (dice.chance(0.01)) {
      this.#queue.push(this.#fragment(flow, 0x01 | 0x02, Buffer.alloc(0)));
      this.#flows.delete(key);
    }
  }

  #fragment(flow: Flow, part: number, data: Uint8Array): Buffer {
    const dice = this.#dice;
    const sequence = flow.next++;
    const ahead = Math.min(sequence, dice.chance(0.9) ? dice.between(1, 8) : dice.edge(12));
    const options = flow.told && dice.chance(0.9)
      ? []
      : [opt(0, Buffer.concat([Buffer.from([0x54, 0x43, 4]), vlu(flow.streamId)])), vlu(0)];
    flow.told = true;
    return chunk(
      0x10,
      Buffer.from([part | (options.length > 0 ? 0x80 : 0)]),
      vlu(flow.id),
      vlu(sequence),
      vlu(ahead),
      ...options,
      data,
    );
  }

  /** A number at an edge, as one of variable length. */
  #edge(): Buffer {
    const dice = this.#dice;
    if (dice.chance(0.6)) return vlu(dice.below(12));
    return vlu(dice.chance(0.9) ? dice.edge(32) : dice.edge(53));
  }

  /** A chunk that does not belong here. */
  #odd(): Buffer {
    const dice = this.#dice;
    const type = dice.chance(0.85) ? dice.pick(TYPES) : dice.below(256);
    // A goodbye ends the session, and all that would be tried behind it.
    if ((type === 0x0c || type === 0x5e) && dice.chance(0.9)) return chunk(0x01);
    const more = (count: number) => Array.from({ length: count }, () => this.#edge());
    const noise = Buffer.from(dice.bytes(dice.chance(0.8) ? dice.below(40) : dice.below(900)));
    switch (type) {
      case 0x10:
        return chunk(
          type,
          Buffer.from([dice.below(256)]),
          ...more(3),
          ...dice.chance(0.5) ? [this.#options()] : [],
          noise,
        );
      case 0x11:
        return chunk(type, Buffer.from([dice.below(256)]), noise);
      case 0x50:
        return chunk(type, ...more(3), noise);
      case 0x51:
        return chunk(type, ...more(3 + 2 * dice.below(8)));
      default:
        return chunk(type, ...more(dice.below(4)), noise);
    }
  }

  #options(): Buffer {
    const dice = this.#dice;
    const list = Array.from({ length: dice.below(4) }, () => {
      const value = Buffer.from(dice.bytes(dice.below(dice.chance(0.9) ? 12 : 700)));
      return dice.chance(0.9)
        ? opt(dice.pick([0, 0x0a, 1, 0x1fff, 0x2000]), value)
        : field(Buffer.concat([this.#edge(), value]));
    });
    return Buffer.concat([...list, ...dice.chance(0.8) ? [vlu(0)] : []]);
  }

  /** A packet of the handshake: what is in it, which may be of any kind. */
  startup(hello: Buffer, keying: Buffer): Buffer {
    const dice = this.#dice;
    const chunks = dice.pick([hello, keying, keying]);
    if (dice.chance(0.5)) return Buffer.from(mutated(dice, [...chunks]));
    return dice.chance(0.5)
      ? chunks
      : chunk(dice.pick([0x30, 0x38, 0x70, 0x71, 0x78, 0x79, 0x0f]), Buffer.from(dice.bytes(60)));
  }
}
