/** Sources of pulls that give little or nothing, again and again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ScriptedServer } from "../../client/scripted_server.ts";
import { keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { RelayRig } from "./relay_rig.ts";

/** A server that gives a key frame to who plays, and then does what it does. */
function giving(rig: RelayRig, then: (server: ScriptedServer) => void): void {
  rig.dial = () => {
    const server = new ScriptedServer();
    server.onCommand = (name, _id, streamId) => {
      if (name !== "play") return false;
      server.status(streamId, "status", "NetStream.Play.Start");
      server.message(9, 1, 0, VIDEO_HEADER);
      server.message(9, 1, 0, keyFrame());
      // It would be asked without end in one turn.
      if (rig.dialled.length < 500) then(server);
      return true;
    };
    return Promise.resolve(server.connection);
  };
}

for (
  const [what, then] of [
    ["end", ({ connection }: ScriptedServer) => connection.hangUp()],
    [
      "send it on",
      (server: ScriptedServer) =>
        server.status(0, "status", "NetConnection.Connect.ReconnectRequest"),
    ],
    [
      "send nonsense",
      (server: ScriptedServer) => server.deliver(new Uint8Array(300).fill(0xff)),
    ],
  ] as const
) {
  test(`sources that give something and ${what} are not asked again and again without a wait`, async () => {
    const sources = ["rtmp://one.test/app/x", "rtmp://two.test/app/x", "rtmp://three.test/app/x"];
    const rig = new RelayRig({ pull: [{ pattern: "live/*", sources, always: false }] });
    giving(rig, then);
    const asked = rig.want();
    const { seen } = rig.play();
    await rig.pass(10_000);
    assert.equal(asked.live, true);
    assert.ok(rig.dialled.length <= 40, `${rig.dialled.length} connections in ten seconds`);
    assert.ok(rig.dialled.length >= 6, "and yet they are asked again");
    assert.deepEqual(seen.ended, [], "who watches stays");
    assert.deepEqual(rig.faults.list(), []);
    await rig.service.stop(0);
    await rig.settle();
    assert.equal(rig.clock.pending, 1, "the tick of the hub alone");
  });
}

test("one that gives nothing and that nobody asks for any more is tried for 10 seconds", async () => {
  const pull = [{ pattern: "live/*", sources: ["rtmp://one.test/app/x"], always: false }];
  const rig = new RelayRig({ pull, stallMs: 60_000, timeoutMs: 60_000 });
  // A server has run for a while before anybody comes.
  rig.clock.advance(1000);
  rig.next("nothing");
  const asked = rig.want();
  await rig.settle();
  await rig.pass(1000);
  asked.cancel!();
  await rig.pass(9500);
  assert.equal(rig.service.list().length, 1);
  await rig.pass(2000);
  assert.equal(rig.service.list().length, 0);
});
