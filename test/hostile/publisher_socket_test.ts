/** D1, D2, D5, D6, D7 and D8 against the real program: killed, rival, refused, odd, hasty, lying. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { AmfEcmaArray, type AmfValue, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { joined, writeMessage } from "../support/chunks.ts";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { Decoder, framesOf, publish } from "../support/ffmpeg.ts";
import { figure, sized } from "../support/figure.ts";
import { interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";
import { Beat, HealthySet, type Heard, pictureOf } from "./healthy_set.ts";
import { receiveQueue, residentBytes } from "./machine.ts";

const MiB = 1024 * 1024;

test("D1: a publisher that is killed is noticed within a second, and its end told once", async () => {
  await using server = await startServer(["--reconnect-window-ms", "0"]);
  const path = await clip("av");
  const times: number[] = [];
  const kills = sized(2, 20);
  for (let round = 0; round < kills; round++) {
    const name = `a${round}`;
    await using publisher = publish(path, server.url("live", name), { realTime: true, loop: true });
    await server.waitForLog("publishing", { name });
    await using player = await RtmpClient.open(server.rtmpPort);
    await player.play("live", name);
    await player.waitFor(({ type }) => type === Type.Video, "video");
    const killedAt = performance.now();
    publisher.signal("SIGKILL");
    await player.statusOf("NetStream.Play.UnpublishNotify");
    await server.waitForLog("unpublished", { name });
    times.push(performance.now() - killedAt);
  }
  const told = server.logs.filter(({ message }) => message === "unpublished").length;
  const id = "D1";
  figure({ id, what: "ends told more than once", value: told - kills, unit: "", atMost: 0 });
  figure({
    id,
    what: "kill -9 to the end of the stream, slowest",
    value: Math.round(Math.max(...times)),
    unit: "ms",
    atMost: 1000,
    by: "wall",
  });
  server.assertHealthy();
});

/** The longest time without a picture, and whether the times of all that came went on. */
function gapOf(
  { messages }: { readonly messages: readonly Heard[] },
): { gap: number; goesOn: boolean; headers: number } {
  let gap = 0;
  let goesOn = true;
  let headers = 0;
  let last: { at: number; timestamp: number } | undefined;
  for (const { type, payload, at, timestamp } of messages) {
    if (type === Type.Video && payload[1] === 0) headers++;
    if (pictureOf(type, payload) === undefined) continue;
    if (last !== undefined) {
      gap = Math.max(gap, at - last.at);
      if (timestamp <= last.timestamp) goesOn = false;
    }
    last = { at, timestamp };
  }
  return { gap: Math.round(gap), goesOn, headers };
}

for (const policy of ["replace", "reject"] as const) {
  const how = policy === "replace" ? "takes over" : "comes back within the window";
  test(`D2: under ${policy} a publisher that ${how} costs players no more than a GOP`, async () => {
    const window = ["--reconnect-window-ms", "5000"];
    await using server = await startServer(["--publish-policy", policy, ...window]);
    const rounds = sized(1, 20);
    const gaps: number[] = [];
    let first = await Beat.start(server.rtmpPort, "a", 1000);
    try {
      await using healthy = await HealthySet.join(server.rtmpPort, "a", 3);
      for (let round = 0; round < rounds; round++) {
        await first.pass(300);
        for (const { messages } of healthy.clients) messages.length = 0;
        if (policy === "reject") first.client.cut();
        const second = await until(
          () => Beat.start(server.rtmpPort, "a", 1000).catch(() => undefined),
          "the name is free",
        );
        await first[Symbol.asyncDispose]();
        first = second;
        await second.pass(400);
        for (const client of healthy.clients) {
          const { gap, goesOn, headers } = gapOf(client);
          gaps.push(gap);
          assert.ok(goesOn, "time goes on");
          assert.ok(headers >= 1, "the new header was sent");
        }
      }
    } finally {
      await first[Symbol.asyncDispose]();
    }
    figure({
      id: "D2",
      what: `longest time without a picture, ${policy}; GOP of 1000 ms`,
      value: Math.max(...gaps),
      unit: "ms",
      atMost: 1500,
      by: "wall",
    });
    server.assertHealthy();
  });
}

test("D5: ffmpeg whose publish is refused gives up, having asked once", async () => {
  await using server = await startServer(["--plugin", "test/support/plugins/gatekeeper.ts"]);
  await using publisher = publish(await clip("av"), server.url("live", "refuse-me"), {
    realTime: true,
  });
  const { code } = await publisher.ended();
  assert.notEqual(code, 0);
  await server.waitForLog("publish refused");
  const refused = server.logs.filter(({ message }) => message === "publish refused").length;
  figure({
    id: "D5",
    what: "times that a refused ffmpeg asked",
    value: refused,
    unit: "",
    atMost: 1,
  });
  assert.ok(!server.logs.some(({ message }) => message === "publishing"));
});

/** The tags of an FLV file [FLV §E.4.1]. */
function tagsOf(path: string): { type: number; timestamp: number; payload: Uint8Array }[] {
  const bytes = new Uint8Array(readFileSync(path));
  const view = new DataView(bytes.buffer);
  const tags = [];
  for (let at = 13; at + 11 <= bytes.length;) {
    const size = view.getUint32(at) & 0xffffff;
    const timestamp = view.getUint32(at + 4) >>> 8 | bytes[at + 7]! << 24;
    tags.push({ type: bytes[at]!, timestamp, payload: bytes.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return tags;
}

test("D6: across each wrap ffmpeg decodes every picture, without an error", async () => {
  await using server = await startServer();
  const path = await clip("av");
  const pictures = (await framesOf(path)).length;
  for (const bits of [24, 31, 32]) {
    const name = `wrap${bits}`;
    await using player = new Decoder(server.url("live", name));
    await using publisher = await RtmpClient.open(server.rtmpPort);
    const { id } = await publisher.publish("live", name);
    await until(async () => {
      const { body } = await server.api(`/streams/live/${name}`);
      return (body as { players: number }).players === 1;
    }, "ffmpeg plays");
    for (const { type, timestamp, payload } of tagsOf(path)) {
      if (type === Type.Data) continue;
      publisher.send(type, id, (2 ** bits - 1000 + timestamp) >>> 0, payload);
    }
    publisher.command(0, "deleteStream", null, id);
    const { code, stderr } = await player.ended();
    const decoded = (await player.frames()).length;
    assert.equal(code, 0, stderr);
    assert.equal(decoded, pictures);
    const errors = stderr.split("\n").filter((line) => line !== "").length;
    const what = `errors of ffmpeg across 2^${bits} ms`;
    figure({ id: "D6", what, value: errors, unit: "", atMost: 0 });
  }
});

test("D7: a publisher that bursts slows nobody else, and nothing piles up for it", async () => {
  await using server = await startServer();
  await using beat = await Beat.start(server.rtmpPort, "steady", 5000);
  await using healthy = await HealthySet.join(server.rtmpPort, "steady", sized(3, 20));
  await beat.pass(300);
  healthy.take();
  await beat.pass(sized(500, 5000));
  const before = healthy.take();
  const memory = residentBytes(server.pid);
  await using hasty = await RtmpClient.open(server.rtmpPort);
  const { id } = await hasty.publish("live", "hasty");
  hasty.send(Type.SetChunkSize, 0, 0, Uint8Array.of(0, 1, 0, 0));
  hasty.send(Type.Video, id, 0, VIDEO_HEADER);
  // 10 s at 8 Mbit/s, made before, so that it costs the players here nothing.
  const burst = joined(Array.from({ length: 250 }, (_, frame) => {
    const payload = frame % 50 === 0 ? keyFrame(40_000) : interFrame(40_000);
    const message = { type: Type.Video, streamId: id, timestamp: frame * 40, payload };
    return writeMessage(message, 6, 65_536);
  }));
  await beat.pass(100);
  healthy.take();
  for (let count = 0; count < sized(2, 20); count++) {
    hasty.sendBytes(burst);
    await beat.pass(300);
  }
  const during = healthy.take();
  assert.equal(during.missing, 0);
  await until(async () => {
    const { body } = await server.api("/streams/live/hasty");
    return (body as { bytesIn: number }).bytesIn >= sized(2, 20) * 250 * 40_000;
  }, "all of it was read");
  const what = "p99 of others while 10 s come in a burst, more than before";
  const value = Math.round((during.p99 - before.p99) * 10) / 10;
  figure({ id: "D7", what, value, unit: "ms", atMost: 10, by: "wall" });
  figure({
    id: "D7",
    what: "bytes of it left unread, once it was over",
    value: receiveQueue(server.rtmpPort, hasty.localPort),
    unit: "bytes",
    atMost: 65_536,
  });
  figure({
    id: "D7",
    what: "resident memory that bursts of 10 MB cost",
    value: Math.max(0, Math.round((residentBytes(server.pid) - memory) / MiB)),
    unit: "MiB",
    atMost: 48,
    slack: 2,
  });
  server.assertHealthy();
});

const ESC = "\x1b[2J\x1b]0;owned\x07";
const HOSTILE: [string, AmfValue][] = [
  ["width", NaN],
  ["height", Infinity],
  ["framerate", -5],
  ["encoder", `<img src=x onerror=alert(1)>${ESC}`],
  ["title", "</script><script>alert(1)</script>"],
  [`key${ESC}`, "line\r\nbreak\u2028"],
  ["__proto__", "polluted"],
  ["long", "x".repeat(10_000)],
];

test("D8: hostile metadata is plain JSON in the API, and no log line carries it raw", async () => {
  await using server = await startServer(["--log-level", "trace"]);
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  const metadata = new AmfEcmaArray(HOSTILE);
  publisher.send(Type.Data, id, 0, encodeAmf0("@setDataFrame", "onMetaData", metadata));
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame());
  const url = `http://127.0.0.1:${server.httpPort}/streams/live/a`;
  // What is answered behind it, it has read.
  await publisher.call(0, "_checkbw", null);
  const response = await fetch(url);
  const text = await response.text();
  assert.match(response.headers.get("content-type")!, /^application\/json/);
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]/, "control characters are escaped");
  const view = JSON.parse(text) as {
    video: { width: number | null; height: number | null; frameRate: number | null };
    metadata: Record<string, unknown>;
  };
  assert.equal(view.video.width, 320, "the sequence header is believed, not NaN");
  assert.ok(view.video.frameRate === null || view.video.frameRate >= 0);
  assert.ok(Object.getPrototypeOf(view.metadata) === Object.prototype, "no prototype was set");
  assert.equal(Object.getOwnPropertyDescriptor(Object.prototype, "polluted"), undefined);
  figure({
    id: "D8",
    what: "answer of the API about a stream with hostile metadata",
    value: text.length,
    unit: "bytes",
    atMost: 32 * 1024,
  });
  const { stdout, stderr } = await server.stop();
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout + stderr, /[\x00-\x08\x0b-\x1f]/, "no escape reaches a terminal");
  const longest = Math.max(...stdout.split("\n").map((line) => line.length));
  figure({ id: "D8", what: "longest log line", value: longest, unit: "bytes", atMost: 2048 });
});
