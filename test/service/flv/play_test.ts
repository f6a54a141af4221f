/** Players of FLV behind HTTP, on the hub and the plugins of a whole server without a port. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { encodeAmf0 } from "../../../src/core/amf/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { type Plugin, refuse, rename } from "../../../src/plugin/mod.ts";
import { FlvRig } from "../../support/flv_rig.ts";
import {
  AUDIO_HEADER,
  audioFrame,
  interFrame,
  keyFrame,
  VIDEO_HEADER,
} from "../../support/media.ts";
import { publishGop, settle } from "../../support/rtmp_service.ts";

const { Audio, Video, DataAmf0 } = MessageType;

test("a player starts with the headers and the cached GOP, and goes on live", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, VIDEO_HEADER);
  publisher.message(Audio, 1, 0, AUDIO_HEADER);
  publisher.message(Video, 1, 40, keyFrame(5000, 1));
  publisher.message(Audio, 1, 50, audioFrame());
  const player = await rig.flvPlayer();
  assert.equal(player.reader.flags, 5);
  const [video, audio, ...rest] = player.reader.tags.splice(0);
  assert.deepEqual([video!.body, audio!.body], [VIDEO_HEADER, AUDIO_HEADER]);
  assert.deepEqual(rest.map(({ type, timestamp }) => [type, timestamp]), [[9, 40], [8, 50]]);
  assert.deepEqual(rest[0]!.body, keyFrame(5000, 1));
  publisher.message(Video, 1, 80, interFrame(300, 2));
  publisher.message(DataAmf0, 1, 90, encodeAmf0("onTextData", "x"));
  assert.deepEqual(player.reader.take(), ["9 80 2", "18 90 120"]);
  assert.ok(player.reader.whole);
});

test("all players read the same bytes, encoded once", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const players = await Promise.all([rig.flvPlayer(), rig.flvPlayer(), rig.flvPlayer()]);
  const stream = rig.registry.get({ app: "live", name: "test" })!;
  const before = stream.logBytes;
  assert.equal(stream.playerCount, 3);
  publisher.message(Video, 1, 100, interFrame(1000, 9));
  for (const { reader } of players) assert.equal(reader.take().at(-1), "9 100 9");
  assert.equal(stream.logBytes, before, "one page holds it for all");
});

test("without a publisher a player waits, and starts when one comes", async () => {
  const rig = new FlvRig();
  const ask = rig.ask("/live/test.flv");
  await settle();
  assert.equal(ask.answer, undefined);
  const publisher = rig.publisher();
  const player = await ask.opened();
  publishGop(publisher, 0, 1);
  assert.ok(player.reader.take().length > 2);
});

test("who waits too long for a publisher is told that there is none", async () => {
  const rig = new FlvRig({ playWaitMs: 2000 });
  const ask = rig.ask("/live/test.flv");
  await settle();
  rig.clock.advance(3000);
  const { status, code } = await ask.refused();
  assert.deepEqual([status, code], [404, "not-found"]);
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size], [0, 0]);
});

test("plugins decide, by the same hooks as for RTMP, and are told of the end", async () => {
  const asked: unknown[] = [];
  const gate: Plugin = {
    name: "gate",
    onConnect: ({ app }) => app === "closed" ? refuse("No such room") : undefined,
    onPlay: ({ client: { protocol, agent, address }, name, query, http, rtmp }) => {
      assert.equal(rtmp, undefined);
      asked.push([protocol, name, query.get("token"), agent, http?.referer, address.hostname]);
      return query.get("token") === "t" ? rename("test") : refuse("Token required");
    },
  };
  const rig = new FlvRig({}, gate);
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const { status, message } = await rig.ask("/live/x.flv").refused();
  assert.deepEqual([status, message], [403, "Token required"]);
  assert.equal((await rig.ask("/closed/x.flv?token=t").refused()).message, "No such room");
  rig.takeTold();
  const headers = { "User-Agent": "Player/1", "Referer": "http://page.example/" };
  const player = await rig.ask("/live/x.flv?token=t", { headers }).opened();
  assert.deepEqual(asked.at(-1), [
    "http-flv",
    "x",
    "t",
    "Player/1",
    "http://page.example/",
    "192.0.2.7",
  ]);
  assert.ok(player.reader.take().length > 2, "under the name that the plugin chose");
  player.connection.hangUp();
  await settle();
  assert.deepEqual(rig.takeTold(), ["stop test disconnected", "disconnect disconnected"]);
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size], [0, 0]);
  assert.equal(rig.registry.get({ app: "live", name: "test" })!.playerCount, 0);
});

test("the log says why a plugin or a name keeps a player out, without what its client sent", async () => {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: ["sluice", "flv"], sinks: ["records"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  try {
    const rig = new FlvRig({}, {
      name: "gate",
      onPlay({ name, query }) {
        if (name === "a key") return undefined;
        return refuse(`No ${name} for ${query.get("token")} any more`);
      },
    });
    await rig.ask("/live/k-7f3a9c.flv?token=s3cr3t").refused();
    assert.equal((await rig.ask("/live/a%20key.flv").refused()).status, 400);
  } finally {
    await reset();
  }
  const refused = records.filter(({ message }) => message.join("") === "play refused");
  const [byPlugin, byName] = refused.map(({ properties }) => String(properties.reason));
  assert.match(byPlugin!, /^No \S+ for \S+ any more$/);
  assert.doesNotMatch(byPlugin!, /7f3a9c|s3cr3t/);
  assert.match(byName!, /cannot be that of a stream/);
  assert.equal(refused.length, 2);
});

test("a player that reads slowly skips, and one that takes nothing at all is closed", async () => {
  const rig = new FlvRig({ player: { bytes: 100_000, ms: 5000, overflows: 3 } });
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const [slow, healthy] = [await rig.flvPlayer(), await rig.flvPlayer()];
  slow.connection.block();
  for (let frame = 1; frame <= 100; frame++) {
    const payload = frame % 25 === 0 ? keyFrame(8000, frame) : interFrame(8000, frame);
    publisher.message(Video, 1, frame * 40, payload);
    rig.clock.advance(40);
  }
  assert.equal(healthy.reader.take().at(-1), "9 4000 100");
  slow.connection.drain();
  const tags = slow.reader.take();
  const marks = tags.map((tag) => Number(tag.split(" ")[2]));
  assert.equal(tags.at(-1), "9 4000 100", "it is with the others again");
  assert.ok(tags.length < 60, `${tags.length} tags of 100 frames`);
  // Behind the gap it goes on with a key frame.
  const gap = marks.findIndex((mark, index) => index > 3 && mark > marks[index - 1]! + 1);
  assert.equal(marks[gap]! % 25, 0, marks.join());

  slow.connection.block();
  for (let second = 0; second < 12; second++) {
    publisher.message(Video, 1, 5000 + second * 40, keyFrame(8000));
    publisher.message(Audio, 1, 5000 + second * 40, audioFrame());
    rig.clock.advance(1000);
  }
  await settle();
  assert.equal(slow.connection.closing, "destroy");
  assert.equal(rig.flv.sessions.size, 1);
});

test("what a player calls itself is shown bounded and without what cannot be printed", async () => {
  const rig = new FlvRig();
  rig.ask("/live/test.flv", { headers: { "User-Agent": `a\x9b${"b".repeat(5000)}` } });
  await settle();
  const { client } = [...rig.flv.sessions.values()][0]!.describe();
  assert.ok(client.length < 600 && !client.includes("\x9b"), client);
});

test("players count as connections, and are turned away where there is no room", async () => {
  const rig = new FlvRig({ maxConnectionsPerAddress: 2, maxConnections: 100 });
  publishGop(rig.publisher(), 0, 1);
  const first = await rig.flvPlayer();
  await rig.flvPlayer();
  const { status, code } = await rig.ask("/live/test.flv").refused();
  assert.deepEqual([status, code], [503, "crowded"]);
  first.connection.hangUp();
  await settle();
  await rig.flvPlayer();
});

test("a player that waits plays nothing yet, and is shown with its stream once that is there", async () => {
  const rig = new FlvRig();
  const ask = rig.ask("/live/test.flv");
  await settle();
  const described = () => {
    const { app, state, playing, publishing, bytesIn } = [...rig.flv.sessions.values()][0]!
      .describe();
    return { app, state, playing, publishing, bytesIn };
  };
  const nothing = { publishing: [], bytesIn: 0 };
  assert.deepEqual(described(), { app: "", state: "waiting", playing: [], ...nothing });
  const publisher = rig.publisher();
  await ask.opened();
  publishGop(publisher, 0, 1);
  assert.deepEqual(described(), { app: "live", state: "playing", playing: ["test"], ...nothing });
});

test("of the connections of the HTTP server some may wait for streams, and the one that has done so longest makes room", async () => {
  const rig = new FlvRig();
  publishGop(rig.publisher("live"), 0, 1);
  const first = await rig.ask("/live/live.flv").opened();
  const waiting = ["a", "b", "c"].map((name) => rig.ask(`/live/${name}.flv`));
  await settle();
  await rig.ask("/live/live.flv").opened();
  const { code, status } = await waiting[0]!.refused();
  assert.deepEqual([status, code], [503, "crowded"]);
  assert.ok((await waiting[0]!.response()).headers.has("Access-Control-Allow-Origin"));
  const next = rig.ask("/live/d.flv");
  await settle();
  assert.deepEqual([waiting[1], next].map((ask) => ask!.answer), [undefined, undefined]);
  assert.equal(first.connection.closing, undefined);
});

test("those that wait for a decision keep their places, and others are turned away", async () => {
  const rig = new FlvRig({}, { name: "slow", onPlay: () => new Promise(() => {}) });
  for (const name of ["a", "b", "c"]) rig.ask(`/live/${name}.flv`);
  await settle();
  assert.equal((await rig.ask("/live/d.flv").refused()).code, "crowded");
  assert.equal(rig.flv.sessions.size, 3);
});

test("a fault of ours while a player is let in is thrown, and leaves nothing behind", async () => {
  const rig = new FlvRig();
  rig.registry.play = () => {
    throw new Error("a bug of ours");
  };
  const ask = rig.ask("/live/test.flv");
  await assert.rejects(ask.response(), /a bug of ours/);
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size], [0, 0]);
  assert.deepEqual(rig.takeTold(), ["disconnect internal"]);
});

test("who is refused without a reason of a plugin is told one", async () => {
  const rig = new FlvRig({ playWaitMs: 0 });
  const { code, message } = await rig.ask("/live/test.flv").refused();
  assert.equal(code, "not-found");
  assert.ok(message.length > 10, message);
});

test("a player is described from its request on, and its end says how long it watched", async () => {
  const ends: number[] = [];
  const rig = new FlvRig({}, {
    name: "watch",
    onPlayEnd: ({ durationMs }) => void ends.push(durationMs),
    onDisconnect: ({ durationMs }) => void ends.push(durationMs),
  });
  rig.clock.advance(70_000);
  const since = rig.clock.wall();
  rig.ask("/live/test.flv", { headers: { "User-Agent": "agent" } });
  await settle();
  const [session] = rig.flv.sessions.values();
  assert.match(session!.id, /^[0-9a-f]{12}$/);
  assert.equal(session!.startedAt, 70_000);
  assert.deepEqual(session!.describe(), {
    ...{ protocol: "http-flv", address: "192.0.2.7:5000", app: "", state: "waiting" },
    ...{ secure: false, client: "agent", since, bytesIn: 0, bytesOut: 0 },
    ...{ publishing: [], playing: [] },
  });
  rig.clock.advance(2000);
  session!.end("kicked");
  await settle();
  assert.deepEqual(ends, [2000, 2000]);
});
