/**
 * Makes messages of every kind: those of a session that goes well, and those that do not belong.
 *
 * @module
 */
import { amf0, amf3, amfNumber, amfString, shortText, unsigned, WORDS } from "./amf_source.ts";
import type { Dice } from "./dice.ts";

/** A message before it is cut into chunks. */
export interface SourceMessage {
  readonly type: number;
  readonly streamId: number;
  readonly timestamp: number;
  readonly body: readonly number[];
}

const NULL = 5;
const COMMANDS = [
  ...["connect", "createStream", "publish", "play", "play2", "pause", "seek", "deleteStream"],
  ...["closeStream", "releaseStream", "FCPublish", "FCUnpublish", "FCSubscribe", "_checkbw"],
  ...["getStreamLength", "receiveAudio", "receiveVideo", "_result", "_error", "onStatus", "close"],
];

const TIMESTAMPS = [0, 1, 40, 0xfffffe, 0xffffff, 0x1000000, 0x7fffffff, 0xffffffff];

/** Draws messages. */
export class MessageSource {
  readonly #dice: Dice;
  readonly #media: readonly Uint8Array[];
  #time = 0;

  /** `media` are bodies of real messages, to begin from. */
  constructor(dice: Dice, media: readonly Uint8Array[]) {
    this.#dice = dice;
    this.#media = media;
    this.#time = dice.chance(0.2) ? dice.pick(TIMESTAMPS) : 0;
  }

  /** The beginning that leads deeper: connect, createStream, publish or play. */
  opening(): SourceMessage[] {
    const connect = [3, ...this.#member("app", amfString("live")), 0, 0, 9];
    const messages = [
      this.#command("connect", 0, connect),
      this.#command("createStream", 0, [NULL]),
    ];
    const name = this.#dice.pick(["publish", "publish", "publish", "play"]);
    messages.push(this.#command(name, 1, [NULL, ...amfString("test"), ...amfString("live")]));
    return messages.slice(0, this.#dice.chance(0.85) ? 3 : this.#dice.below(3));
  }

  /** Any message. */
  any(): SourceMessage {
    const dice = this.#dice;
    this.#time = (this.#time + (dice.chance(0.95) ? dice.below(50) : dice.edge(32))) >>> 0;
    switch (dice.below(16)) {
      case 0:
      case 1:
      case 2: {
        const known = dice.chance(0.9);
        const name = known ? dice.pick(COMMANDS) : dice.pick(WORDS);
        return this.#command(name, dice.below(3), this.#values());
      }
      case 3:
        return this.#control();
      case 4:
        return this.#message(4, 0, [...unsigned(dice.below(35), 2), ...dice.bytes(dice.below(9))]);
      case 5:
      case 6:
        return this.#data();
      case 7:
        return this.#aggregate();
      case 8:
        return this.#sharedObject();
      case 9:
        return this.#message(dice.below(256), dice.below(3), dice.bytes(dice.below(40)));
      default:
        return this.#message(dice.pick([8, 9, 9]), 1, this.#mediaBody());
    }
  }

  #message(type: number, streamId: number, body: readonly number[]): SourceMessage {
    return { type, streamId, timestamp: this.#time, body };
  }

  #member(name: string, value: readonly number[]): number[] {
    return [...amfString(name).slice(1), ...value];
  }

  #command(name: string, streamId: number, values: readonly number[]): SourceMessage {
    const id = amfNumber(this.#dice.chance(0.9) ? 1 + this.#dice.below(9) : 0);
    const amf3 = this.#dice.chance(0.05);
    const body = [...amf3 ? [0] : [], ...amfString(name), ...id, ...values];
    return this.#message(amf3 ? 17 : 20, streamId, body);
  }

  #values(): number[] {
    const dice = this.#dice;
    const first = dice.chance(0.8) ? [NULL] : amf0(dice);
    return [...first, ...Array.from({ length: dice.below(4) }, () => amf0(dice)).flat()];
  }

  #control(): SourceMessage {
    const dice = this.#dice;
    const type = dice.pick([1, 1, 2, 3, 5, 6]);
    const length = dice.chance(0.9) ? 4 : dice.below(4);
    const value = type === 2 ? dice.below(9) : dice.edge(32);
    const tail = type === 6 ? [dice.below(4)] : [];
    return this.#message(type, 0, [...unsigned(value, 4).slice(0, length), ...tail]);
  }

  #data(): SourceMessage {
    const dice = this.#dice;
    const head = dice.chance(0.5) ? amfString("@setDataFrame") : [];
    const name = amfString(dice.chance(0.6) ? "onMetaData" : dice.pick(WORDS));
    if (dice.chance(0.2)) return this.#message(15, 1, [...dice.bytes(1), ...amf3(dice)]);
    return this.#message(dice.pick([18, 18, 15]), 1, [...head, ...name, ...amf0(dice, 4)]);
  }

  #aggregate(): SourceMessage {
    const dice = this.#dice;
    const parts = Array.from({ length: dice.below(5) }, () => {
      const body = this.#mediaBody().slice(0, 60);
      const size = dice.chance(0.95) ? body.length : dice.edge(24);
      const head = [dice.pick([8, 9, 18, 22, 20]), ...unsigned(size, 3)];
      return [...head, ...dice.bytes(7), ...body, ...unsigned(11 + body.length, 4)];
    });
    return this.#message(22, 1, parts.flat());
  }

  #sharedObject(): SourceMessage {
    const dice = this.#dice;
    const events = Array.from({ length: dice.below(4) }, () => {
      const data = dice.chance(0.8)
        ? [...shortText([...new TextEncoder().encode(dice.pick(WORDS))]), ...amf0(dice, 2)]
        : dice.bytes(dice.below(12));
      const size = dice.chance(0.95) ? data.length : dice.edge(32);
      return [dice.below(15), ...unsigned(size, 4), ...data];
    });
    const name = shortText([...new TextEncoder().encode(dice.pick(WORDS))]);
    const head = [...name, ...unsigned(dice.below(4), 4), ...dice.bytes(8)];
    const amf3 = dice.chance(0.2);
    return this.#message(amf3 ? 16 : 19, 0, [...amf3 ? [0] : [], ...head, ...events.flat()]);
  }

  #mediaBody(): number[] {
    const dice = this.#dice;
    const head = dice.pick([
      ...[[0x17, 0, 0, 0, 0], [0x17, 1, 0, 0, 0], [0x27, 1, 0, 0, 0], [0xaf, 0], [0xaf, 1]],
      ...[[0x90, 0x68, 0x76, 0x63, 0x31], [0x91, 0x61, 0x76, 0x30, 0x31], [0x96, 0x10], [0x57]],
      ...[[0x95, 0x4f, 0x70, 0x75, 0x73], [0x97], []],
    ]);
    const vector = dice.pick(this.#media);
    const body = dice.chance(0.7)
      ? vector.subarray(0, dice.below(200))
      : dice.bytes(dice.below(30));
    return dice.chance(0.4) ? [...body] : [...head, ...body];
  }
}
