/** The handshake of RTMPE, against a client of its own and a hello of librtmp. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HANDSHAKE_RANDOM_LENGTH } from "../../../../src/core/rtmp/handshake/constants.ts";
import { ServerHandshake } from "../../../../src/core/rtmp/handshake/server.ts";
import { capture } from "../../../support/captures.ts";
import { feedings } from "../../../support/feed.ts";
import { check } from "../../../support/property.ts";
import { placesIn, RtmpeClient } from "../../../support/rtmpe_client.ts";
import { noise, packetsOf, run } from "./harness.ts";
import { digestAt, digestBases, isSignedFor } from "./oracle.ts";

const LAYOUTS = [772, 8] as const;

const server = (seed: number, encrypts = true) =>
  new ServerHandshake({ random: noise(HANDSHAKE_RANDOM_LENGTH, seed), now: 5, encrypts });

test("librtmp's hello is answered with version 6, a digest where it has one, and keys at both places", () => {
  const hello = capture("rtmpdump-rtmpe", "c0c1");
  for (const segments of feedings(hello)) {
    const handshake = server(1);
    const { writes, kind } = run(handshake, segments);
    assert.equal(kind, "encrypted");
    const { version, first, second } = packetsOf(writes[0]!);
    assert.equal(version, 6);
    assert.deepEqual(digestBases(first, "server"), [772]);
    assert.ok(isSignedFor(second, "server", digestAt(packetsOf(hello).first, 772)));
    const [key, other] = LAYOUTS.map((layout) => placesIn(first, layout).key);
    assert.deepEqual(first.slice(key, key! + 128), first.slice(other, other! + 128));
  }
});

test("both sides come to the same keys, wherever the client looks for the server's", () => {
  check(
    fc.property(fc.integer(), fc.constantFrom(...LAYOUTS), (seed, layout) => {
      const client = new RtmpeClient(noise(1536, seed), layout);
      for (const looksAt of LAYOUTS) {
        const handshake = server(seed + 1);
        let answer = new Uint8Array(0);
        handshake.receive(client.hello, 0, (bytes) => answer = bytes.slice());
        const { first } = packetsOf(answer);
        assert.deepEqual(digestBases(first, "server").includes(layout), true);
        client.answer(first, looksAt);
        const { inbound, outbound } = handshake.ciphers!;
        const text = noise(300, 3);
        const [there, back] = [client.encrypt(text), text.slice()];
        inbound.apply(there, there);
        outbound.apply(back, back);
        assert.deepEqual([[...there], [...client.decrypt(back)]], [[...text], [...text]]);
      }
    }),
    40,
  );
});

test("the private key is of bytes that no packet shows", () => {
  const random = noise(HANDSHAKE_RANDOM_LENGTH, 4);
  const handshake = new ServerHandshake({ random, now: 5, encrypts: true });
  const { writes } = run(handshake, [new RtmpeClient(noise(1536)).hello]);
  const sent = String.fromCharCode(...writes[0]!);
  const changed = random.slice();
  const { writes: same } = run(
    new ServerHandshake({ random: changed, now: 5, encrypts: true }),
    [new RtmpeClient(noise(1536)).hello],
  );
  assert.deepEqual(same, writes);
  for (let at = 3032; at < 3064; at++) {
    const copy = random.slice();
    copy[at]! ^= 1;
    const other = new ServerHandshake({ random: copy, now: 5, encrypts: true });
    assert.notDeepEqual(run(other, [new RtmpeClient(noise(1536)).hello]).writes, writes, `${at}`);
  }
  assert.ok(!sent.includes(String.fromCharCode(...random.slice(3032, 3040))));
});

test("versions 8 and 9 are answered with 6", () => {
  for (const version of [6, 8, 9]) {
    const { writes } = run(server(1), [new RtmpeClient(noise(1536), 772, version).hello]);
    assert.equal(writes[0]![0], 6);
  }
});

test("who asks for encryption and cannot have it is refused, and not answered in the clear", () => {
  const good = new RtmpeClient(noise(1536)).hello;
  const without = good.slice();
  without[1536]! ^= 1;
  const old = good.slice();
  old.fill(0, 5, 9);
  const zero = new RtmpeClient(noise(1536));
  for (
    const [hello, encrypts, why] of [
      [good, false, /RTMPE.*off/],
      [without, true, /RTMPE.*digest/],
      [old, true, /RTMPE.*digest/],
    ] as const
  ) {
    const writes: Uint8Array[] = [];
    const handshake = server(1, encrypts);
    assert.throws(() => handshake.receive(hello, 0, (bytes) => writes.push(bytes)), why);
    assert.deepEqual(writes, []);
  }
  assert.equal(run(server(1), [zero.hello]).kind, "encrypted");
});

test("plain clients are answered as ever where encryption is allowed", () => {
  const { writes, kind } = run(server(1), [capture("ffmpeg-publish", "c2s").slice(0, 1537)]);
  assert.deepEqual([writes[0]![0], kind === "encrypted"], [3, false]);
});
