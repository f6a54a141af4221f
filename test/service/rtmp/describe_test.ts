/** What people are told of an RTMP client. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../src/core/amf/mod.ts";
import { publishGop, Rig, type RigClient } from "../../support/rtmp_service.ts";

const said = (client: RigClient) => {
  const { state, app, publishing, playing } = client.session.describe();
  return { state, app, publishing, playing };
};

test("a client is what it has come to, and its names are there once they are public", () => {
  const rig = new Rig();
  const nothing = { app: "", publishing: [], playing: [] };
  const publisher = rig.client();
  assert.deepEqual(said(publisher), { state: "handshake", ...nothing });
  publisher.shake();
  assert.deepEqual(said(publisher), { state: "connect", ...nothing });
  publisher.connect("live");
  assert.deepEqual(said(publisher), { state: "connected", ...nothing });
  const player = rig.client().connected();
  player.play(1, "test");
  assert.deepEqual(said(player), { state: "connected", ...nothing }, "it waits");
  publisher.command(0, "createStream", 2, null);
  publisher.publish(1, "test");
  publishGop(publisher, 0);
  assert.deepEqual(said(publisher), {
    state: "publishing",
    app: "live",
    publishing: ["test"],
    playing: [],
  });
  assert.deepEqual(said(player), {
    state: "playing",
    app: "live",
    publishing: [],
    playing: ["test"],
  });
  player.connection.hangUp();
});

test("bytes are those of the connection, in both directions", () => {
  const rig = new Rig();
  const client = rig.client().connected();
  const { bytesIn, bytesOut, protocol, address } = client.session.describe();
  assert.equal(bytesIn, client.session.core.bytesIn);
  assert.equal(bytesOut, client.connection.bytesWritten);
  assert.ok(bytesIn > 3072 && bytesOut > 3072);
  assert.deepEqual([protocol, address], ["rtmp", "192.0.2.1:4000"]);
});

test("a client is called what it calls itself, once it has said so", () => {
  const rig = new Rig();
  const client = rig.client();
  client.shake();
  assert.equal(client.session.describe().client, "");
  const said = { app: "live", flashVer: "FMLE/3.0\n(made up)", tcUrl: "" };
  client.command(0, "connect", 1, amfObject(said));
  const { client: name } = client.session.describe();
  assert.match(name, /^FMLE\/3\.0/);
  assert.doesNotMatch(name, /\n/);
});
