/** The client of RTMFP against the responder, which independent clients have been tried with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBytes } from "node:crypto";
import { ciphers } from "../../../src/transport/bun/ciphers.ts";
import { Initiator, type InitiatorOptions } from "../../../src/core/rtmfp/initiator.ts";
import { metadataOf, tcMessage } from "../../../src/core/rtmfp/tc_message.ts";
import { Rig, Side } from "./rig.ts";

const SERVER = { hostname: "10.0.0.9", port: 1935 };
const HERE = { hostname: "10.0.0.1", port: 5000 };

/** A client of the rig, as its own owner. */
class Client extends Side {
  readonly initiator: Initiator;
  opened = 0;
  failed: unknown;

  constructor(rig: Rig, options: Partial<InitiatorOptions> = {}) {
    super(rig);
    this.initiator = new Initiator(
      this,
      { url: "rtmfp://server.example/live", server: SERVER, maxMessageBytes: 1 << 20, ...options },
      rig.now,
    );
    rig.peers.set(`${HERE.hostname}:${HERE.port}`, {
      receive: (datagram: Uint8Array, now: number) =>
        void this.initiator.receive(datagram, SERVER, now),
      tick: (now: number) => this.initiator.tick(now),
    } as never);
  }

  override send(datagram: Uint8Array): void {
    this.rig.toServer(datagram, HERE);
  }

  onOpen(): void {
    this.opened++;
  }

  onFailed(why: unknown): void {
    this.failed = why;
  }
}

for (
  const [how, options] of Object.entries({
    "plain packets": {},
    "codes and numbers": { codeLength: 20, numbered: true },
    "codes and the ciphers of a platform": { codeLength: 16, ciphers },
  })
) {
  test(`a client shakes hands and has flows both ways over a bad link, with ${how}`, () => {
    const rig = new Rig({ lost: 0.1, late: 0.1, twice: 0.1 }, 5);
    const client = new Client(rig, options);
    assert.ok(rig.until(() => client.initiator.state === "open", 15_000));
    assert.equal(client.opened, 1);
    const session = client.initiator.session!;
    const up = session.outgoing.open(metadataOf(0), undefined, false);
    const messages = Array.from({ length: 40 }, (_, index) => randomBytes(1 + 300 * index));
    for (const message of messages) up.write(tcMessage(20, 0, message));
    session.flush(rig.now);
    const side = rig.sides[0]!;
    assert.ok(rig.until(() => side.messages.length === messages.length));
    const down = side.session!.outgoing.open(metadataOf(1), side.flows[0]!.id, true);
    for (const message of messages) down.write(tcMessage(9, 0, message));
    side.session!.flush(rig.now);
    assert.ok(rig.until(() => client.messages.length === messages.length));
    for (const { messages: came } of [side, client]) {
      came.forEach(({ bytes }, index) => {
        assert.deepEqual(bytes.subarray(5), new Uint8Array(messages[index]!));
      });
    }
    assert.equal(client.flows[0]!.association, up.id);
    session.close(rig.now);
    assert.ok(rig.until(() => client.initiator.state === "over" && rig.responder.size === 0));
    assert.equal(side.closed, "closed");
  });
}

test("a client is told where it is sent, that nobody answers, and that keys cannot be made", () => {
  const rig = new Rig();
  rig.redirects = () => [
    { ip: Uint8Array.of(192, 0, 2, 7), port: 1935 },
    { ip: new Uint8Array(16).fill(9), port: 1 },
  ];
  const sent = new Client(rig);
  rig.pass(50);
  assert.deepEqual(sent.failed, rig.redirects(""));

  const nobody = new Rig({ lost: 1 });
  const alone = new Client(nobody);
  const { now } = nobody;
  assert.ok(nobody.until(() => alone.failed !== undefined));
  assert.equal(alone.failed, "timeout");
  assert.ok(nobody.now - now < 21_000);

  // Codes that are longer than there are any.
  const other = new Rig();
  const greedy = new Client(other, { codeLength: 33 });
  assert.ok(other.until(() => greedy.failed !== undefined));
  assert.deepEqual([greedy.failed, other.refusals[0]], ["timeout", "keys"]);
});

test("an answer that is for another, was changed, or is none, makes no session", () => {
  const rig = new Rig();
  const client = new Client(rig);
  rig.pass(15);
  const { initiator } = client;
  assert.equal(initiator.state, "keying");
  const hello = rig.sent[0]!.datagram;
  assert.equal(initiator.receive(hello, SERVER, rig.now), false, "that was before");
  for (let length = 0; length < 60; length++) {
    initiator.receive(new Uint8Array(randomBytes(length)), SERVER, rig.now);
  }
  const stranger = new Client(new Rig());
  assert.equal(stranger.initiator.receive(hello, SERVER, 0), false, "not its tag");
  assert.ok(rig.until(() => initiator.state === "open", 1000));
});
