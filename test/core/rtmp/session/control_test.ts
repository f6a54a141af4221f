/** Protocol control and user control messages [RTMP 1.0 §5.4, §7.1.7] in a session. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeSetPeerBandwidth } from "../../../../src/core/rtmp/message/control.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

const { UserControl, SetPeerBandwidth, WindowAckSize, Audio } = MessageType;
const u32 = (value: number) => [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];

/** A user control message: event, then numbers. */
function userControl(peer: SessionPeer, event: number, ...numbers: number[]): void {
  peer.message(UserControl, 0, 0, Uint8Array.from([0, event, ...numbers.flatMap(u32)]));
}

test("a ping is answered with its time, before connect as well", () => {
  const peer = new SessionPeer().shake();
  userControl(peer, 6, 123456);
  peer.connect();
  userControl(peer, 6, 0xfffffffe);
  const replies = peer.take();
  assert.equal(replies[0], "pingResponse 123456");
  assert.equal(replies.at(-1), "pingResponse 4294967294");
});

test("Set Buffer Length is kept for its stream; for stream 0 or an unknown one it is nothing", () => {
  const peer = new SessionPeer().withStreams(2);
  userControl(peer, 3, 0, 300);
  userControl(peer, 3, 2, 36_000_000);
  userControl(peer, 3, 9, 1000);
  assert.equal(peer.session.streams.get(1)!.bufferMs, 0);
  assert.equal(peer.session.streams.get(2)!.bufferMs, 36_000_000);
  assert.deepEqual(peer.take(), []);
});

test("no other user control event is answered: not StreamBegin, not pongs, not what is unknown", () => {
  const peer = new SessionPeer().withStreams();
  for (const event of [0, 1, 2, 4, 5, 7, 26, 27, 31, 32, 34, 41, 99, 255]) {
    userControl(peer, event, 1, 2);
    userControl(peer, event);
  }
  peer.message(UserControl, 0, 0, Uint8Array.of(0));
  peer.message(UserControl, 0, 0, new Uint8Array(0));
  userControl(peer, 6);
  userControl(peer, 3, 1);
  assert.deepEqual(peer.take(), []);
  assert.equal(peer.session.phase, "connected");
});

test("user control on another chunk stream and message stream is read all the same", () => {
  const peer = new SessionPeer().connected();
  // Chunk stream 3, message stream 1, as one camera sends it.
  peer.session.receive(Uint8Array.of(3, 0, 0, 0, 0, 0, 6, 4, 1, 0, 0, 0, 0, 6, 0, 0, 0, 9));
  assert.deepEqual(peer.take(), ["pingResponse 9"]);
});

test("Set Peer Bandwidth is answered with a window when it changes ours, as its limit type says", () => {
  const hard = 0, soft = 1, dynamic = 2;
  const cases: [what: string, ...steps: [window: number, limit: 0 | 1 | 2, answer?: number][]][] = [
    ["hard counts as it is", [5_000_000, hard, 5_000_000], [1000, hard, 1000]],
    ["the same window again needs no answer", [2_500_000, hard], [2_500_000, soft]],
    ["soft counts when it is smaller", [9_000_000, soft], [1_000_000, soft, 1_000_000]],
    ["dynamic counts after hard", [4_000_000, hard, 4_000_000], [3_000_000, dynamic, 3_000_000]],
    ["dynamic is ignored at first", [1_000_000, dynamic]],
    ["dynamic is ignored after soft", [1_000_000, soft, 1_000_000], [500_000, dynamic]],
    ["dynamic after dynamic after hard counts", [4, hard, 4], [3, dynamic, 3], [2, dynamic, 2]],
    ["a window of 0 is ignored", [0, hard]],
  ];
  for (const [what, ...steps] of cases) {
    const peer = new SessionPeer().connected();
    for (const [window, limit, answer] of steps) {
      peer.message(SetPeerBandwidth, 0, 0, encodeSetPeerBandwidth(window, limit));
      assert.deepEqual(peer.take(), answer === undefined ? [] : [`windowAckSize ${answer}`], what);
    }
  }
});

/** A message whose body the encoder of the client might refuse. */
function raw(peer: SessionPeer, type: number, body: readonly number[]): void {
  peer.session.receive(Uint8Array.of(2, 0, 0, 0, 0, 0, body.length, type, 0, 0, 0, 0, ...body));
}

test("what is odd about a control message and harmless is counted and passed over", () => {
  const bodies: [type: number, body: number[]][] = [
    [2, [0, 0]],
    [2, []],
    [3, [0]],
    [4, []],
    [4, [0]],
    [4, [0, 6]],
    [4, [0, 99, 1, 2, 3, 4]],
    [4, [255, 255]],
    [5, []],
    [5, [0, 0, 1]],
    [5, [0, 0, 0, 0]],
    [6, []],
    [6, [0, 0, 1, 0]],
    [6, [0, 0, 1, 0, 3]],
    [6, [0, 0, 1, 0, 255]],
    [7, [1, 2, 3]],
    [7, []],
    [99, []],
    [0, [1]],
    [255, [1]],
  ];
  for (const [type, body] of bodies) {
    const peer = new SessionPeer().publishing();
    raw(peer, type, body);
    assert.equal(peer.session.error, undefined, `type ${type} with ${body}`);
    assert.equal(peer.session.oddMessages, 1, `type ${type} with ${body}`);
    assert.deepEqual([...peer.take(), ...peer.takeEvents()], []);
    peer.message(Audio, 1, 7, Uint8Array.of(1));
    assert.deepEqual(peer.takeEvents(), ["media 1 8 at 7: 01"], "and it goes on");
  }
});

test("a chunk size that nothing can be read with ends the session", () => {
  for (const body of [[0, 0, 0, 0], [0x80, 0, 0, 0], [0, 0, 1], []]) {
    const peer = new SessionPeer().connected();
    raw(peer, 1, body);
    assert.equal(peer.session.error?.code, "control", `${body}`);
    assert.deepEqual(peer.takeEvents(), ["end: control"]);
  }
});

test("acknowledgements of the peer, long or short, are read past", () => {
  const peer = new SessionPeer().connected();
  for (const body of [[0, 0, 0, 1], [0], []]) {
    peer.message(MessageType.Acknowledgement, 0, 0, Uint8Array.from(body));
  }
  assert.deepEqual(peer.take(), []);
  assert.equal(peer.session.phase, "connected");
});

test("a publisher that never names a window is acknowledged from the start", () => {
  const peer = new SessionPeer().publishing();
  peer.onMedia = () => {};
  for (let sent = 0; sent < 3_000_000; sent += 60_000) {
    peer.message(Audio, 1, 0, new Uint8Array(60_000));
  }
  const acknowledged = peer.take().map((reply) =>
    Number(/^acknowledgement (\d+)$/.exec(reply)![1])
  );
  assert.equal(acknowledged.length, 2);
  assert.ok(acknowledged[0]! >= 1_250_000 && acknowledged[0]! < 1_330_000, `${acknowledged[0]}`);
  assert.ok(acknowledged[1]! - acknowledged[0]! >= 1_250_000);
  assert.ok(acknowledged[1]! <= peer.session.bytesIn);
});

test("acknowledgements say what arrived, handshake included", () => {
  const peer = new SessionPeer().publishing();
  peer.message(WindowAckSize, 0, 0, Uint8Array.of(0, 0, 0, 1));
  peer.takeEvents();
  peer.message(Audio, 1, 0, new Uint8Array(20_000));
  assert.deepEqual(peer.take(), [`acknowledgement ${peer.session.bytesIn}`]);
  peer.message(Audio, 1, 0, new Uint8Array(10_000));
  assert.deepEqual(peer.take(), [], "and not after every message, however small the window");
});

test("acknowledgements go on past 4 GiB, modulo 2^32", () => {
  const peer = new SessionPeer().publishing();
  peer.onMedia = () => {};
  peer.session.receive(Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0x7f, 255, 255, 255));
  // A video message of 8 MiB, 512 of which are 4 GiB.
  const message = new Uint8Array(8 * 1024 * 1024);
  message.set([6, 0, 0, 0, 0x7f, 0xff, 0xf4, MessageType.Video, 9, 0, 0, 0]);
  let bytes = peer.session.bytesIn;
  while (bytes < 2 ** 32 + message.length) {
    peer.session.receive(message);
    bytes += message.length;
  }
  assert.equal(peer.session.bytesIn, bytes);
  assert.equal(peer.take().at(-1), `acknowledgement ${bytes - 2 ** 32}`);
  assert.equal(peer.session.phase, "connected");
});

test("a ping of ours carries the time modulo 2^32, once the client is connected", () => {
  const peer = new SessionPeer().shake();
  peer.session.ping(1000);
  peer.connect();
  peer.take();
  peer.session.ping(2 ** 32 + 1234.7);
  assert.deepEqual(peer.take(), ["pingRequest 1234"]);
});
