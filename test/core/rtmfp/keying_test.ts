/** Certificates, cookies and keys of RTMFP, against an independent initiator. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  readCertificate,
  readDiscriminator,
  SERVER_CERTIFICATE,
} from "../../../src/core/rtmfp/certificate.ts";
import {
  COOKIE_SECONDS,
  Cookies,
  MAX_COOKIE_LENGTH,
  MIN_COOKIE_LENGTH,
} from "../../../src/core/rtmfp/cookies.ts";
import { readInitiatorComponent, respond } from "../../../src/core/rtmfp/keying.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import { check } from "../../support/property.ts";
import { Initiator, type Wishes } from "../../support/rtmfp/keys.ts";
import * as wire from "../../support/rtmfp/wire.ts";

const text = (some: string) => Buffer.from(some);

test("a session has the same keys on both sides, whatever the initiator wants of packets", () => {
  const wishes: Wishes[] = [
    {},
    { codeLength: 16 },
    { numbered: true },
    { codeLength: 4, numbered: true },
    { codeLength: 32, numbered: true, fixedKey: true },
  ];
  for (const wish of wishes) {
    const initiator = new Initiator(wish);
    const certificate = readCertificate(initiator.certificate)!;
    const offer = readInitiatorComponent(initiator.component, certificate)!;
    const keys = respond(offer, initiator.component, randomBytes(32))!;
    const { outbound, inbound } = initiator.finish(keys.component);
    const reader = new PacketReader();
    for (let number = 0; number < 3; number++) {
      assert.ok(keys.inbound.open(wire.seal(text("hello"), 7, outbound, number), reader));
      assert.equal(Buffer.from(reader.take(5)).toString(), "hello");
      const datagram = keys.outbound.seal(text("there"), 5, 9);
      assert.equal(wire.open(datagram, inbound).packet.bytes(5).toString(), "there");
    }
  }
});

test("nothing is said of codes and numbers to a client that said nothing, as some expect", () => {
  const initiator = new Initiator();
  const offer = readInitiatorComponent(initiator.component, { fixed: undefined })!;
  const { component } = respond(offer, initiator.component, randomBytes(32))!;
  assert.equal(Buffer.from(component.subarray(0, 7)).toString("hex"), "031a0000021e00");
});

test("keys that anybody could tell the secret from, of other groups, or that are missing, are refused", () => {
  const component = (key: Uint8Array) => wire.opt(0x0d, Buffer.concat([wire.vlu(2), key]));
  for (const key of [Buffer.from([0]), Buffer.from([1]), Buffer.alloc(128, 0xff)]) {
    const offer = readInitiatorComponent(component(key), { fixed: undefined })!;
    assert.equal(respond(offer, component(key), randomBytes(32)), undefined);
  }
  const refused = (bytes: Uint8Array) =>
    assert.equal(readInitiatorComponent(bytes, { fixed: undefined }), undefined);
  refused(Buffer.alloc(0));
  refused(wire.opt(0x0d, Buffer.concat([wire.vlu(14), Buffer.alloc(256, 3)])));
  refused(wire.opt(0x0d, Buffer.concat([wire.vlu(2), Buffer.alloc(130, 3)])));
  refused(wire.opt(0x1d, wire.vlu(2)));
  refused(Buffer.alloc(2049));
  for (const length of [3, 33]) {
    refused(
      Buffer.concat([component(Buffer.alloc(128, 3)), wire.opt(0x1a, Buffer.from([4, length]))]),
    );
  }
});

test("certificates have keys of their own or new ones, not both and not neither", () => {
  assert.equal(readCertificate(wire.opt(0x0a)), undefined);
  assert.equal(
    readCertificate(Buffer.concat([wire.opt(0x15, wire.vlu(2)), wire.opt(0x1d, wire.vlu(2))])),
    undefined,
  );
  assert.equal(readCertificate(wire.opt(0x1d, Buffer.from([14, 1, 2]))), undefined);
  assert.deepEqual(readCertificate(wire.opt(0x15, wire.vlu(2))), { fixed: undefined });
  // What is behind a marker belongs to nobody.
  assert.equal(
    readCertificate(Buffer.concat([Buffer.from([0]), wire.opt(0x15, wire.vlu(2))])),
    undefined,
  );
  assert.deepEqual(readCertificate(SERVER_CERTIFICATE), { fixed: undefined });
});

test("a hello is for this server by any URL or by its fingerprint, and by nothing else", () => {
  const url = text("rtmfp://host/live");
  assert.deepEqual(readDiscriminator(wire.opt(0x0a, url)), { url: "rtmfp://host/live" });
  assert.equal(readDiscriminator(Buffer.alloc(0)), undefined);
  assert.equal(readDiscriminator(wire.opt(0x0f, Buffer.alloc(32))), undefined);
  assert.equal(readDiscriminator(wire.opt(0x0f, Buffer.alloc(3))), undefined);
  assert.equal(
    readDiscriminator(Buffer.concat([wire.opt(0x0a, url), wire.opt(0x00, text("host"))])),
    undefined,
  );
});

test("a cookie is good for its address and its time, and not with a bit changed", () => {
  const cookies = new Cookies(randomBytes(32));
  check(fc.property(
    fc.integer({ min: MIN_COOKIE_LENGTH, max: MAX_COOKIE_LENGTH }),
    fc.nat(1e9),
    fc.nat(),
    (length, now, damage) => {
      const cookie = cookies.make("10.0.0.1:5000", now, length);
      assert.equal(cookie.length, length);
      assert.ok(cookies.isGood(cookie, "10.0.0.1:5000", now));
      assert.ok(cookies.isGood(cookie, "10.0.0.1:5000", now + COOKIE_SECONDS * 1000 - 1000));
      assert.equal(
        cookies.isGood(cookie, "10.0.0.1:5000", now + (COOKIE_SECONDS + 1) * 1000),
        false,
      );
      assert.equal(cookies.isGood(cookie, "10.0.0.1:5001", now), false);
      cookie[damage % length]! ^= 1 << damage % 8;
      assert.equal(cookies.isGood(cookie, "10.0.0.1:5000", now), false);
    },
  ));
  const other = new Cookies(randomBytes(32)).make("a", 0, 20);
  assert.equal(cookies.isGood(other, "a", 0), false);
  assert.equal(cookies.isGood(cookies.make("a", 0, 20).subarray(0, 9), "a", 0), false);
});
