import { test } from "node:test";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { HmacSha256, hmacSha256 } from "../../../src/core/crypto/hmac_sha256.ts";
import { PacketMac } from "../../../src/core/crypto/packet_mac.ts";
import { check } from "../../support/property.ts";

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const ascii = (text: string) => new TextEncoder().encode(text);
const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

/** RFC 4231 §4.2 to §4.8. Case 5 gives the first 128 bits only. */
const RFC_4231: [section: string, key: Uint8Array, message: Uint8Array, code: string][] = [
  [
    "4.2",
    filled(20, 0x0b),
    ascii("Hi There"),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    "4.3",
    ascii("Jefe"),
    ascii("what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    "4.4",
    filled(20, 0xaa),
    filled(50, 0xdd),
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  ],
  [
    "4.5",
    Uint8Array.from({ length: 25 }, (_, i) => i + 1),
    filled(50, 0xcd),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  ],
  ["4.6", filled(20, 0x0c), ascii("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"],
  [
    "4.7",
    filled(131, 0xaa),
    ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
  [
    "4.8",
    filled(131, 0xaa),
    ascii(
      "This is a test using a larger than block-size key and a larger than block-size data. " +
        "The key needs to be hashed before being used by the HMAC algorithm.",
    ),
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  ],
];

for (const [section, key, message, code] of RFC_4231) {
  test(`HMAC-SHA-256 gives the code of RFC 4231 §${section}`, () => {
    assert.equal(hex(hmacSha256(key, message)).slice(0, code.length), code);
  });
}

test("one HMAC object serves many messages under its key", () => {
  const hmac = new HmacSha256(ascii("key"));
  for (const message of ["first", "", "third"]) {
    assert.equal(
      hex(hmac.update(ascii(message)).digest()),
      createHmac("sha256", "key").update(message).digest("hex"),
    );
  }
});

test("HMAC-SHA-256 agrees with the system's at key lengths around the block length", () => {
  for (const length of [0, 1, 63, 64, 65, 128]) {
    const key = filled(length, 0xa5);
    const code = createHmac("sha256", key).update("message").digest("hex");
    assert.equal(hex(hmacSha256(key, ascii("message"))), code, `length ${length}`);
  }
});

test("HMAC-SHA-256 agrees with the system's on any key and message", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  check(
    fc.property(bytes, bytes, (key, message) => {
      assert.equal(
        hex(hmacSha256(key, message)),
        createHmac("sha256", key).update(message).digest("hex"),
      );
    }),
    300,
  );
});

test("codes of packets are those of the system at any length, one key after the other", () => {
  const message = Uint8Array.from({ length: 4260 }, (_, index) => index * 7);
  for (const length of [0, 1, 32, 63, 64, 65, 131]) {
    const mac = new PacketMac(filled(length, 0xa5));
    const other = new PacketMac(filled(length + 1, 0xa5));
    const sizes = [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1184, 4260];
    for (const size of [...sizes, ...sizes.toReversed()]) {
      const code = createHmac("sha256", filled(length, 0xa5)).update(message.subarray(0, size));
      assert.equal(hex(mac.of(message.subarray(0, size))), code.digest("hex"), `${size} bytes`);
      other.of(message.subarray(0, 70));
    }
  }
});
