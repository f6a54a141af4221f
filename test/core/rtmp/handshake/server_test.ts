import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../../src/core/errors.ts";
import {
  CLIENT_DIGEST_KEY,
  HANDSHAKE_RANDOM_LENGTH,
} from "../../../../src/core/rtmp/handshake/constants.ts";
import { insertDigest } from "../../../../src/core/rtmp/handshake/digest.ts";
import { ServerHandshake } from "../../../../src/core/rtmp/handshake/server.ts";
import { capture, captureNames } from "../../../support/captures.ts";
import { feedings } from "../../../support/feed.ts";
import { check } from "../../../support/property.ts";
import { HANDSHAKE_LENGTH, noise, packetsOf, run } from "./harness.ts";
import { digestAt, digestBases, isSignedFor } from "./oracle.ts";

const RANDOM = noise(HANDSHAKE_RANDOM_LENGTH, 99);
const NOW = 0x1_0203_0405; // more than 32 bits of milliseconds

const server = () => new ServerHandshake({ random: RANDOM, now: NOW });
const ascii = (text: string) => new TextEncoder().encode(text);

/** C0, C1, C2 and `rest` of a client without a version. */
function simpleClient(version: number, rest = new Uint8Array(0)): Uint8Array {
  const bytes = Uint8Array.of(version, ...noise(3072), ...rest);
  bytes.fill(0, 5, 9);
  return bytes;
}

/** The same of a client with a digest at `base`; C2 is noise. */
function digestClient(base: 8 | 772): Uint8Array {
  const bytes = Uint8Array.of(3, ...noise(3072));
  insertDigest(bytes.subarray(1, 1537), CLIENT_DIGEST_KEY, base);
  return bytes;
}

for (const name of captureNames("c2s")) {
  test(`${name} is answered once, however it is cut, and keeps what follows C2`, () => {
    const bytes = capture(name, "c2s");
    const client = packetsOf(bytes);
    const bases = digestBases(client.first, "client");
    for (const segments of feedings(bytes)) {
      const outcome = run(server(), segments);
      assert.equal(outcome.state, "done");
      assert.equal(outcome.kind, bases.length > 0 ? "digest" : "simple");
      assert.equal(outcome.writes.length, 1);
      assert.equal(outcome.writes[0].length, HANDSHAKE_LENGTH);
      assert.deepEqual(outcome.rest, client.rest);

      const answer = packetsOf(outcome.writes[0]);
      assert.equal(answer.version, 3);
      assert.deepEqual(digestBases(answer.first, "server"), bases);
      if (bases.length > 0) {
        assert.ok(isSignedFor(answer.second, "server", digestAt(client.first, bases[0])));
      } else {
        assert.deepEqual(answer.second, client.first);
      }
    }
  });
}

test("the answer leaves with the last byte of C1, not before and not later", () => {
  const bytes = simpleClient(3);
  const handshake = server();
  const writes: Uint8Array[] = [];
  handshake.receive(bytes.subarray(0, 1536), 0, (answer) => writes.push(answer));
  assert.equal(writes.length, 0);
  assert.equal(handshake.kind, "pending");
  assert.equal(handshake.peerVersion, undefined);
  handshake.receive(bytes.subarray(1536, 1537), 0, (answer) => writes.push(answer));
  assert.equal(writes.length, 1);
  assert.equal(handshake.kind, "simple");
  assert.equal(handshake.done, false);
});

test("a simple answer has the time, a zero version, random bytes and an echo of all of C1", () => {
  const bytes = simpleClient(3);
  const { writes } = run(server(), [bytes]);
  const { first, second } = packetsOf(writes[0]);
  assert.deepEqual(first.slice(0, 8), Uint8Array.of(2, 3, 4, 5, 0, 0, 0, 0));
  assert.deepEqual(first.slice(8), RANDOM.slice(0, 1528));
  assert.deepEqual(second, bytes.slice(1, 1537));
});

for (const base of [8, 772] as const) {
  test(`a digest at base ${base} is answered at base ${base} with a version from 3 on`, () => {
    const bytes = digestClient(base);
    const handshake = server();
    const { state, writes } = run(handshake, [bytes]);
    const { first, second } = packetsOf(writes[0]);
    const digest = digestAt(bytes.slice(1, 1537), base);
    assert.equal(state, "done");
    assert.equal(handshake.kind, "digest");
    assert.deepEqual(handshake.peerDigest, digest);
    assert.deepEqual(first.slice(0, 8), Uint8Array.of(2, 3, 4, 5, 4, 5, 0, 1));
    assert.deepEqual(digestBases(first, "server"), [base]);
    assert.ok(isSignedFor(second, "server", digest));
    assert.deepEqual(second.slice(0, 1504), RANDOM.slice(1528, 3032));
  });
}

test("a digest in a C1 without a version is not looked for", () => {
  const bytes = simpleClient(3);
  insertDigest(bytes.subarray(1, 1537), CLIENT_DIGEST_KEY, 8);
  const handshake = server();
  run(handshake, [bytes]);
  assert.equal(handshake.kind, "simple");
  assert.equal(handshake.peerProductVersion, 0);
  assert.equal(handshake.peerDigest, undefined);
});

test("a version without a digest gets the simple answer", () => {
  const bytes = digestClient(8);
  bytes[1536] ^= 1;
  const handshake = server();
  const { writes } = run(handshake, [bytes]);
  assert.equal(handshake.kind, "simple");
  assert.deepEqual(writes[0].slice(5, 9), new Uint8Array(4));
});

test("connect in the segment of C2 is left to the caller at the offset returned", () => {
  const bytes = capture("ffmpeg-publish", "c2s");
  const handshake = server();
  assert.equal(handshake.receive(bytes.subarray(0, 1537), 0, () => {}), 1537);
  const second = bytes.subarray(1537);
  assert.equal(handshake.receive(second, 0, () => assert.fail("wrote twice")), 1536);
  assert.equal(handshake.done, true);
  assert.equal(handshake.receive(second, 1536, () => assert.fail("wrote twice")), 1536);
});

test("every version from 0 to 31 is answered 3, but for those that ask for RTMPE", () => {
  for (let version = 0; version < 32; version++) {
    if ([6, 8, 9].includes(version)) continue;
    const { state, writes } = run(server(), [simpleClient(version)]);
    assert.equal(state, "done", `version ${version}`);
    assert.equal(writes[0][0], 3);
  }
});

/** What scanners send: they are refused, or nothing is lost by going on. */
const SCANNERS: [name: string, bytes: Uint8Array, state: string, writes: number][] = [
  ["an HTTP request", ascii("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), "refused", 0],
  ["a TLS ClientHello", Uint8Array.of(0x16, 3, 1, 0, 0xc4, 1, 0, 0, 0xc0, 3, 3), "refused", 0],
  ["0xff for ever", new Uint8Array(4000).fill(0xff), "refused", 0],
  ["a few zeros", new Uint8Array(100), "pending", 0],
  ["1537 zeros", new Uint8Array(1537), "pending", 1],
  ["4000 zeros", new Uint8Array(4000), "done", 1],
  ["nothing", new Uint8Array(0), "pending", 0],
];

for (const [name, bytes, state, writes] of SCANNERS) {
  test(`${name} leaves the handshake ${state}, however it is cut`, () => {
    for (const segments of feedings(bytes)) {
      const outcome = run(server(), segments);
      assert.equal(outcome.state, state);
      assert.equal(outcome.writes.length, writes);
    }
  });
}

test("too few random bytes are the caller's fault", () => {
  const random = new Uint8Array(HANDSHAKE_RANDOM_LENGTH - 1);
  assert.throws(() => new ServerHandshake({ random, now: 0 }), UsageError);
});

test("any bytes end done, pending or refused, the same however they are cut", () => {
  const start = fc.oneof(
    fc.constantFrom([3], [0], [6], [0x16, 3], [0x16, 2], [0x0d, 0x0a, 0x0d]),
    fc.array(fc.nat(255), { maxLength: 4 }),
  );
  const length = fc.oneof(fc.nat(4000), fc.constantFrom(1536, 1537, 1538, 3072, 3073, 3074));
  check(
    fc.property(start, length, fc.nat(), (start, length, seed) => {
      const bytes = Uint8Array.of(...start, ...noise(4000, seed)).slice(0, length);
      const [whole, ...others] = feedings(bytes, seed).map((segments) => run(server(), segments));
      const expected = length >= HANDSHAKE_LENGTH ? "done" : "pending";
      assert.ok(whole.state === expected || whole.state === "refused");
      if (whole.state === "done") assert.deepEqual(whole.rest, bytes.slice(HANDSHAKE_LENGTH));
      for (const outcome of others) assert.deepEqual(outcome, whole);
    }),
    60,
  );
});

test("random bytes are asked for when the client's hello is answered, once, and must be enough", () => {
  let asked = 0;
  const handshake = new ServerHandshake({ random: () => (asked++, RANDOM), now: NOW });
  const bytes = simpleClient(3);
  const written: Uint8Array[] = [];
  const write = (packet: Uint8Array) => void written.push(packet);
  assert.equal(handshake.receive(bytes.subarray(0, 1000), 0, write), 1000);
  assert.equal(asked, 0, "who says no more costs none");
  handshake.receive(bytes.subarray(1000), 0, write);
  assert.equal(asked, 1);
  const usual: Uint8Array[] = [];
  server().receive(bytes, 0, (packet) => void usual.push(packet));
  assert.deepEqual(written, usual);
  const short = new ServerHandshake({ random: () => RANDOM.subarray(1), now: NOW });
  assert.throws(() => short.receive(bytes, 0, write), UsageError);
});

test("the version that the client asked for is known once its hello is whole", () => {
  const random = noise(HANDSHAKE_RANDOM_LENGTH, 3);
  const handshake = new ServerHandshake({ random, now: 0 });
  const hello = Uint8Array.of(7, ...new Uint8Array(1536));
  handshake.receive(hello.subarray(0, 1536), 0, () => {});
  assert.equal(handshake.peerVersion, undefined);
  handshake.receive(hello.subarray(1536), 0, () => {});
  assert.equal(handshake.peerVersion, 7);
});
