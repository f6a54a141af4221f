/** What a responder makes of hellos and keys, byte by byte [RFC 7016 §3.5.1, RFC 7425 §4]. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { readInitiatorComponent, respond } from "../../../src/core/rtmfp/keying.ts";
import { PacketCipher, sessionIdOf } from "../../../src/core/rtmfp/packet_cipher.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import { readRedirect } from "../../../src/core/rtmfp/redirect.ts";
import { addressKey } from "../../../src/core/rtmfp/responder.ts";
import { messageStreamOf, metadataOf, tcMessage } from "../../../src/core/rtmfp/tc_message.ts";
import * as wire from "../../support/rtmfp/wire.ts";

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
