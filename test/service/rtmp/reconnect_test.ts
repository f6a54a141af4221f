/** Reconnect Request [E-RTMP v2]: asked of clients that follow it, which are served until they go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../src/core/amf/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { isReconnectUrl } from "../../../src/core/rtmp/session/mod.ts";
import { interFrame } from "../../support/media.ts";
import { publishGop, Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

const ASKED = "0 onStatus 0 null status:NetConnection.Connect.ReconnectRequest";

/** A client that plays, and announces these capabilities. */
function player(rig: Rig, capsEx: number): RigClient {
  const client = rig.client();
  client.shake();
  const about = amfObject({ app: "live", tcUrl: "rtmp://localhost/live", capsEx });
  client.command(0, "connect", 1, about);
  client.command(0, "createStream", 2, null);
  client.play(1, "test");
  client.take();
  return client;
}

function setUp() {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  return { rig, publisher, able: player(rig, 1), plain: player(rig, 6) };
}

test("only clients that announced it are asked, with the URL if there is one", () => {
  const { rig, able, plain } = setUp();
  assert.deepEqual(rig.service.askToReconnect(), [able.session]);
  assert.deepEqual(able.take(), [ASKED]);
  rig.service.askToReconnect("rtmp://other.example/live");
  assert.deepEqual(able.take(), [`${ASKED}{tcUrl=rtmp://other.example/live}`]);
  assert.deepEqual(plain.take(), []);
  assert.equal(plain.session.askToReconnect(), false);
});

test("a client is served on until it leaves, and a drain is over when all who were asked are gone", async () => {
  const { rig, publisher, able, plain } = setUp();
  const drained = rig.service.drain(10_000, "/elsewhere");
  let over = false;
  drained.then(() => over = true);
  assert.deepEqual(able.take(), [`${ASKED}{tcUrl=/elsewhere}`]);
  publisher.message(MessageType.Video, 1, 80, interFrame(50, 7));
  assert.deepEqual(able.media(), ["9 80 7"]);
  assert.deepEqual(plain.media(), ["9 80 7"]);
  const late = rig.client();
  assert.equal(late.connection.closing, "destroy", "nobody is let in any more");
  await settle();
  assert.equal(over, false);
  able.connection.hangUp();
  await settle();
  assert.equal(over, true);
  assert.equal(rig.service.sessions.has(plain.session.id), true);
});

test("a client that stays is waited for no longer than the drain may take", async () => {
  const { rig, able } = setUp();
  let over = false;
  rig.service.drain(3000).then(() => over = true);
  rig.clock.advance(2999);
  await settle();
  assert.equal(over, false);
  rig.clock.advance(1);
  await settle();
  assert.equal(over, true);
  assert.equal(able.session.core.phase, "connected", "ending it is another's business");
});

test("without such clients, or without time, nothing is waited for", async () => {
  const rig = new Rig();
  rig.publisher();
  await rig.service.drain(10_000);
  const other = setUp();
  await other.rig.service.drain(0);
  assert.deepEqual(other.able.take(), []);
});

test("a client that is not connected yet is not asked", () => {
  const rig = new Rig();
  const client = rig.client();
  client.shake();
  assert.deepEqual(rig.service.askToReconnect(), []);
  assert.equal(client.session.askToReconnect(), false);
});

test("URLs to reconnect to are those of RTMP, or relative", () => {
  const longest = `/${"x".repeat(1023)}`;
  const right = [
    longest,
    "rtmp://a/b",
    "rtmps://a:1936/b?c",
    "//other/live",
    "/live",
    "RTMP://A/B",
  ];
  const wrong = ["", "live", "http://a/b", "rtmp://", "/a b", "/a\n", `/${"x".repeat(1024)}`];
  assert.deepEqual(right.filter((url) => !isReconnectUrl(url)), []);
  assert.deepEqual(wrong.filter(isReconnectUrl), []);
});
