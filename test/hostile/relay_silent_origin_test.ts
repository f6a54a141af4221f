/** An edge of two origins, the first of which has stopped: it is connected to, and says nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SILENT_MS } from "../../src/service/outgoing/silent_servers.ts";
import { ScriptedServer } from "../client/scripted_server.ts";
import { RelayRig } from "../service/relay/relay_rig.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { at } from "./relay_scene.ts";

const ORIGINS = ["rtmp://stopped.test:1/{app}/{name}", "rtmp://good.test:2/{app}/{name}"];
const KEYS = ["a", "b", "c", "d"].map((name) => ({ app: "live", name }));
const WHO = { query: "", address: "192.0.2.7", via: [] };
const INFO = { sessionId: "s", address: "192.0.2.9:55", client: "test", since: 0 };

/** The edge, once it has learnt that the first origin is silent. */
async function edge(): Promise<RelayRig> {
  const rig = new RelayRig({
    origins: ORIGINS,
    decides: "origin",
    timeoutMs: 3000,
    maxTargets: 10,
  });
  rig.dial = ({ port }) => {
    const server = new ScriptedServer(port === 1 ? "nothing" : "publish and play");
    at("publish", (server, id) => {
      server.status(id, "status", "NetStream.Play.Start");
      server.status(id, "status", "NetStream.Publish.Start");
      server.message(9, 1, 0, VIDEO_HEADER);
      server.message(9, 1, 0, keyFrame());
    })(server);
    return Promise.resolve(server.connection);
  };
  const first = rig.want(KEYS[0]);
  await rig.pass(2500);
  assert.equal(first.live, undefined);
  await rig.pass(1000);
  assert.equal(first.live, true, "the second origin has it");
  return rig;
}

test("viewers of other streams, who is asked about, and publishers are not kept waiting by it any more", async () => {
  const rig = await edge();
  const viewer = rig.want(KEYS[1]);
  const asked = rig.service.gate!.ask(KEYS[2]!, WHO);
  const answers: (string | undefined)[] = [];
  rig.hub.claim(KEYS[3]!, INFO, rig.clock.now(), (reason) => answers.push(reason));
  rig.dialled.length = 0;
  await rig.settle();
  assert.equal(viewer.live, true);
  assert.equal(await asked, undefined);
  assert.deepEqual(answers, [undefined]);
  const [published] = rig.service.list().map((one) => one.describe())
    .filter(({ direction }) => direction === "push");
  assert.deepEqual([published!.state, published!.url], [
    "publishing",
    "rtmp://good.test:2/live/***",
  ]);
});

test("it is the first one again once it was silent long enough ago", async () => {
  const rig = await edge();
  await rig.pass(SILENT_MS);
  rig.dialled.length = 0;
  rig.want(KEYS[1]);
  await rig.settle();
  assert.deepEqual(rig.dialled, ["8.8.8.8:1"]);
});
