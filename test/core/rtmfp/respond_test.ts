/** What a responder makes of hellos and keys, byte by byte [RFC 7016 §3.5.1, RFC 7425 §4]. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { Address } from "../../../src/ports.ts";
import { hex } from "../../../src/core/bytes/hex.ts";
import { readInitiatorComponent, respond } from "../../../src/core/rtmfp/keying.ts";
import { PacketCipher, sessionIdOf } from "../../../src/core/rtmfp/packet_cipher.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import { readRedirect } from "../../../src/core/rtmfp/redirect.ts";
import { addressKey, Responder, type ResponderOwner } from "../../../src/core/rtmfp/responder.ts";
import { messageStreamOf, metadataOf, tcMessage } from "../../../src/core/rtmfp/tc_message.ts";
import { Initiator } from "../../support/rtmfp/keys.ts";
import { RtmfpPeer } from "../../support/rtmfp/peer.ts";
import * as wire from "../../support/rtmfp/wire.ts";
import { Rig, Side } from "./rig.ts";

const HERE: Address = { hostname: "10.0.0.1", port: 5000 };
const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const none = { fixed: undefined };
const key = wire.opt(0x0d, Buffer.concat([wire.vlu(2), Buffer.alloc(128, 3)]));

test("a component is read for its key, its codes and its numbers", () => {
  const read = (...options: Uint8Array[]) => {
    const offer = readInitiatorComponent(Buffer.concat(options), none);
    return offer && [offer.publicKey.length, offer.codes, offer.codeLength, offer.numbering];
  };
  assert.deepEqual(read(key), [128, 0, 0, 0]);
  assert.deepEqual(read(key, wire.opt(0x1a, Buffer.of(5, 4)), wire.opt(0x1e, Buffer.of(1))), [
    128,
    5,
    4,
    1,
  ]);
  assert.deepEqual(read(wire.opt(0x1e, Buffer.of(4)), wire.opt(0x1a, Buffer.of(4, 32)), key), [
    128,
    4,
    32,
    4,
  ]);
  // Who sends no codes may say any length; an option that says nothing is passed over.
  assert.deepEqual(read(key, wire.opt(0x1a, Buffer.of(3, 99))), [128, 3, 99, 0]);
  assert.deepEqual(read(key, wire.opt(0x1a, Buffer.of(4)), wire.opt(0x1e)), [128, 0, 0, 0]);
  assert.equal(read(key, wire.opt(0x1a, Buffer.of(4, 33))), undefined);
  assert.equal(read(key, bytes("05")), undefined);
  const keyOf = (length: number) =>
    wire.opt(0x0d, Buffer.concat([wire.vlu(2), Buffer.alloc(length, 3)]));
  assert.deepEqual([read(keyOf(129)), read(keyOf(130))], [[129, 0, 0, 0], undefined]);
  // The longest one has 2048 bytes: an option that nobody knows behind the key.
  const padding = (length: number) => wire.opt(0x33, Buffer.alloc(length - key.length - 3));
  assert.deepEqual([read(key, padding(2048)), read(key, padding(2049))], [
    [128, 0, 0, 0],
    undefined,
  ]);
});

test("the key of a certificate is used where the component chooses its group, and only then", () => {
  const certificate = { fixed: Buffer.alloc(128, 5) };
  const read = (...options: Uint8Array[]) =>
    readInitiatorComponent(Buffer.concat(options), certificate)?.publicKey[0];
  assert.equal(read(wire.opt(0x1d, wire.vlu(2))), 5);
  assert.equal(read(wire.opt(0x1d, wire.vlu(14))), undefined);
  assert.equal(read(wire.opt(0x1d, wire.vlu(14)), wire.opt(0x1d, wire.vlu(2))), 5);
  assert.equal(read(wire.opt(0x1d, wire.vlu(2)), wire.opt(0x1d, wire.vlu(14))), 5);
  assert.equal(read(key), undefined, "another key chooses none");
  assert.equal(read(wire.opt(0x1d, wire.vlu(2)), key), 5);
  assert.equal(readInitiatorComponent(wire.opt(0x1d, wire.vlu(2)), none), undefined);
});

test("codes and numbers are promised to whoever asks for them, or on request to whoever sends them", () => {
  const privateKey = new Uint8Array(32).fill(7);
  const answered = (codes: number, numbering: number) => {
    const offer = { publicKey: bytes("0b"), codes, codeLength: 16, numbering };
    return hex(respond(offer, bytes("01"), privateKey)!.component.subarray(0, 7));
  };
  const rows: [flags: number, answer: number][] = [[0, 0], [1, 6], [2, 0], [3, 6], [4, 2], [5, 6]];
  for (const [flags, answer] of rows) {
    const length = answer === 0 ? "00" : "10";
    assert.equal(answered(flags, 0), `031a0${answer}${length}` + "021e00", `${flags}`);
    assert.equal(answered(0, flags), "031a0000" + `021e0${answer}`, `${flags}`);
  }
});

test("codes and numbers are used as the initiator asks for them", () => {
  const privateKey = new Uint8Array(32).fill(7);
  /** Bytes of a datagram of ours. */
  const sealed = (codes: number, numbering: number, length: number) => {
    const offer = { publicKey: bytes("0b"), codes, codeLength: 8, numbering };
    return respond(offer, bytes("01"), privateKey)!.outbound
      .seal(new Uint8Array(length), length, 1).length;
  };
  // A block and the id; 16 bytes of a code behind it.
  assert.deepEqual([0, 1, 2, 4, 5].map((codes) => sealed(codes, 0, 8)), [20, 36, 20, 20, 36]);
  // 14 bytes and a checksum are a block, and a number is one byte more.
  assert.deepEqual([0, 1, 2, 4, 5].map((flags) => sealed(0, flags, 14)), [20, 36, 20, 20, 36]);
});

test("zeros ahead of keys and secrets are left out", () => {
  const initiator = Buffer.from("01", "hex");
  const hmac = (key: Uint8Array, message: Uint8Array) =>
    createHmac("sha256", key).update(message).digest();
  const offer = { publicKey: bytes("0003"), codes: 0, codeLength: 0, numbering: 0 };
  // 2 to the power of 9 is 512, and 3 to the power of 9 is 19683.
  const { component, outbound, inbound } = respond(offer, initiator, bytes("0009"))!;
  assert.equal(hex(component), "031a0000" + "021e00" + "040d02" + "0200");
  const secret = bytes("4ce3");
  const out = hmac(secret, hmac(initiator, component)).subarray(0, 16);
  const read = wire.open(outbound.seal(bytes("0a0b"), 2, 9), { key: out });
  assert.equal(read.packet.bytes(2).toString("hex"), "0a0b");
  const into = hmac(secret, hmac(component, initiator)).subarray(0, 16);
  const reader = new PacketReader();
  assert.ok(inbound.open(new Uint8Array(wire.seal(bytes("0c0d"), 9, { key: into })), reader));
  assert.equal(hex(reader.take(2)), "0c0d");
});

test("numbers of packets get longer as they grow, and are read by another codec", () => {
  const key = new Uint8Array(16).fill(3);
  const cipher = new PacketCipher(key, { numbered: true });
  const packet = new Uint8Array(20).fill(5);
  for (let number = 0; number < 130; number++) {
    const read = wire.open(cipher.seal(packet, 13, 9), { key, numbered: true });
    assert.deepEqual([read.number, read.packet.bytes(13).toString("hex")], [
      number,
      "05".repeat(13),
    ]);
    // 13 bytes, a checksum and a number fill one block, and no longer one when it has two bytes.
    assert.equal(read.packet.left, number < 128 ? 0 : 15);
  }
});

test("a datagram may have 4260 bytes, and its code and its number count in all it has", () => {
  const key = new Uint8Array(16).fill(3);
  const reader = new PacketReader();
  const longest = new PacketCipher(key).seal(new Uint8Array(4254), 4254, 9);
  assert.equal(longest.length, 4260);
  assert.deepEqual([sessionIdOf(longest), new PacketCipher(key).open(longest, reader)], [9, true]);
  const hmac = { key, length: 16 };
  const coded = new PacketCipher(key, { hmac }).seal(new Uint8Array(4240), 4240, 9);
  assert.equal(coded.length, 4260);
  assert.equal(new PacketCipher(key, { hmac }).open(coded, reader), true);
  const tooLong = new PacketCipher(key, { hmac }).seal(new Uint8Array(4256), 4256, 9);
  assert.equal(new PacketCipher(key, { hmac }).open(tooLong, reader), false);
  // A number that never ends is none.
  const endless = new PacketCipher(key, { hmac }).seal(new Uint8Array(16).fill(0xff), 16, 9);
  assert.equal(new PacketCipher(key, { hmac, numbered: true }).open(endless, reader), false);
  // Without a whole block ahead of its code there is nothing in it.
  assert.equal(new PacketCipher(key, { hmac }).open(new Uint8Array(35), reader), false);
});

test("messages on flows have their type and time ahead, and flows say which message stream is theirs", () => {
  assert.equal(hex(tcMessage(9, 0xfedcba98, bytes("0102"))), "09fedcba98" + "0102");
  assert.equal(hex(metadataOf(300)), "544304" + "822c");
  const rows: [metadata: string, stream: number | undefined][] = [
    ["544304 00", 0],
    ["544304 822c 99", 300],
    ["5443ff 05", 5],
    ["544304 8fffffff7f", 0xffffffff],
    ["544304 9080808000", undefined],
    ["544304", undefined],
    ["544304 81", undefined],
    ["544300 05", undefined],
    ["5443", undefined],
    ["554304 05", undefined],
    ["544404 05", undefined],
    ["", undefined],
  ];
  for (const [metadata, stream] of rows) {
    assert.equal(messageStreamOf(bytes(metadata)), stream, metadata);
  }
});

test("a redirect is read as an address with a port, and as nothing else", () => {
  const rows: [text: string, address: string | undefined][] = [
    ["192.0.2.1:1935", "c0000201 1935"],
    ["0.0.0.255:1", "000000ff 1"],
    ["192.0.2.1:65535", "c0000201 65535"],
    ["[2001:db8::1]:1935", "20010db8000000000000000000000001 1935"],
    ["[::ffff:192.0.2.1]:1", "00000000000000000000ffffc0000201 1"],
    ["[2001:DB8::FE]:1", "20010db80000000000000000000000fe 1"],
    ["192.0.2.1:0", undefined],
    ["192.0.2.1:65536", undefined],
    ["192.0.2.1:123456", undefined],
    ["192.0.2.1", undefined],
    ["192.0.2.256:1", undefined],
    ["192.0.2:1", undefined],
    ["192.0.2.1.5:1", undefined],
    ["192.0..1:1", undefined],
    [".192.0.2:1", undefined],
    ["192.0.2.:1", undefined],
    ["[2001:db8::1:1935", undefined],
    ["[1::2::3]:1", undefined],
    ["2001:db8::1", undefined],
    ["host:1935", undefined],
    ["x192.0.2.1:1", undefined],
    ["192.0.2.1:1x", undefined],
    ["", undefined],
  ];
  for (const [text, address] of rows) {
    const read = readRedirect(text);
    assert.equal(read && `${hex(read.ip)} ${read.port}`, address, text);
  }
});

test("addresses of different hosts or ports are not mixed up", () => {
  const keys = [["1.2.3.4", 5], ["1.2.3.4", 55], ["1.2.3.45", 5]].map(([hostname, port]) =>
    addressKey({ hostname: `${hostname}`, port: Number(port) })
  );
  assert.equal(new Set(keys).size, 3);
});

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
