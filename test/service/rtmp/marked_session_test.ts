/** A session that is about to end: it is marked in one turn, and ended in the next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publishGop, Rig, settle } from "../../support/rtmp_service.ts";

const PATH = { app: "live", name: "test" };

test("what comes from a session that is about to end is not read any more", async () => {
  const rig = new Rig();
  const client = rig.client().connected();
  client.session.end("kicked");
  client.publish(1, "test");
  assert.equal(rig.registry.get(PATH), undefined);
  await settle();
  assert.equal(client.connection.closing, "end");
  assert.deepEqual(rig.takeTold(), ["disconnect kicked"]);
});

test("a plugin that ends a session while it is asked has nothing begun for it", async () => {
  for (const later of [false, true]) {
    const decide = ({ sessionId }: { sessionId: string }) => {
      const end = () => rig.service.sessions.get(sessionId)!.end("kicked");
      if (!later) return end();
      return Promise.resolve().then(end);
    };
    const rig: Rig = new Rig({}, { name: "ends", onPublish: decide, onPlay: decide });
    const [publisher, player] = [rig.client().connected(), rig.client().connected()];
    publisher.publish(1, "test");
    player.play(1, "test");
    await settle();
    assert.equal(rig.registry.get(PATH), undefined);
    assert.equal(rig.registry.waits.size, 0);
    assert.deepEqual(rig.takeTold(), ["disconnect kicked", "disconnect kicked"]);
    const codes = [...publisher.codes(), ...player.codes()];
    assert.ok(!codes.some((code) => /Start|Reset/.test(code)), codes.join());
  }
});

test("a publisher that is about to end is still the one of its stream, and hands on no media", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  player.take();
  publisher.session.end("shutdown");
  publishGop(publisher, 0);
  assert.deepEqual(player.media(), []);
  await settle();
  assert.equal(rig.registry.get(PATH), undefined);
});
