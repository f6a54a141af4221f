/** What a responder makes of hellos and keys, byte by byte [RFC 7016 §3.5.1, RFC 7425 §4]. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Address } from "../../../src/ports.ts";
import { sessionIdOf } from "../../../src/core/rtmfp/packet_cipher.ts";
import { Responder, type ResponderOwner } from "../../../src/core/rtmfp/responder.ts";
import { Initiator } from "../../support/rtmfp/keys.ts";
import { RtmfpPeer } from "../../support/rtmfp/peer.ts";
import * as wire from "../../support/rtmfp/wire.ts";
import { Rig, Side } from "./rig.ts";

const HERE: Address = { hostname: "10.0.0.1", port: 5000 };
const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const key = wire.opt(0x0d, Buffer.concat([wire.vlu(2), Buffer.alloc(128, 3)]));

/** A responder with what it sent and refused, and an owner whose random bytes are given. */
function responding(random: (length: number) => Uint8Array | undefined = () => undefined) {
  const rig = new Rig();
  const sent: Uint8Array[] = [];
  const refused: string[] = [];
  const owner: ResponderOwner & { redirects?: Uint8Array[] } = {
    send: (datagram) => void sent.push(datagram),
    randomBytes: (length) => random(length) ?? rig.randomBytes(length),
    admits: () => true,
    open: () => new Side(rig),
    redirect: () => owner.redirects?.map((ip) => ({ ip, port: 1 })),
    onRefused: (why) => void refused.push(why),
  };
  const responder = new Responder(owner, 1000);
  /** Gives it a chunk in a startup packet, with flags and times ahead, at `now`. */
  const startup = (chunk: Uint8Array, now = 0, head: number[] = [3], from = HERE) => {
    const datagram = wire.seal(Buffer.concat([Uint8Array.from(head), chunk]), 0, {
      key: wire.STARTUP_KEY,
    });
    return responder.receive(new Uint8Array(datagram), from, now);
  };
  return { responder, sent, refused, startup, owner };
}

const hello = (urlLength = 27, tag = 16) =>
  wire.chunk(0x30, wire.field(wire.opt(0x0a, Buffer.alloc(urlLength, 0x61))), Buffer.alloc(tag, 7));

/** The chunk of an answer to a handshake. */
function answer(datagram: Uint8Array) {
  const { packet } = wire.open(datagram, { key: wire.STARTUP_KEY });
  assert.equal(packet.byte(), 3);
  const type = packet.byte();
  return { type, body: new wire.Bytes(packet.bytes(packet.short())) };
}

test("a startup packet may have times, has one chunk, and says that it is one", () => {
  const { startup, sent, responder } = responding();
  assert.equal(startup(hello()), true);
  assert.equal(startup(hello(), 0, [0x0b, 0, 0]), true);
  assert.equal(startup(hello(), 0, [0x07, 0, 0]), true);
  assert.equal(startup(hello(), 0, [0x0f, 0, 0, 0, 0]), true);
  assert.equal(sent.length, 4);
  for (const mode of [0, 1, 2]) assert.equal(startup(hello(), 0, [mode]), false);
  assert.equal(startup(Buffer.of(0x30, 0, 200, 1, 2)), false, "longer than the packet");
  const long = hello();
  long[2]! += 100;
  assert.equal(startup(long), false, "whatever it has that can be read");
  assert.equal(startup(wire.chunk(0x31)), false);
  assert.equal(startup(wire.chunk(0x30, Buffer.of(9, 1))), false);
  assert.equal(startup(wire.chunk(0x38, Buffer.of(0, 0, 0, 1, 9))), false);
  assert.equal(startup(wire.chunk(0x30, wire.field(wire.opt(0x00)))), false, "not for this server");
  // What is behind the chunk is none of it: a tag ends with the chunk.
  assert.equal(startup(Buffer.concat([hello(27, 1), Buffer.alloc(40, 9)])), true);
  assert.equal(answer(sent[4]!).body.field().toString("hex"), "07");
  assert.equal(sent.length, 5);
  assert.equal(responder.receive(new Uint8Array(10), HERE, 0), false);
  assert.equal(responder.receive(new Uint8Array(20).fill(1), HERE, 0), false);
});

test("an answer to a hello has a cookie as long as fits, up to 34 bytes, and none below 10", () => {
  // Packets in blocks of 16 behind the id: 2 bytes of checksum and what the hello has.
  const cookieFor = (urlLength: number, tag: number) => {
    const { startup, sent } = responding();
    startup(hello(urlLength, tag));
    if (sent.length === 0) return undefined;
    const { type, body } = answer(sent[0]!);
    assert.equal(type, 0x70);
    assert.equal(body.field().length, tag);
    const cookie = body.field().length;
    assert.equal(body.rest().toString("hex"), "010a021502");
    return cookie;
  };
  // With its checksum a hello has 10 bytes, its URL and its tag, rounded up to blocks; the answer has 13
  // bytes, the tag and the cookie.
  const rows: [urlLength: number, tag: number, cookie: number | undefined][] = [
    [6, 1, undefined],
    [22, 1, 18],
    [23, 0, 19],
    [23, 1, 34],
    [90, 1, 34],
  ];
  for (const [urlLength, tag, cookie] of rows) {
    assert.equal(cookieFor(urlLength, tag), cookie, `${urlLength} ${tag}`);
  }
});

test("a redirect that is longer than the hello is not sent", () => {
  const { startup, sent, owner } = responding();
  const addresses = (count: number) => Array.from({ length: count }, () => bytes("c0000207"));
  // The hello has 3 blocks: 46 bytes, of which 5 are ahead of the addresses of 7 bytes.
  owner.redirects = addresses(5);
  assert.equal(startup(hello(37, 0)), true);
  assert.equal(answer(sent[0]!).type, 0x71);
  owner.redirects = addresses(6);
  assert.equal(startup(hello(37, 0)), false);
  assert.equal(sent.length, 1);
});

/** Goes through a handshake up to the keying, which is given back for another time. */
function shaken(random?: (length: number) => Uint8Array | undefined) {
  const all = responding(random);
  all.startup(hello());
  const { body } = answer(all.sent.at(-1)!);
  body.field();
  const cookie = body.field();
  all.sent.length = 0;
  const keying = (sessionId = 5, keys = new Initiator(), from = cookie) => {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(sessionId);
    return wire.chunk(
      0x38,
      id,
      wire.field(from),
      wire.field(keys.certificate),
      wire.field(keys.component),
      Buffer.of(0x58),
    );
  };
  return { ...all, keying };
}

test("a session has an id of its own that is not zero, and the answer is for the id that the client chose", () => {
  const ids = [[0, 0, 0, 0], [0, 0, 0, 1], [0xfe, 0xdc, 0xba, 0x98]];
  const { startup, keying, sent, responder } = shaken((length) =>
    length === 4 ? Uint8Array.from(ids.shift()!) : undefined
  );
  assert.equal(startup(keying(0x12345678)), true);
  assert.equal(sessionIdOf(sent[0]!), 0x12345678);
  assert.equal(answer(sent[0]!).body.long(), 1, "in place of 0");
  assert.equal(startup(keying(5)), true);
  assert.equal(answer(sent[1]!).body.long(), 0xfedcba98, "1 is taken");
  assert.equal(responder.size, 2);
});

test("the answer to a handshake is sent again as it was until the session is heard of", () => {
  const { startup, keying, sent, responder } = shaken();
  const chunk = keying();
  startup(chunk);
  assert.equal(startup(chunk), true);
  assert.deepEqual(answer(sent[0]!).body.rest(), answer(sent[1]!).body.rest());
  const id = answer(sent[0]!).body.long();
  const noise = Buffer.alloc(36, 1);
  // What is not genuine shows nothing.
  const words = [4, 8].reduce((mixed, at) => mixed ^ noise.readInt32BE(at), id);
  noise.writeInt32BE(words | 0, 0);
  assert.equal(sessionIdOf(noise), id);
  assert.equal(responder.receive(noise, HERE, 0), false);
  assert.equal(startup(chunk), true);
  // The same keys under another id, or from another address, are another handshake.
  assert.equal(startup(chunk, 0, [3], { hostname: "10.0.0.1", port: 5001 }), false);
  assert.equal(responder.size, 1);
});

test("a handshake that is over is known for as long as its cookie is good", () => {
  const { startup, keying, responder, refused } = shaken();
  const chunk = keying();
  startup(chunk);
  responder.close(0);
  for (let now = 0; now <= 2500; now += 500) responder.tick(now);
  assert.equal(responder.size, 0);
  for (const now of [2500, 60_000, 95_999]) assert.equal(startup(chunk, now), false);
  assert.deepEqual(refused, ["replayed", "replayed", "replayed"]);
  assert.equal(startup(chunk, 96_000), false);
  assert.equal(refused.at(-1), "cookie");
});

test("what cannot be agreed on is refused before anything is made of it", () => {
  const { startup, keying, responder, refused, owner } = shaken();
  const keys = (component: Uint8Array) => Object.assign(new Initiator(), { component });
  startup(keying(5, keys(key.subarray(0, 50))));
  startup(keying(5, keys(wire.opt(0x0d, Buffer.of(2, 1)))));
  startup(keying(5, Object.assign(new Initiator(), { certificate: wire.opt(0x0a) })));
  startup(keying(5, new Initiator(), Buffer.alloc(34)));
  owner.admits = () => false;
  startup(keying());
  assert.deepEqual(refused, ["keys", "keys", "keys", "cookie", "busy"]);
  assert.equal(responder.size, 0);
  const silent = shaken();
  delete silent.owner.onRefused;
  assert.equal(silent.startup(silent.keying(0)), false);
  assert.equal(silent.startup(silent.keying(5, keys(new Uint8Array(0)))), false);
});

test("all sessions are closed at once, each with its own word", () => {
  const rig = new Rig();
  for (const port of [1, 2]) {
    const { peer } = rig.peer({ hostname: "10.0.0.1", port });
    peer.connect("rtmfp://a/b", rig.now);
    rig.until(() => peer.state === "open", 1000);
  }
  rig.responder.close(rig.now);
  rig.pass(100);
  assert.deepEqual(rig.sides.map(({ closed }) => closed), ["closed", "closed"]);
  assert.deepEqual([...rig.peers.values()].map(({ state }) => state), ["closed", "closed"]);
  assert.ok(rig.peers.get("10.0.0.1:1") instanceof RtmfpPeer);
});
