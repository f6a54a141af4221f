/** Sessions of RTMP: what becomes of faults, and what is known of clients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publishGop, Rig, settle } from "../../support/rtmp_service.ts";

test("what throws as the connection takes more is a fault of ours too", async () => {
  const rig = new Rig();
  const client = rig.player("cam");
  client.session.writer.onWritable = () => {
    throw new Error("broken");
  };
  client.connection.block();
  publishGop(rig.publisher("cam"), 0);
  client.connection.drain();
  await settle();
  assert.deepEqual(rig.counted.list().map(({ subsystem, count }) => [subsystem, count]), [
    ["session", 1],
  ]);
  assert.equal(client.session.core.phase, "closed");
});

test("a decision that is not there at once costs the client more than one that is", async () => {
  const charged = { soon: 0, later: 0 };
  for (const when of ["soon", "later"] as const) {
    const rig = new Rig({}, {
      name: "slow",
      onPublish: () => when === "soon" ? undefined : Promise.resolve(undefined),
    });
    const client = rig.client().connected();
    const { core } = client.session;
    const charge = core.charge.bind(core);
    core.charge = (effort) => {
      charged[when] += effort;
      charge(effort);
    };
    client.publish(1, "cam");
    await settle();
    assert.ok(client.codes().includes("NetStream.Publish.Start"));
  }
  assert.deepEqual(charged, { soon: 0, later: 100 });
});

test("what a client said is known from when it connects until it is gone", async () => {
  const rig = new Rig();
  const client = rig.client().shake();
  const { id } = client.session;
  assert.equal(rig.service.saidBy(id), undefined);
  client.connect("live?token=very-secret");
  const said = rig.service.saidBy(id);
  assert.equal(said!.mask("a very-secret word"), "a *** word");
  assert.equal(rig.service.saidBy(id), said, "made once");
  client.connection.hangUp();
  await settle();
  assert.equal(rig.service.saidBy(id), undefined);
});
