/** Certificates that are made here, as OpenSSL and the runtime read them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { ipBytes, isHostName } from "../../src/core/x509/self_signed.ts";
import { UsageError } from "../../src/core/errors.ts";
import { checkPair } from "../../src/tls/pair.ts";
import { makePair } from "../../src/tls/make.ts";
import { CertificateFolder } from "../support/certificates.ts";
import { needs } from "../support/programs.ts";

const DAY_MS = 86_400_000;

test("a certificate that is made is for its names, for its days, and fits its key", () => {
  const now = Date.now();
  const { cert, key } = makePair(["a.example", "*.b.example", "127.0.0.1", "2001:db8::1"], 10, now);
  const made = new X509Certificate(cert);
  assert.ok(made.verify(made.publicKey));
  assert.equal(made.ca, false);
  assert.match(made.subject, /CN=a\.example/);
  assert.match(
    made.subjectAltName ?? "",
    /DNS:a\.example, DNS:\*\.b\.example, IP Address:127\.0\.0\.1/,
  );
  const checked = checkPair(cert, key, now);
  assert.deepEqual(checked.names, ["a.example", "*.b.example"]);
  assert.ok(Math.abs(checked.until - now - 10 * DAY_MS) < 2000, String(checked.until - now));
});

test("two certificates have neither key nor number in common", () => {
  const [one, other] = [1, 2].map(() => new X509Certificate(makePair(["a"], 1, Date.now()).cert));
  assert.notEqual(one!.serialNumber, other!.serialNumber);
  assert.notEqual(one!.fingerprint256, other!.fingerprint256);
});

test("what is no name of a host is refused", () => {
  for (
    const name of ["", "a b", "-a.example", "a..b", "a.*", "x".repeat(64), "1.2.3", "1.2.3.400"]
  ) {
    assert.throws(() => makePair([name], 1, Date.now()), UsageError, name);
  }
  for (
    const name of ["localhost", "a.example", "*.a.example", "xn--bcher-kva.example", "1a.example"]
  ) {
    assert.ok(isHostName(name), name);
  }
});

test("the bytes of an address are those that it names", () => {
  assert.deepEqual(ipBytes("192.0.2.255"), Uint8Array.of(192, 0, 2, 255));
  const six = (...groups: number[]) => Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 255]));
  assert.deepEqual(ipBytes("::1"), six(0, 0, 0, 0, 0, 0, 0, 1));
  assert.deepEqual(ipBytes("2001:db8::5:6"), six(0x2001, 0xdb8, 0, 0, 0, 0, 5, 6));
  assert.deepEqual(ipBytes("1:2:3:4:5:6:7:8"), six(1, 2, 3, 4, 5, 6, 7, 8));
  for (
    const none of [
      "1:2:3",
      "1::2::3",
      ":::",
      "12345::",
      "256.0.0.1",
      "a.example",
      "1:2:3:4:5:6:7::8",
    ]
  ) {
    assert.equal(ipBytes(none), undefined, none);
  }
});

test(...needs("openssl", "OpenSSL takes it for right, strictly, when told to trust it"), () => {
  using folder = new CertificateFolder();
  const [cert] = folder.pair("made", makePair(["localhost"], 10, Date.now()));
  const said = execFileSync("openssl", ["verify", "-x509_strict", "-CAfile", cert, cert]);
  assert.match(said.toString(), /: OK/);
});
