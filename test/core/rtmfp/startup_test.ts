/** Chunks of the handshake byte by byte [RFC 7016 §2.3.2 to §2.3.8], certificates and options. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import {
  readCertificate,
  readDiscriminator,
  SERVER_CERTIFICATE,
} from "../../../src/core/rtmfp/certificate.ts";
import { checksum } from "../../../src/core/rtmfp/checksum.ts";
import { readOption, readOptions } from "../../../src/core/rtmfp/options.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import { ReplayWindow } from "../../../src/core/rtmfp/replay_window.ts";
import {
  readInitiatorHello,
  readInitiatorKeying,
  StartupWriter,
} from "../../../src/core/rtmfp/startup.ts";
import { vluLength, writeVlu } from "../../../src/core/rtmfp/vlu.ts";
import { fieldLength, PacketWriter } from "../../../src/core/rtmfp/writer.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const read = (text: string) => new PacketReader().set(bytes(text));

test("an answer to a hello has the tag, the cookie and the certificate", () => {
  const writer = new StartupWriter();
  const tag = bytes("0102"), cookie = bytes("03"), certificate = bytes("04");
  const answer = writer.hello(tag, cookie, certificate)!;
  assert.equal(hex(answer), "03" + "700006" + "020102" + "0103" + "04");
  assert.equal(writer.helloLength(tag, certificate) + cookie.length, answer.length);
  assert.ok(writer.hello(new Uint8Array(256), cookie, certificate) !== undefined);
  assert.equal(writer.hello(new Uint8Array(257), cookie, certificate), undefined);
});

test("a redirect has addresses of both kinds, as many as fit", () => {
  const writer = new StartupWriter();
  const v4 = { ip: bytes("c0000207"), port: 0x1234 };
  const v6 = { ip: bytes("20010db8000000000000000000000001"), port: 0x5678 };
  assert.equal(
    hex(writer.redirect(bytes("99"), [v4, v6])!),
    "03" + "71001c" + "0199" + "02c00002071234" + "8220010db80000000000000000000000015678",
  );
  assert.ok(writer.redirect(new Uint8Array(256), [v4]) !== undefined);
  assert.equal(writer.redirect(new Uint8Array(257), [v4]), undefined);
  // 1024 bytes, of which 9 are ahead, are 145 addresses to the byte.
  const many = Array.from({ length: 150 }, () => v4);
  assert.equal(writer.redirect(new Uint8Array(4), many)!.length, 1024);
  assert.equal(writer.redirect(new Uint8Array(5), many)!.length, 1018);
});

test("the keying of the responder has its session id, its component and an X", () => {
  const writer = new StartupWriter();
  writer.keying(1, bytes("00"));
  assert.equal(hex(writer.keying(0xfedcba98, bytes("0909"))), "03780008fedcba9802090958");
});

test("a hello and a keying are read to their end, and are none when they are cut short", () => {
  const hello = readInitiatorHello(read("02 aabb 0102"))!;
  assert.deepEqual([hex(hello.discriminator), hex(hello.tag)], ["aabb", "0102"]);
  assert.equal(readInitiatorHello(read("03 aabb")), undefined);
  const keying = readInitiatorKeying(read("00010203 0111 022222 03333333 58"))!;
  assert.deepEqual(
    [keying.sessionId, hex(keying.cookie), hex(keying.certificate), hex(keying.component)],
    [0x010203, "11", "2222", "333333"],
  );
  assert.equal(readInitiatorKeying(read("00000000 0111 022222 03333333 58")), undefined);
  assert.equal(readInitiatorKeying(read("00010203 0111 022222 033333")), undefined);
  assert.notEqual(readInitiatorKeying(read("00000001 00 00 00")), undefined);
});

test("the certificate of the server says that keys are new, and its fingerprint is that of all its bytes", () => {
  assert.equal(hex(SERVER_CERTIFICATE), "010a" + "021502");
  const print = createHash("sha256").update(bytes("010a021502")).digest();
  const option = (type: string, value: Uint8Array) =>
    Buffer.concat([Uint8Array.of(1 + value.length), bytes(type), value]);
  const asked = (...options: Uint8Array[]) => readDiscriminator(Buffer.concat(options));
  const url = option("0a", Buffer.from("rtmfp://a"));
  assert.deepEqual(asked(option("0f", print)), { url: "" });
  assert.deepEqual(asked(url, option("0f", print)), { url: "rtmfp://a" });
  assert.deepEqual(asked(option("0f", print), url), { url: "rtmfp://a" });
  for (const at of [0, 31]) {
    const other = Buffer.from(print);
    other[at]! ^= 1;
    assert.equal(asked(url, option("0f", other)), undefined);
  }
  assert.equal(asked(url, option("0f", print.subarray(0, 31))), undefined);
  assert.equal(asked(url, option("0f", Buffer.concat([print, print.subarray(0, 1)]))), undefined);
  // What nobody knows is passed over, and what cannot be read is none.
  assert.deepEqual(asked(option("33", print), url), { url: "rtmfp://a" });
  assert.equal(asked(option("33", print)), undefined);
  assert.equal(asked(url, bytes("05")), undefined);
});

test("the key of a certificate is the one of the group that every peer knows", () => {
  const fixed = (text: string) => {
    const key = readCertificate(bytes(text))?.fixed;
    return key && hex(key);
  };
  assert.equal(fixed("041d02aabb"), "aabb");
  assert.equal(fixed("041d0eaabb 041d02ccdd 010a"), "ccdd");
  assert.equal(fixed("041d02ccdd 041d0eaabb"), "ccdd");
  assert.equal(readCertificate(bytes("041d0eaabb")), undefined);
  assert.deepEqual(readCertificate(bytes("010a 021502 010a")), { fixed: undefined });
  assert.equal(readCertificate(bytes("021502 0501")), undefined);
  // The longest one has 2048 bytes: an option of 2043 behind those of the group.
  const long = (length: number) =>
    Buffer.concat([bytes("021502"), bytes("8f7b"), new Uint8Array(length - 5).fill(0x33)]);
  assert.deepEqual(readCertificate(long(2048)), { fixed: undefined });
  assert.equal(readCertificate(Buffer.concat([long(2048), bytes("010a")])), undefined);
});

test("a list of options has 64 at the most", () => {
  const list = (count: number) => bytes("010a".repeat(count));
  assert.equal(readOptions(list(64))!.length, 64);
  assert.equal(readOptions(list(65)), undefined);
});

test("an option that ends before it should is none, and nothing behind it is read", () => {
  const rows: [text: string, failed: boolean, left: number][] = [
    ["00 0102", false, 2],
    ["03 0102", true, 0],
    ["", true, 0],
    ["01 8101 02", true, 0],
    ["02 8181 02", true, 0],
    ["02 81", true, 0],
  ];
  for (const [text, failed, left] of rows) {
    const reader = read(text);
    assert.equal(readOption(reader), undefined, text);
    assert.deepEqual([reader.failed, reader.left], [failed, left], text);
  }
  const reader = read("03 8101 05 77");
  const { type, value } = readOption(reader)!;
  assert.deepEqual([type, hex(value), reader.failed, reader.left], [129, "05", false, 1]);
  assert.deepEqual([readOption(read("01 0a"))!.type, readOption(read("01 0a"))!.value.length], [
    10,
    0,
  ]);
});

test("a reader gives what is there to the last byte, and zeros behind it", () => {
  const lengths = { u8: 1, u16: 2, u32: 4 };
  for (const [name, length] of Object.entries(lengths)) {
    const method = name as keyof typeof lengths;
    const whole = read("fedcba98".slice(0, 2 * length));
    assert.equal(whole[method](), Number.parseInt("fedcba98".slice(0, 2 * length), 16));
    assert.deepEqual([whole.failed, whole.left], [false, 0]);
    const short = read("fedcba98".slice(0, 2 * length - 2));
    assert.deepEqual([short[method](), short.failed, short.left], [0, true, 0], name);
  }
  const fields = read("02aabb 00 01");
  assert.deepEqual([hex(fields.field()), hex(fields.field()), fields.failed], ["aabb", "", false]);
  assert.deepEqual([hex(fields.rest()), fields.left, fields.failed], ["01", 0, false]);
  assert.deepEqual([hex(read("03aabb").field()), hex(read("aabb").take(2))], ["", "aabb"]);
  assert.deepEqual([read("").left, new PacketReader().u8()], [0, 0]);
});

test("numbers of variable length have seven bits a byte", () => {
  const rows: [number, string][] = [
    [0, "00"],
    [127, "7f"],
    [128, "8100"],
    [16_383, "ff7f"],
    [16_384, "818000"],
    [Number.MAX_SAFE_INTEGER, "8fffffffffffff7f"],
  ];
  for (const [value, written] of rows) {
    const target = new Uint8Array(10);
    assert.equal(writeVlu(target, 1, value), 1 + written.length / 2);
    assert.equal(hex(target), ("00" + written).padEnd(20, "0"));
    assert.equal(vluLength(value), written.length / 2);
    assert.equal(read(written).vlu(), value);
  }
  // 2^53 is more than can be counted with.
  const reader = read("9080808080808000");
  assert.deepEqual([reader.vlu(), reader.failed], [0, true]);
});

test("a writer knows its room, and how long a field gets", () => {
  const writer = new PacketWriter(8);
  writer.u16(0xfedc).field(bytes("aabb")).u8(7);
  assert.deepEqual([hex(writer.written), writer.room], ["fedc02aabb07", 2]);
  assert.deepEqual([fieldLength(new Uint8Array(127)), fieldLength(new Uint8Array(128))], [
    128,
    130,
  ]);
  const long = new PacketWriter(400).begin(0x10).put(new Uint8Array(0x123)).end();
  assert.equal(hex(long.bytes.subarray(0, 3)), "100123");
});

test("a checksum carries as often as it has to, and a byte that is left alone is a low one", () => {
  const rows: [string, number][] = [
    ["", 0xffff],
    ["ffff", 0],
    ["ffff0001", 0xfffe],
    ["ffffffff0001", 0xfffe],
    ["01", 0xfffe],
    ["010080", 0xfe7f],
  ];
  for (const [text, sum] of rows) {
    assert.equal(checksum(bytes(text), 0, text.length / 2), sum, text);
    assert.equal(checksum(bytes(`7777${text}88`), 2, 2 + text.length / 2), sum, text);
  }
});

test("2048 numbers behind the newest are remembered, and what is older counts as come before", () => {
  const window = new ReplayWindow();
  window.note(3000);
  assert.deepEqual([952, 953, 2999, 3000, 3001].map((one) => window.isNew(one)), [
    false,
    true,
    true,
    false,
    true,
  ]);
  window.note(5047);
  assert.equal(window.isNew(3000), false, "it is the oldest one that is remembered");
  assert.equal(window.isNew(3001), true);
  window.note(5048 + 2048);
  assert.deepEqual([5047, 5048, 5049, 5050].map((one) => window.isNew(one)), [
    false,
    false,
    true,
    true,
  ]);
});
