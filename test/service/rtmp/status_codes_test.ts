/** Every status code that the documentation promises is sent, where it says so. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { amfObject } from "../../../src/core/amf/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { statusLevel } from "../../../src/core/rtmp/session/status.ts";
import { interFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { publishGop, Rig, type RigClient } from "../../support/rtmp_service.ts";

const { Video } = MessageType;

/** The rows of the table in docs/status_codes.md: code and level. */
function documented(): Map<string, string> {
  const text = readFileSync(new URL("../../../docs/status_codes.md", import.meta.url), "utf8");
  const rows = text.matchAll(/^\| `(Net[A-Za-z.]+)` +\| (status|warning|error) +\|/gm);
  return new Map([...rows].map(([, code, level]) => [code!, level!]));
}

/** What each code takes to be sent; answers with the client that gets it. */
const SCENES: Record<string, (rig: Rig) => RigClient> = {
  "NetConnection.Connect.Success"(rig) {
    const client = rig.client();
    client.shake();
    client.connect("live");
    return client;
  },
  "NetConnection.Connect.Rejected"() {
    const rig = new Rig({}, { name: "no", onConnect: () => ({ refuse: "no" }) });
    const client = rig.client();
    client.shake();
    client.connect("live");
    return client;
  },
  "NetConnection.Connect.InvalidApp"(rig) {
    const client = rig.client();
    client.shake();
    client.connect("../live");
    return client;
  },
  "NetConnection.Connect.AppShutdown"(rig) {
    const client = rig.client().connected();
    client.session.endNow("shutdown");
    return client;
  },
  "NetConnection.Connect.Closed"(rig) {
    const client = rig.client().connected();
    client.session.endNow("kicked");
    return client;
  },
  "NetConnection.Connect.IdleTimeOut"(rig) {
    const client = rig.client().connected();
    for (let second = 0; second < 70; second++) rig.clock.advance(1000);
    return client;
  },
  "NetConnection.Connect.ReconnectRequest"(rig) {
    const client = rig.client();
    client.shake();
    client.command(0, "connect", 1, amfObject({ app: "live", tcUrl: "rtmp://h/live", capsEx: 1 }));
    client.take();
    client.session.askToReconnect();
    return client;
  },
  "NetConnection.Call.Failed"(rig) {
    const client = rig.client().connected();
    client.command(0, "nonsense", 9, null);
    return client;
  },
  "NetStream.Failed"(rig) {
    const client = rig.client().connected();
    client.command(1, "pause", 9, null, true);
    return client;
  },
  "NetStream.Publish.Start"(rig) {
    const client = rig.client().connected();
    client.publish(1, "test");
    return client;
  },
  "NetStream.Publish.BadName"(rig) {
    const client = rig.client().connected();
    client.publish(1, "..");
    return client;
  },
  "NetStream.Publish.Denied"() {
    const rig = new Rig({}, { name: "no", onPublish: () => ({ refuse: "no" }) });
    const client = rig.client().connected();
    client.publish(1, "test");
    return client;
  },
  "NetStream.Publish.Rejected"() {
    const rig = new Rig({ maxStreams: 1 });
    rig.publisher("one");
    const client = rig.client().connected();
    client.publish(1, "two");
    return client;
  },
  "NetStream.Unpublish.Success"(rig) {
    const client = rig.publisher();
    client.command(0, "FCUnpublish", 9, null, "test");
    return client;
  },
  "NetStream.Play.Reset": playing,
  "NetStream.Play.Start": playing,
  "NetStream.Play.StreamNotFound"() {
    return playing(new Rig({ playWaitMs: 0 }), false);
  },
  "NetStream.Play.Failed"() {
    return playing(new Rig({}, { name: "no", onPlay: () => ({ refuse: "no" }) }));
  },
  "NetStream.Play.UnpublishNotify": ended,
  "NetStream.Play.Stop": ended,
  "NetStream.Play.PublishNotify"() {
    const rig = new Rig({ reconnectWindowMs: 5000 });
    const publisher = rig.publisher();
    publishGop(publisher, 0);
    const client = rig.player();
    client.take();
    publisher.connection.hangUp();
    rig.publisher();
    return client;
  },
  "NetStream.Play.InsufficientBW"() {
    const rig = new Rig({ player: { bytes: 65_536, ms: 5000, overflows: 3 } });
    const publisher = rig.publisher();
    const client = rig.player();
    publisher.message(Video, 1, 0, VIDEO_HEADER);
    publisher.message(Video, 1, 0, keyFrame());
    client.take();
    client.connection.block();
    for (let index = 1; index < 8; index++) {
      publisher.message(Video, 1, index * 40, interFrame(20_000));
    }
    client.connection.drain();
    return client;
  },
  "NetStream.Play.Transition": (rig) => switched(rig, "switch"),
  "NetStream.Play.TransitionComplete": (rig) => switched(rig, "switch"),
  "NetStream.Play.Switch"(rig) {
    return switched(rig, "append", true);
  },
  "NetStream.Pause.Notify"(rig) {
    const client = playing(rig);
    client.command(1, "pause", 0, null, true);
    return client;
  },
  "NetStream.Unpause.Notify"(rig) {
    const client = playing(rig);
    client.command(1, "pause", 0, null, true);
    client.command(1, "pause", 0, null, false);
    return client;
  },
  "NetStream.Seek.Notify"(rig) {
    const client = playing(rig);
    client.command(1, "receiveAudio", 0, null, true);
    return client;
  },
  "NetStream.Seek.Failed"(rig) {
    const client = playing(rig);
    client.command(1, "seek", 0, null, "now");
    return client;
  },
};

function playing(rig: Rig, published = true): RigClient {
  if (published) publishGop(rig.publisher(), 0);
  return rig.player();
}

function ended(rig: Rig): RigClient {
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const client = rig.player();
  publisher.command(1, "closeStream", 0, null);
  return client;
}

function switched(rig: Rig, transition: string, over = false): RigClient {
  const [a, b] = [rig.publisher("a"), rig.publisher("b")];
  publishGop(a, 0);
  publishGop(b, 0);
  const client = rig.player("a");
  client.command(1, "play2", 0, null, amfObject({ streamName: "b", transition }));
  if (over) a.command(1, "closeStream", 0, null);
  b.message(Video, 1, 80, keyFrame());
  return client;
}

test("the documented codes are those that have a scene here, and no others", () => {
  assert.deepEqual([...documented().keys()].sort(), Object.keys(SCENES).sort());
});

for (const [code, scene] of Object.entries(SCENES)) {
  test(`${code} is sent, with its level`, () => {
    const replies = scene(new Rig()).take();
    const level = documented().get(code)!;
    assert.equal(statusLevel(code), level);
    const found = replies.some((reply) => reply.includes(`${level}:${code}`));
    assert.ok(found, replies.join("\n"));
  });
}
