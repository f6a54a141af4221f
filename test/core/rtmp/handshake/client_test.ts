import { test } from "node:test";
import assert from "node:assert/strict";
import { ProtocolError, UsageError } from "../../../../src/core/errors.ts";
import { ClientHandshake } from "../../../../src/core/rtmp/handshake/client.ts";
import {
  HANDSHAKE_RANDOM_LENGTH,
  SERVER_DIGEST_KEY,
} from "../../../../src/core/rtmp/handshake/constants.ts";
import { insertDigest } from "../../../../src/core/rtmp/handshake/digest.ts";
import { ServerHandshake } from "../../../../src/core/rtmp/handshake/server.ts";
import { capture, captureNames } from "../../../support/captures.ts";
import { feedings } from "../../../support/feed.ts";
import { HANDSHAKE_LENGTH, noise, packetsOf, run } from "./harness.ts";
import { digestAt, digestBases, isSignedFor } from "./oracle.ts";

const RANDOM = noise(HANDSHAKE_RANDOM_LENGTH, 11);
const CONNECT = Uint8Array.of(3, 0, 0, 0, 0, 0, 4, 20, 0, 0, 0, 0, 1, 2, 3, 4);

/** A client that has said hello, and what it said. */
function client(digestBase?: 8 | 772): { handshake: ClientHandshake; hello: Uint8Array } {
  const handshake = new ClientHandshake({ random: RANDOM, now: 1000, digestBase });
  let hello: Uint8Array | undefined;
  handshake.start((bytes) => hello = bytes);
  return { handshake, hello: hello! };
}

/** What our server answers to `hello`. */
function answerTo(hello: Uint8Array): Uint8Array {
  const random = noise(HANDSHAKE_RANDOM_LENGTH, 12);
  return run(new ServerHandshake({ random, now: 2000 }), [hello]).writes[0];
}

for (const base of [8, 772] as const) {
  test(`a client with a digest at base ${base} and the server prove themselves`, () => {
    const { hello } = client(base);
    const answer = answerTo(hello);
    assert.deepEqual(digestBases(hello.slice(1), "client"), [base]);
    for (const segments of feedings(Uint8Array.of(...answer, ...CONNECT))) {
      const { handshake } = client(base);
      const outcome = run(handshake, segments);
      assert.equal(outcome.state, "done");
      assert.equal(outcome.kind, "digest");
      assert.equal(handshake.genuine, true);
      assert.deepEqual(outcome.rest, CONNECT);
      assert.equal(outcome.writes.length, 1);
      const digest = digestAt(answer.slice(1, 1537), base);
      assert.ok(isSignedFor(outcome.writes[0], "client", digest));
    }
  });
}

test("a simple client echoes S1 and never calls the server genuine", () => {
  const { handshake, hello } = client();
  assert.deepEqual(hello.slice(0, 9), Uint8Array.of(3, 0, 0, 3, 0xe8, 0, 0, 0, 0));
  const answer = answerTo(hello);
  const outcome = run(handshake, [answer]);
  assert.equal(outcome.state, "done");
  assert.equal(outcome.kind, "simple");
  assert.equal(handshake.genuine, false);
  assert.deepEqual(outcome.writes, [answer.slice(1, 1537)]);
});

test("a digest client falls back when the server answers the simple handshake", () => {
  const answer = answerTo(client().hello);
  const { handshake } = client(8);
  const outcome = run(handshake, [answer]);
  assert.equal(outcome.state, "done");
  assert.equal(outcome.kind, "simple");
  assert.deepEqual(outcome.writes, [answer.slice(1, 1537)]);
});

test("a digest in an S1 without a version is not looked for", () => {
  const { handshake, hello } = client(8);
  const answer = answerTo(hello);
  answer.fill(0, 5, 9);
  insertDigest(answer.subarray(1, 1537), SERVER_DIGEST_KEY, 8);
  assert.equal(run(handshake, [answer]).kind, "simple");
});

test("a changed S2 is not genuine", () => {
  const { handshake, hello } = client(8);
  const answer = answerTo(hello);
  answer[2000] ^= 1;
  const outcome = run(handshake, [answer]);
  assert.equal(outcome.state, "done");
  assert.equal(outcome.kind, "digest");
  assert.equal(handshake.genuine, false);
});

test("C2 leaves with the last byte of S1", () => {
  const { handshake, hello } = client();
  const answer = answerTo(hello);
  assert.equal(run(handshake, [answer.slice(0, 1536)]).writes.length, 0);
  assert.equal(run(handshake, [answer.slice(1536, 1537)]).writes.length, 1);
});

for (const name of captureNames("s2c")) {
  test(`the server's side of ${name} passes, however it is cut`, () => {
    const bytes = capture(name, "s2c");
    const { first, rest } = packetsOf(bytes);
    const expected = digestBases(first, "server").length > 0 ? "digest" : "simple";
    for (const segments of feedings(bytes)) {
      const { handshake } = client(8);
      const outcome = run(handshake, segments);
      assert.equal(outcome.state, "done");
      assert.equal(outcome.kind, expected);
      assert.deepEqual(outcome.rest, rest);
      // It was the answer to another client's digest.
      assert.equal(handshake.genuine, false);
    }
  });
}

test("a server of another version is refused at its first byte", () => {
  for (const version of [0, 2, 4, 6, 0x48, 0xff]) {
    const { handshake } = client();
    assert.throws(
      () => handshake.receive(Uint8Array.of(version), 0, () => {}),
      (error) => error instanceof ProtocolError && error.code === "handshake",
    );
  }
});

test("a server that answers as other services do is told by what it speaks", () => {
  for (
    const [first, words] of [
      [0x48, "expected 3: it speaks HTTP at this port"],
      [0x15, "expected 3: it speaks TLS at this port"],
      [0x16, "expected 3: it speaks TLS at this port"],
      [0x17, "expected 3"],
    ] as const
  ) {
    assert.throws(
      () => client().handshake.receive(Uint8Array.of(first), 0, () => {}),
      ({ message }: Error) => message.endsWith(words),
    );
  }
});

test("a whole handshake is as long as the specification says", () => {
  const { hello } = client(8);
  assert.equal(hello.length, 1537);
  assert.equal(answerTo(hello).length, HANDSHAKE_LENGTH);
});

test("too few random bytes are the caller's fault", () => {
  assert.throws(() => new ClientHandshake({ random: new Uint8Array(3039), now: 0 }), UsageError);
});

test("what signs the server's digest is random bytes, and not the same for all clients", () => {
  const { hello } = client(8);
  const answer = answerTo(hello);
  const { writes } = run(client(8).handshake, [answer]);
  const zeros = writes[0]!.subarray(0, 1504).filter((byte) => byte === 0).length;
  assert.ok(zeros < 50, `${zeros} zeros`);
});
