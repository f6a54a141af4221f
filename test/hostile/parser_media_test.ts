import { test } from "node:test";
import assert from "node:assert/strict";
import { audioFlags, describeMedia, videoFlags } from "../../src/core/media/mod.ts";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import { allMediaBytes } from "../core/media/vectors.ts";
import { ENHANCED_NAMES, enhancedMedia } from "../support/enhanced.ts";
import { random } from "../support/feed.ts";
import { figure, sized } from "../support/figure.ts";
import { audioFrame, keyFrame } from "../support/media.ts";
import { publishGop, Rig, type RigClient } from "../support/rtmp_service.ts";

const { Audio, Video } = MessageType;

/** Bytes of hex digits. */
const hex = (digits: string): number[] =>
  (digits.replace(/\s/g, "").match(/../g) ?? []).map((pair) => parseInt(pair, 16));

/** First bytes of every form of video and audio, plain and enhanced. */
const HEADS: readonly (readonly number[])[] = [
  ...[
    "17 00 000000",
    "17 01 000000",
    "27 01 0000ff",
    "17 02 000000",
    "1c 00 000000",
    "1d 00 000000",
  ],
  ...["12", "22", "13", "14 00", "15 00000000 00", "16", "57 00", "57 01", "00", "ff", "7f"],
  ...["af 00", "af 01", "2f", "3f", "0f", "b0", "50", "70", "80", "d0", "e0"],
  ...["avc1", "hvc1", "vvc1", "av01", "vp08", "vp09", "zzzz", "\0\0\0\0"].flatMap((name) => {
    const fourCc = [...name].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0"));
    // Every packet type of video; then multitrack of each kind, and extensions.
    const types = Array.from({ length: 16 }, (_, type) => (0x90 | type).toString(16));
    return [...types, "96 00", "96 10", "96 20", "96 01", "97 00 00 00", "97 03 000001 00"].map(
      (head) => `${head} ${fourCc.join("")}`,
    );
  }),
  ...["mp4a", "Opus", "fLaC", "ac-3", "ec-3", ".mp3", "nope"].flatMap((name) => {
    const fourCc = [...name].map((letter) => letter.charCodeAt(0).toString(16));
    return ["90", "91", "92", "94", "95 00", "95 10", "95 20", "97 00 00", "97 ff ffff", "9f"].map(
      (head) => `${head} ${fourCc.join("")}`,
    );
  }),
].map(hex);

const BODIES: readonly (readonly number[])[] = [
  [],
  [0],
  [0xff],
  // An avcC whose lengths lead outside, one of nothing but ones, and one without end.
  hex("01 64 00 1f ff e1 ffff 67"),
  hex("01 64 00 1f ff ff ffff ffff ffff"),
  hex("01 64 00 1f ff e1 0018 67 64 00 1f ffffffffffffffffffffffffffffffffffffffffff"),
  hex("01 64 00 1f ff e1 0008 67 64 00 1f 0000000000000000000000000000000000000000"),
  // A NAL unit that is longer than the body, and one of no length.
  hex("ffffffff 65 88"),
  hex("00000000 00000000 00000001 65"),
  // An hvcC of 255 arrays of 65535 units, an av1C, a vpcC, an AudioSpecificConfig with nothing in it.
  hex("01 01 60000000 b00000000000 5d f000 fc fd f8 f8 0000 0f ff a0 ffff ffff"),
  hex("81 ff ff ff ff ff ff ff"),
  hex("01 000000 ff ff ff ff ffff"),
  hex("12 10 56 e5 00"),
  hex("ff ff ff ff ff ff ff ff ff"),
  // Tracks inside tracks; sizes that lie.
  hex("00 ffffff 61766331 00"),
  hex("01 000000 02 000000 03 000000"),
  hex("96 10 61766331 96 10 61766331 96"),
];

/** A publisher, a player who looks on, and what must hold after each message. */
class Show {
  // Nobody leaves within a turn, and all of this is one.
  readonly #rig = new Rig({ maxConnections: 10_000, maxConnectionsPerAddress: 10_000 });
  readonly publisher: RigClient = this.#rig.publisher();
  readonly #player = this.#rig.player();
  cases = 0;

  constructor() {
    publishGop(this.publisher, 0);
  }

  /** Publishes a message; the flags and the description of it must be there for any bytes. */
  send(kind: number, payload: Uint8Array): void {
    const before = payload.slice();
    videoFlags(payload);
    audioFlags(payload);
    const samples = { videoHeader: payload, lastVideo: payload };
    JSON.stringify(describeMedia(samples));
    JSON.stringify(describeMedia({ audioHeader: payload, lastAudio: payload }));
    assert.deepEqual(payload, before);
    this.publisher.message(kind, 1, 40 * this.cases++, payload);
    if (this.cases % 100 === 0) this.alive();
  }

  /** Whether a good picture and sound still come through. */
  alive(): void {
    this.#rig.clock.advance(1000);
    const { core } = this.publisher.session;
    assert.equal(core.phase, "connected", `${core.error?.message}`);
    this.#player.take();
    const time = 40 * this.cases;
    this.publisher.message(Video, 1, time, keyFrame(50));
    this.publisher.message(Audio, 1, time, audioFrame());
    const kinds = this.#player.takeMessages().map(({ type }) => type);
    assert.ok(kinds.includes(Video) && kinds.includes(Audio), "the stream goes on");
    // Who joins now is served as well.
    const late = this.#rig.player();
    assert.ok(late.takeMessages().some(({ type }) => type === Video));
    late.connection.hangUp();
    assert.deepEqual(this.#rig.faults, []);
    assert.equal(this.#rig.ends.some(({ reason }) => reason === "internal"), false);
  }
}

test("A12: every beginning of a media message with every bad body is relayed or dropped, and ends nothing", () => {
  const show = new Show();
  for (const head of HEADS) {
    for (const body of BODIES) {
      for (const kind of [Video, Audio]) show.send(kind, Uint8Array.of(...head, ...body));
    }
  }
  show.alive();
  figure({
    id: "A12",
    what: "bad media messages",
    value: show.cases,
    unit: "cases",
    atLeast: 1000,
  });
});

test("A12: every real configuration and frame, cut at every length, is relayed or dropped", () => {
  const show = new Show();
  const most = sized(60, 400);
  for (const vector of allMediaBytes()) {
    for (let length = 0; length <= Math.min(vector.length, most); length++) {
      const cut = vector.slice(0, length);
      show.send(Video, cut);
      show.send(Audio, cut);
    }
  }
  show.alive();
  figure({ id: "A12", what: "cut media messages", value: show.cases, unit: "cases" });
});

test("A12: recorded messages of Enhanced RTMP with damage are relayed or dropped", () => {
  const next = random(12);
  const below = (count: number) => Math.floor(next() * count);
  const show = new Show();
  for (const name of ENHANCED_NAMES) {
    for (const { type, payload } of enhancedMedia(name).slice(0, sized(30, 1000))) {
      const damaged = payload.slice(0, 600);
      for (let i = below(4); i >= 0; i--) {
        // Mostly where the structure is.
        const at = below(Math.min(damaged.length, next() < 0.8 ? 24 : 600));
        damaged[at] = next() < 0.5 ? below(256) : damaged[at]! ^ (1 << below(8));
      }
      show.send(type, damaged);
      show.send(type === Video ? Audio : Video, damaged.slice(0, below(damaged.length)));
    }
  }
  show.alive();
  figure({ id: "A12", what: "damaged Enhanced RTMP messages", value: show.cases, unit: "cases" });
});
