/** What a self-signed certificate has in it, byte by byte where that says something. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { ipBytes, isHostName, selfSigned } from "../../../src/core/x509/self_signed.ts";

/** The certificate of these names, signed by nobody. */
function made(...names: string[]): string {
  const signed: Uint8Array[] = [];
  const der = selfSigned(
    {
      names,
      from: "2024-01-01T00:00:00.000Z",
      until: "2034-01-01T00:00:00.000Z",
      serial: new Uint8Array(16).fill(0xff),
      publicKey: Uint8Array.of(0x30, 0),
      sign: (bytes) => {
        signed.push(bytes);
        return Uint8Array.of(0xab);
      },
    } as Parameters<typeof selfSigned>[0],
  );
  assert.equal(signed.length, 1);
  assert.ok(hex(der).includes(hex(signed[0]!)), "what is signed is in it");
  assert.ok(hex(der).endsWith("030200ab"));
  return hex(der);
}

test("extensions that have to be understood are marked as such", () => {
  const der = made("a.test");
  // basicConstraints and keyUsage, critical; extendedKeyUsage, not [RFC 5280 §4.2.1].
  assert.ok(der.includes("300c" + "0603551d13" + "0101ff" + "0402" + "3000"));
  assert.ok(der.includes("300e" + "0603551d0f" + "0101ff" + "0404" + "03020780"));
  assert.ok(der.includes("3013" + "0603551d25" + "040c" + "300a06082b06010505070301"));
});

test("its version is 3, its serial number positive and not long", () => {
  const der = made("a.test");
  assert.ok(der.includes("a003020102" + "0210" + "7f" + "ff".repeat(15)));
});

test("names are those of hosts and addresses", () => {
  const der = made("a.test", "*.b.test", "192.0.2.1", "2001:db8::1");
  const text = (value: string) => hex(new TextEncoder().encode(value));
  assert.ok(der.includes(
    "8206" + text("a.test") + "8208" + text("*.b.test") + "8704c0000201" +
      "871020010db8000000000000000000000001",
  ));
  assert.ok(
    der.includes("0603550403" + "0c06" + text("a.test")),
    "the first one is the common name",
  );
  assert.throws(() => made("no name"), UsageError);
});

test("a name of a host is told from what is none", () => {
  for (const name of ["a", "a.b", "*.a", "a-b.c1", "1a.b", `${"a".repeat(63)}.b`]) {
    assert.ok(isHostName(name), name);
  }
  for (
    const name of [
      "",
      "-a",
      "a-",
      "a..b",
      "*",
      "a.*",
      "1.2.3.4",
      "a_b",
      `${"a".repeat(64)}.b`,
      "a ".trim() + "/",
    ]
  ) {
    assert.ok(!isHostName(name), name);
  }
  const longest = `${"a".repeat(63)}.`.repeat(3) + "a".repeat(61);
  assert.deepEqual([longest.length, isHostName(longest), isHostName(`${longest}a`)], [
    253,
    true,
    false,
  ]);
});

test("addresses are read in every form, and what is none is not", () => {
  const read = (text: string) => {
    const bytes = ipBytes(text);
    return bytes && hex(bytes);
  };
  assert.equal(read("255.0.1.2"), "ff000102");
  assert.equal(read("::"), "00".repeat(16));
  assert.equal(read("1::"), "0001" + "00".repeat(14));
  assert.equal(read("::ffff"), "00".repeat(14) + "ffff");
  assert.equal(read("1:2:3:4:5:6:7:8"), "00010002000300040005000600070008");
  assert.equal(read("1:2:3:4:5:6:7::"), "00010002000300040005000600070000");
  for (
    const wrong of [
      "256.0.0.1",
      "1.2.3",
      "1:2",
      "1::2::3",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "12345::",
      "g::",
      "",
    ]
  ) {
    assert.equal(read(wrong), undefined, wrong);
  }
});
