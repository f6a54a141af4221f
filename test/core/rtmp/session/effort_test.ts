/** What messages are charged, and where reading stops when that is used up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AssemblyBudget } from "../../../../src/core/rtmp/chunk/assembly_budget.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { messageEffort } from "../../../../src/core/rtmp/session/effort.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const COMMAND_EFFORT = 20;

const { Audio, Video, DataAmf0, Aggregate, CommandAmf0 } = MessageType;

/** A multitrack message of `count` empty tracks: of one codec each, or all of one. */
function tracks(count: number, first: number, ownCodec: boolean): Uint8Array {
  const avc = [97, 118, 99, 49];
  const bytes = [first, (ownCodec ? 2 : 1) << 4, ...(ownCodec ? [] : avc)];
  for (let id = 0; id < count; id++) bytes.push(...(ownCodec ? avc : []), id & 255, 0, 0, 0);
  return Uint8Array.from(bytes);
}

/** An aggregate of `bodies`, each a video message. */
function aggregate(bodies: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(bodies.flatMap((body, index) => [
    ...[Video, body.length >> 16, body.length >> 8 & 255, body.length & 255],
    ...[0, index >> 8, index & 255, 0, 0, 0, 0, ...body, 0, 0, 0, 0],
  ]));
}

test("media is charged for the tracks in it and not for its length, all else for its bytes", () => {
  assert.equal(messageEffort(Video, new Uint8Array(1_000_000)), 1);
  assert.equal(messageEffort(Video, new Uint8Array(0)), 1);
  assert.equal(messageEffort(Audio, new Uint8Array(0)), 1);
  assert.equal(messageEffort(Audio, Uint8Array.of(0xaf, 1, 2)), 1);
  // With a header of several tracks and none behind it, or cut within.
  for (const bytes of [[0x96, 0x11, 97, 118, 99, 49], [0x96], [0x96, 0x11, 97]]) {
    assert.equal(messageEffort(Video, Uint8Array.from(bytes)), 1);
  }
  // Enhanced, of one track.
  assert.equal(messageEffort(Video, Uint8Array.of(0x91, 97, 118, 99, 49, 0)), 1);
  assert.equal(messageEffort(Audio, Uint8Array.of(0x91, 79, 112, 117, 115, 0)), 1);
  for (const ownCodec of [false, true]) {
    for (const count of [1, 3, 200, 256]) {
      assert.equal(messageEffort(Video, tracks(count, 0x96, ownCodec)), count);
      assert.equal(messageEffort(Audio, tracks(count, 0x95, ownCodec)), count);
      // Behind an extension.
      const [, ...rest] = tracks(count, 0x96, ownCodec);
      const extended = Uint8Array.of(0x97, 0, 0, 0x06, ...rest);
      assert.equal(messageEffort(Video, extended), count);
    }
  }
  assert.ok(messageEffort(CommandAmf0, new Uint8Array(0)) === COMMAND_EFFORT);
  assert.ok(messageEffort(CommandAmf0, new Uint8Array(64_000)) >= 1000);
  assert.ok(messageEffort(DataAmf0, new Uint8Array(1_000_000)) >= 1000);
});

test("an aggregate is read as far as its messages may cost, and on from there, whole", () => {
  const budget = new AssemblyBudget(1_000_000);
  const other = new AssemblyBudget(1_000_000);
  const whole = new SessionPeer({ assembly: other }).publishing();
  const peer = new SessionPeer({ assembly: budget }).publishing();
  const bodies = Array.from({ length: 100 }, (_, i) => [0x27, 1, 0, 0, 0, i]);
  whole.message(Aggregate, 1, 50, aggregate(bodies));
  whole.message(Video, 1, 200, Uint8Array.of(0x27, 1));
  const expected = whole.takeEvents();
  peer.session.allow(10);
  peer.message(Aggregate, 1, 50, aggregate(bodies));
  peer.message(Video, 1, 200, Uint8Array.of(0x27, 1));
  // The aggregate itself costs one.
  assert.deepEqual(peer.events, expected.slice(0, 9));
  assert.ok(peer.session.allowance <= 0);
  assert.ok(budget.used > other.used + 1000, `${budget.used} bytes are kept`);
  for (let taken = 9; taken < 101; taken += 4) {
    assert.deepEqual(peer.events, expected.slice(0, taken));
    peer.session.allow(4);
    peer.session.readOn();
  }
  assert.deepEqual(peer.events, expected);
  assert.equal(budget.used, other.used);
});

test("a session that ends within an aggregate hands out no more of it, and keeps nothing", () => {
  const budget = new AssemblyBudget(1_000_000);
  for (const allowed of [4, 1000]) {
    const peer = new SessionPeer({ assembly: budget }).publishing();
    const push = peer.onMedia.bind(peer);
    peer.onMedia = (...media) => {
      push(...media);
      if (peer.events.length === 3) peer.session.close();
    };
    peer.session.allow(allowed);
    peer.message(Aggregate, 1, 0, aggregate(Array.from({ length: 10 }, () => [0x27, 1])));
    peer.session.allow(100);
    peer.session.readOn();
    assert.equal(peer.events.filter((event) => event.startsWith("media")).length, 3);
    assert.equal(budget.used, 0);
  }
});

test("an aggregate of hundreds of tracks in each message is charged for every one", () => {
  const peer = new SessionPeer().publishing();
  const body = [...tracks(256, 0x96, true)];
  let asked = 0;
  Object.assign(peer, { onSpent: () => (asked++, 0) });
  peer.session.allow(1000);
  peer.message(Aggregate, 1, 0, aggregate(Array.from({ length: 100 }, () => body)));
  assert.equal(peer.events.length, 4);
  assert.equal(asked, 1);
});

test("the owner is asked for more when all is spent, and what is charged besides is owed", () => {
  const peer = new SessionPeer().publishing();
  const frame = Uint8Array.of(0x27, 1);
  const overdrafts: number[] = [];
  let more = 2;
  const owner = Object.assign(peer, {
    onSpent(overdraft: number) {
      overdrafts.push(overdraft);
      return more;
    },
  });
  peer.session.allow(2);
  for (let i = 0; i < 6; i++) peer.message(Video, 1, i, frame);
  assert.equal(owner.events.length, 6);
  assert.deepEqual(overdrafts, [0, 0, 0]);
  // What a message does to others is charged while it is carried out.
  const push = peer.onMedia.bind(peer);
  peer.onMedia = (...media) => {
    push(...media);
    peer.session.charge(100);
  };
  more = 0;
  for (let i = 0; i < 3; i++) peer.message(Video, 1, i, frame);
  assert.equal(owner.events.length, 7);
  assert.equal(peer.session.allowance, -99);
  peer.session.allow(1);
  peer.session.readOn();
  assert.equal(owner.events.length, 8);
});

test("what is answered costs more than what is only noted, and data by its length", () => {
  const { UserControl, SetPeerBandwidth, Acknowledgement, SharedObjectAmf0, DataAmf3 } =
    MessageType;
  for (const type of [UserControl, SetPeerBandwidth]) {
    assert.equal(messageEffort(type, new Uint8Array(6)), 2);
  }
  assert.equal(messageEffort(Acknowledgement, new Uint8Array(4)), 1);
  assert.deepEqual(
    [0, 255, 256, 25_600].map((size) => messageEffort(DataAmf0, new Uint8Array(size))),
    [
      4,
      4,
      5,
      104,
    ],
  );
  for (const type of [CommandAmf0, MessageType.CommandAmf3, SharedObjectAmf0, DataAmf3]) {
    assert.deepEqual([0, 31, 32].map((size) => messageEffort(type, new Uint8Array(size))), [
      COMMAND_EFFORT,
      COMMAND_EFFORT,
      COMMAND_EFFORT + 1,
    ]);
  }
});

test("media of one track with other packet types costs what a frame does", () => {
  const fourCc = [97, 118, 99, 49];
  for (let packet = 0; packet < 16; packet++) {
    const counted = [6, 7].includes(packet);
    const video = Uint8Array.from([0x90 | packet, 0x11, ...fourCc, 0, 0, 0, 0, 1, 0, 0, 0]);
    if (!counted) assert.equal(messageEffort(Video, video), 1, `video ${packet}`);
    const audio = Uint8Array.from([0x90 | packet, 0x11, ...fourCc, 0, 0, 0, 0, 1, 0, 0, 0]);
    if (![5, 7].includes(packet)) assert.equal(messageEffort(Audio, audio), 1, `audio ${packet}`);
  }
});
