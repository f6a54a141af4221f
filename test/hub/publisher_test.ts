/** The right to push into a stream, and how it is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ownership, type PublisherObserver } from "../../src/hub/publisher.ts";

function setUp(observer: Partial<PublisherObserver> = {}) {
  const did: string[] = [];
  const stream = {
    publisher: undefined as unknown,
    standIn: undefined,
    handBack: () => {},
    push: (kind: number) => void did.push(`push ${kind}`),
    setData: (handler: string) => void did.push(`set ${handler}`),
    clearData: (handler: string) => void did.push(`clear ${handler}`),
    unpublished(now: number, reason: string) {
      did.push(`over at ${now}: ${reason}`);
      stream.publisher = undefined;
    },
  };
  const info = { sessionId: "s", address: "a", client: "c", since: 5 };
  const owner = new Ownership(
    stream,
    info,
    {
      onRevoked: (reason) => void did.push(`revoked: ${reason}`),
      onKeyFrameFault: (fault, codec, dropped) => void did.push(`${fault} ${codec} ${dropped}`),
      ...observer,
    },
    7,
  );
  stream.publisher = owner;
  return { did, stream, owner, info };
}

const use = (owner: Ownership) => {
  owner.push(9, 0, new Uint8Array(1), 0);
  owner.setData("a", 0, new Uint8Array(1), 0);
  owner.clearData("a");
};

test("the owner of a stream pushes into it until another one owns it", () => {
  const { did, stream, owner, info } = setUp();
  assert.deepEqual([owner.active, owner.since, owner.info, owner.stream], [true, 7, info, stream]);
  use(owner);
  assert.deepEqual(did.splice(0), ["push 9", "set a", "clear a"]);
  stream.publisher = {};
  use(owner);
  owner.end(1);
  owner.revoke("kicked", 1);
  assert.deepEqual([did, owner.active], [[], false]);
});

test("who gives a stream up is not waited for, and who was lost is", () => {
  for (
    const [lost, told] of [[undefined, "over at 3: unpublished"], [
      true,
      "over at 3: lost",
    ]] as const
  ) {
    const { did, owner } = setUp();
    owner.end(3, lost);
    assert.deepEqual(did, [told]);
  }
});

test("who is replaced leaves the stream as it is, and who is ended otherwise ends it", () => {
  const replaced = setUp();
  replaced.owner.revoke("replaced", 3);
  assert.deepEqual([replaced.did, replaced.stream.publisher], [["revoked: replaced"], undefined]);
  for (const reason of ["kicked", "shutdown", "no-memory"] as const) {
    const { did, owner } = setUp();
    owner.revoke(reason, 3);
    owner.revoke(reason, 4);
    assert.deepEqual(did, [`over at 3: ${reason}`, `revoked: ${reason}`]);
  }
});

test("a fault of the owner while it is told reaches nobody else", () => {
  const faults: unknown[] = [];
  const { owner } = setUp({
    onRevoked() {
      throw new Error("a bug");
    },
    onFault: (error) => faults.push(error),
  });
  owner.revoke("replaced", 0);
  assert.equal(faults.length, 1);
});

test("that key frames have a fault is told once", () => {
  const { did, owner } = setUp();
  assert.equal(owner.hasFault, false);
  owner.noteFault("missing", "avc", 9);
  owner.noteFault("flagged-inter", "avc", 10);
  assert.deepEqual([did, owner.hasFault], [["missing avc 9"], true]);
});
