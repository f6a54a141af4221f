/** Numbers, packets and options of RTMFP, against an independent codec. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checksum } from "../../../src/core/rtmfp/checksum.ts";
import { option, readOptions } from "../../../src/core/rtmfp/options.ts";
import { PacketCipher, sessionIdOf, startupCipher } from "../../../src/core/rtmfp/packet_cipher.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import { REPLAY_WINDOW, ReplayWindow } from "../../../src/core/rtmfp/replay_window.ts";
import { vluLength, writeVlu } from "../../../src/core/rtmfp/vlu.ts";
import { PacketWriter } from "../../../src/core/rtmfp/writer.ts";
import type { Ciphers } from "../../../src/ports/ciphers.ts";
import { check } from "../../support/property.ts";
import { ciphers } from "../../../src/transport/bun/ciphers.ts";
import * as wire from "../../support/rtmfp/wire.ts";

const whole = fc.oneof(fc.nat(0x20000), fc.maxSafeNat());
const id = fc.integer({ min: 0, max: 0xffffffff });
const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
const guard = fc.record({
  codeKey: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
  codeLength: fc.integer({ min: 4, max: 32 }),
  numbered: fc.boolean(),
});

test("numbers of variable length are those of the examples of RFC 7016 and of another codec", () => {
  const bytes = new Uint8Array(2);
  assert.equal(writeVlu(bytes, 0, 130), 2);
  assert.deepEqual(bytes, Uint8Array.of(0x81, 0x02));
  check(fc.property(whole, (value) => {
    const written = new Uint8Array(vluLength(value));
    assert.equal(writeVlu(written, 0, value), written.length);
    assert.deepEqual(written, new Uint8Array(wire.vlu(value)));
    const reader = new PacketReader().set(written);
    assert.equal(reader.vlu(), value);
    assert.equal(reader.failed, false);
    // Cut anywhere it is none, and neither is one that goes on too long.
    for (let end = 0; end < written.length; end++) {
      assert.equal(reader.set(written, 0, end).vlu(), 0);
      assert.equal(reader.failed, true);
    }
  }));
  const reader = new PacketReader().set(new Uint8Array(9).fill(0xff));
  reader.vlu();
  assert.equal(reader.failed, true);
});

test("packets are read by another codec, with checksum or code, numbered or not", () => {
  check(
    fc.property(
      id,
      key,
      guard,
      fc.uint8Array({ minLength: 1, maxLength: 1200 }),
      fc.constantFrom(undefined, ciphers),
      (id, key, guard, packet, ciphers) => {
        const { codeKey, codeLength, numbered } = guard;
        const cipher = new PacketCipher(key, {
          hmac: codeKey && { key: codeKey, length: codeLength },
          numbered,
        }, ciphers);
        for (let number = 0; number < 2; number++) {
          const datagram = cipher.seal(packet, packet.length, id);
          assert.equal(wire.idOf(datagram), id);
          const read = wire.open(datagram, { key, codeKey, codeLength, numbered });
          assert.equal(read.number, numbered ? number : 0);
          assert.deepEqual(new Uint8Array(read.packet.bytes(packet.length)), packet);
          assert.ok(read.packet.left < 16 && read.packet.rest().every((byte) => byte === 0xff));
        }
      },
    ),
  );
});

test("packets of another codec are read once where they are numbered, and not when a bit is wrong", () => {
  check(fc.property(
    id,
    key,
    guard,
    fc.uint8Array({ minLength: 1, maxLength: 400 }),
    fc.nat(),
    fc.constantFrom(undefined, ciphers),
    (id, key, guard, packet, damage, ciphers) => {
      const { codeKey, codeLength, numbered } = guard;
      const read = () =>
        new PacketCipher(
          key,
          { hmac: codeKey && { key: codeKey, length: codeLength }, numbered },
          ciphers,
        );
      const datagram = wire.seal(packet, id, { key, ...guard }, 300);
      assert.equal(sessionIdOf(datagram), id);
      const reader = new PacketReader();
      const cipher = read();
      assert.equal(cipher.open(datagram, reader), true);
      assert.deepEqual(reader.take(packet.length).slice(), packet);
      assert.equal(cipher.open(datagram, reader), !numbered);
      // What was read before is nothing to what comes now.
      for (const number of [301, 302]) {
        const next = wire.seal(packet, id, { key, ...guard }, number);
        assert.equal(cipher.open(next, reader), true);
        assert.deepEqual(reader.take(packet.length).slice(), packet);
      }
      if (codeKey === undefined) return;
      const wrong = new Uint8Array(datagram);
      wrong[4 + damage % (wrong.length - 4)]! ^= 1 << damage % 8;
      assert.equal(read().open(wrong, reader), false);
    },
  ));
});

test("startup packets have the key that everybody knows, and a checksum", () => {
  const packet = Uint8Array.of(3, 1, 2, 3);
  const cipher = startupCipher();
  const datagram = cipher.seal(packet, packet.length, 0);
  assert.equal(sessionIdOf(datagram), 0);
  const { packet: read } = wire.open(datagram, { key: wire.STARTUP_KEY });
  assert.deepEqual(new Uint8Array(read.bytes(4)), packet);
  const reader = new PacketReader();
  assert.equal(cipher.open(datagram, reader), true);
  datagram[9]! ^= 1;
  assert.equal(cipher.open(datagram, reader), false);
});

test("what is too short, too long or no whole blocks is no packet", () => {
  const cipher = startupCipher();
  const reader = new PacketReader();
  for (const length of [0, 3, 4, 19, 21, 35, 4261, 5000]) {
    const datagram = new Uint8Array(length);
    assert.equal(cipher.open(datagram, reader), false);
  }
  assert.equal(sessionIdOf(new Uint8Array(19)), undefined);
  assert.equal(sessionIdOf(new Uint8Array(4261)), undefined);
  assert.equal(sessionIdOf(new Uint8Array(20)), 0);
});

test("the checksum is that of the internet, as in RFC 1071 §3", () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assert.equal(checksum(bytes, 0, 8), 0xffff ^ 0xddf2);
});

test("a packet is new once, within the window and beyond it", () => {
  check(fc.property(
    fc.array(fc.oneof(fc.nat(6000), fc.nat(40)), { maxLength: 200 }),
    (numbers) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let newest = -1;
      for (const number of numbers) {
        const expected = number > newest - REPLAY_WINDOW && !seen.has(number);
        assert.equal(window.isNew(number), expected);
        if (!expected) continue;
        window.note(number);
        seen.add(number);
        newest = Math.max(newest, number);
      }
    },
  ));
});

test("options are those of another codec, up to a marker, and none where their lengths lie", () => {
  const options = fc.array(
    fc.record({ type: fc.nat(0x4000), value: fc.uint8Array({ maxLength: 200 }) }),
    { maxLength: 5 },
  );
  check(fc.property(options, options, (ahead, behind) => {
    const list = (some: typeof ahead) => some.map(({ type, value }) => wire.opt(type, value));
    const bytes = new Uint8Array(
      [...list(ahead), Uint8Array.of(0), ...list(behind)].flatMap((part) => [...part]),
    );
    const read = readOptions(bytes)!;
    assert.deepEqual(
      read.map(({ type, value }) => [type, value.slice()]),
      ahead.map(({ type, value }) => [type, value]),
    );
    for (const { type, value } of ahead) {
      assert.deepEqual(option(type, value), new Uint8Array(wire.opt(type, value)));
    }
  }));
  assert.equal(readOptions(Uint8Array.of(5, 1, 2)), undefined);
  assert.equal(readOptions(Uint8Array.of(1, 0x81, 0x01)), undefined);
  assert.equal(
    readOptions(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)),
    undefined,
  );
});

test("chunks have their length behind their type", () => {
  const writer = new PacketWriter(64);
  writer.begin(0x30).vlu(3).put(Uint8Array.of(1, 2)).end();
  writer.begin(0x10).u8(9);
  writer.drop();
  writer.begin(0x01).u32(0xfffefdfc).end();
  const chunks = wire.chunksOf(new wire.Bytes(writer.written));
  assert.deepEqual(
    chunks.map(({ type, body }) => [type, body.toString("hex")]),
    [[0x30, "030102"], [0x01, "fffefdfc"]],
  );
});

test("the platform is asked for packets of more than 128 bytes only, and made ready once", () => {
  const lengths: number[] = [];
  let made = 0;
  const counting: Ciphers = {
    hmacSha256: ciphers.hmacSha256,
    aes128Cbc: (key) => {
      made++;
      const cipher = ciphers.aes128Cbc(key);
      return {
        encrypt: (bytes) => {
          lengths.push(bytes.length);
          cipher.encrypt(bytes);
        },
        decrypt: (bytes, target) => {
          lengths.push(-bytes.length);
          cipher.decrypt(bytes, target);
        },
      };
    },
  };
  const key = new Uint8Array(16).fill(3);
  const [there, back] = [1, 2].map(() => new PacketCipher(key, {}, counting));
  // With two bytes of a checksum, a whole number of blocks.
  for (const length of [62, 126, 127, 142]) {
    const datagram = there!.seal(new Uint8Array(length).fill(9), length, 7);
    assert.equal(back!.open(datagram, new PacketReader()), true);
  }
  assert.deepEqual(lengths, [144, -144, 144, -144]);
  assert.equal(made, 2, "one for each direction");
});
