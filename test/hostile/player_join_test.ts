/** C6, C8, C9 and L17 in memory: what joining players get, what is kept for them, what they leave. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import {
  type FrameEncoder,
  FrameFlag,
  FrameKind,
  type Publisher,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { CollectingSink, Observer, plainEncoder } from "../hub/support.ts";
import { stopwatch } from "../support/cpu.ts";
import { figure, sized } from "../support/figure.ts";
import { audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { check } from "../support/property.ts";
import { publishGop, Rig, SETTINGS } from "../support/rtmp_service.ts";

const { Audio, Video } = MessageType;
const MiB = 1024 * 1024;
const INFO = { sessionId: "s", address: "192.0.2.1:1", client: "test", since: 0 };
const PATH = { app: "live", name: "test" };

/** Frames as letters: H header with its number, K key, I inter, A audio. */
const letters: FrameEncoder = {
  ...plainEncoder,
  key: "letters",
  size: () => 2,
  encode: ({ kind, flags, payload }, target, offset) => {
    const letter = kind === FrameKind.Audio
      ? "A"
      : (flags & FrameFlag.Header) !== 0
      ? "H"
      : (flags & FrameFlag.Key) !== 0
      ? "K"
      : "I";
    target[offset] = letter.charCodeAt(0);
    target[offset + 1] = payload.at(-1)!;
  },
};

/** The mark of a key frame for which the publisher has sent no header. */
const UNTOLD = 127;

/** A step of a publisher, or a player that joins. */
type Step = "key" | "inter" | "audio" | "header" | "join" | "wait" | "again";

test("C6: whenever a player joins, it starts with the header in force and a key frame", () => {
  let joins = 0;
  let fromCache = 0;
  let wrong = 0;
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Step>("inter") },
    { weight: 3, arbitrary: fc.constantFrom<Step>("audio", "join") },
    { weight: 1, arbitrary: fc.constantFrom<Step>("key", "header", "wait", "again") },
  );
  const limits = fc.record({
    bytes: fc.constantFrom(0, 400, 1e6),
    frames: fc.constantFrom(5, 1000),
    ms: fc.constantFrom(300, 30_000),
  });
  const property = fc.property(
    limits,
    fc.array(step, { maxLength: 80, size: "max" }),
    (gop, steps) => {
      const registry = new StreamRegistry({ ...SETTINGS, gop });
      let now = 0;
      let config = 0;
      let inForce = -1;
      let publisher: Publisher | undefined;
      const begin = () => {
        publisher = registry.publish(PATH, INFO, { onRevoked: () => {} }, now) as Publisher;
        inForce = -1;
      };
      begin();
      const push = (kind: number, payload: Uint8Array) => {
        publisher!.push(kind, now, payload, now);
        publisher!.stream.flush(now);
      };
      const sinks: CollectingSink[] = [];
      for (const one of steps) {
        now += 40;
        if (one === "key") push(FrameKind.Video, keyFrame(20, inForce < 0 ? UNTOLD : inForce));
        else if (one === "inter") push(FrameKind.Video, interFrame(20));
        else if (one === "audio") push(FrameKind.Audio, audioFrame(20));
        else if (one === "wait") registry.tick(now += 500);
        else if (one === "again") begin();
        else if (one === "header") {
          inForce = config = (config + 1) % 100;
          push(FrameKind.Video, Uint8Array.of(0x17, 0, 0, 0, 0, config));
        } else {
          const sink = new CollectingSink();
          const played = registry.play(PATH, letters, sink, new Observer(), now);
          assert.ok(typeof played !== "string");
          sink.player = played;
          sink.pump();
          sinks.push(sink);
          joins++;
          const text = sink.text;
          if (text.includes("K")) fromCache++;
          // What a player is sent at once: nothing but headers, or headers and a GOP.
          const first = /[KI]/.exec(text)?.[0];
          if (first === "I") wrong++;
          if (inForce >= 0) assert.equal(text.slice(0, 2), `H${String.fromCharCode(config)}`);
        }
      }
      // Of everything that players were ever sent: pictures begin with a key, of the last header.
      for (const { text } of sinks) {
        let header: string | undefined;
        let started = false;
        for (let at = 0; at < text.length; at += 2) {
          const letter = text[at];
          if (letter === "H") header = text[at + 1];
          else if (letter === "K") {
            started = true;
            const mark = text[at + 1];
            if (mark !== String.fromCharCode(UNTOLD) && header !== mark) wrong++;
          } else if (letter === "I" && !started) wrong++;
        }
      }
    },
  );
  check(property, sized(3000, 20_000));
  figure({ id: "C6", what: "joins in random histories", value: joins, unit: "", atLeast: 10_000 });
  figure({
    id: "C6",
    what: "joins served from the GOP cache",
    value: fromCache,
    unit: "",
    atLeast: 1,
  });
  figure({ id: "C6", what: "wrong starts", value: wrong, unit: "", atMost: 0 });
});

test("C8: a GOP of 300 s at 20 Mbit/s is kept up to 30 s or 32 MiB, then not at all", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const stream = rig.registry.get(PATH)!;
  rig.player();
  let cached = 0;
  let log = 0;
  const payload = interFrame(100_000);
  const frames = sized(600, 7500);
  for (let frame = 1; frame <= frames; frame++) {
    rig.clock.advance(40);
    publisher.message(Video, 1, frame * 40, payload);
    cached = Math.max(cached, stream.gopBytes);
    log = Math.max(log, stream.logBytes);
  }
  figure({ id: "C8", what: "cache bytes, peak", value: cached, unit: "bytes", atMost: 32 * MiB });
  figure({
    id: "C8",
    what: "encoded media kept beside it for RTMP players, peak",
    value: log,
    unit: "bytes",
    atMost: 2 * 32 * MiB + 256 * 1024,
  });
  assert.equal(stream.gopBytes, 0, "over the limit it is emptied");
  assert.ok(stream.logBytes <= MiB);
  const late = rig.player();
  publisher.message(Video, 1, frames * 40 + 40, payload);
  assert.deepEqual(late.media().map((line) => line.split(" ")[0]), ["9", "8"], "headers only");
  publisher.message(Video, 1, frames * 40 + 80, keyFrame(1000, 9));
  assert.deepEqual(late.media(), [`9 ${frames * 40 + 80} 9`], "a late player starts with the next");
});

test("C8: without any key frame nothing is cached, and inter frames reach nobody", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  publisher.message(Video, 1, 0, VIDEO_HEADER);
  player.takeMessages();
  for (let frame = 1; frame <= 500; frame++) {
    rig.clock.advance(40);
    publisher.message(Video, 1, frame * 40, interFrame(100_000));
    publisher.message(Audio, 1, frame * 40, audioFrame());
  }
  const stream = rig.registry.get(PATH)!;
  figure({
    id: "C8",
    what: "cache bytes without a key frame",
    value: stream.gopBytes,
    unit: "bytes",
    atMost: 0,
  });
  figure({
    id: "C8",
    what: "log bytes without a key frame",
    value: stream.logBytes,
    unit: "bytes",
    atMost: MiB,
  });
  assert.ok(player.takeMessages().every(({ type }) => type !== Video));
});

test("C8: 2500 messages are the bound where neither bytes nor time is", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const stream = rig.registry.get(PATH)!;
  let most = 0;
  for (let frame = 1; frame <= 6000; frame++) {
    publisher.message(Audio, 1, frame, audioFrame());
    if (frame % 50 === 0) most = Math.max(most, [...stream.gop()].length);
  }
  figure({ id: "C8", what: "messages in a cache, peak", value: most, unit: "", atMost: 2500 });
});

test("C9: players that join at once share one GOP of 10 MB and do not hold up the publisher", () => {
  const players = sized(100, 1000);
  const limits = { maxConnections: 2000, maxConnectionsPerAddress: 2000 };
  const rig = new Rig({ ...limits, maxPendingConnections: 2000 });
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, VIDEO_HEADER);
  const payload = interFrame(100_000);
  for (let frame = 0; frame < 100; frame++) {
    rig.clock.advance(40);
    publisher.message(Video, 1, frame * 40, frame === 0 ? keyFrame(100_000) : payload);
  }
  const stream = rig.registry.get(PATH)!;
  const cached = stream.gopBytes;
  rig.player();
  const before = stream.logBytes;
  let slowest = 0;
  let peak = 0;
  let frame = 100;
  const publishOne = () => {
    rig.clock.advance(40);
    const time = stopwatch();
    publisher.message(Video, 1, frame++ * 40, payload);
    slowest = Math.max(slowest, time());
    peak = Math.max(peak, stream.logBytes);
  };
  const joined = Array.from({ length: players }, (_, index) => {
    const client = rig.client().connected();
    // What a socket takes at once, and goes on to take bit by bit.
    client.connection.room = 200_000;
    client.play(1, "test");
    if (index % (players / 25) === 0) publishOne();
    return client;
  });
  const first = joined.filter(({ messages }) =>
    messages.some(({ type, payload }) => type === Video && payload[1] === 1 && payload[0] === 0x17)
  );
  assert.equal(first.length, players, "each has its key frame already");
  for (let round = 0; round < 20; round++) {
    for (const client of joined) {
      client.connection.drain(1_000_000);
      client.messages.length = 0;
      client.takeMessages();
    }
    publishOne();
  }
  assert.ok(
    joined.every(({ connection }) => !connection.closed && connection.closing === undefined),
  );
  assert.ok(joined.every(({ session }) => session.writer.busy === false), "all caught up");
  figure({
    id: "C9",
    what: `memory that ${players} joins add to a GOP of ${Math.round(cached / 1e6)} MB`,
    value: peak - before,
    unit: "bytes",
    // What was published meanwhile.
    atMost: 2 * 50 * 100_100 + 256 * 1024,
  });
  figure({
    id: "C9",
    what: `longest time that one message took to reach ${players} clients in memory`,
    value: Math.round(slowest),
    unit: "ms",
    // What the clients do with it is done in the same call.
    atMost: 500,
    by: "cpu",
    slack: 4,
  });
});

test("L14: players of unusual message streams do not have the GOP kept for each of them", () => {
  const rig = new Rig({ maxStreamsPerConnection: 16 });
  const publisher = rig.publisher();
  publisher.message(Video, 1, 0, VIDEO_HEADER);
  const payload = interFrame(100_000);
  const watcher = rig.player();
  // Sixteen message streams, each with sound, with picture, with both: 48 ways to be encoded.
  const clients = ["both", "receiveAudio", "receiveVideo"].map((without) => {
    const client = rig.client().connected(16);
    for (let id = 1; id <= 16; id++) {
      if (without !== "both") client.command(id, without, 0, null, false);
      client.play(id, "test");
    }
    return client;
  });
  const stream = rig.registry.get(PATH)!;
  let peak = 0;
  for (let frame = 0; frame < 100; frame++) {
    rig.clock.advance(40);
    publisher.message(Video, 1, frame * 40, frame === 0 ? keyFrame(100_000) : payload);
    peak = Math.max(peak, stream.logBytes);
    for (const client of [watcher, ...clients]) client.messages.length = 0;
    for (const client of [watcher, ...clients]) client.takeMessages();
  }
  figure({
    id: "L14",
    what: "memory of a GOP of 10 MB that is read in 48 ways, in GOPs",
    value: Math.round(10 * peak / stream.gopBytes) / 10,
    unit: "",
    // With sound and without, however many message streams there are; without video there is no GOP.
    atMost: 3,
  });
  const late = rig.player();
  assert.equal(late.takeMessages().filter(({ type }) => type === Video).length, 101, "at once");
  const odd = rig.client().connected(16);
  odd.play(16, "test");
  const sent = odd.takeMessages().filter(({ type }) => type === Video);
  assert.equal(sent.length, 101, "at once too");
  assert.ok(sent.every(({ messageStreamId }) => messageStreamId === 16));
});

test("L17: waits of 10,000 made-up names keep no publisher out and are gone with their time", () => {
  const limits = { maxConnections: 2000, maxConnectionsPerAddress: 2000 };
  const names = sized(2000, 10_000);
  const settings = { ...limits, maxPendingConnections: 2000, maxStreams: 1, maxWaits: names };
  const rig = new Rig({ ...settings, maxStreamsPerConnection: 16 });
  const clients = Array.from({ length: names / 16 }, (_, index) => {
    const client = rig.client().connected(16);
    for (let id = 1; id <= 16; id++) client.play(id, `made-up-${index}-${id}`);
    return client;
  });
  figure({
    id: "L17",
    what: "names waited for, peak",
    value: rig.registry.waits.names,
    unit: "",
    atLeast: names,
    atMost: names,
  });
  assert.equal(rig.registry.size, 0, "none of them is a stream");
  const publisher = rig.client().connected();
  publisher.publish(1, "real");
  assert.deepEqual(publisher.codes(), ["NetStream.Publish.Start"]);
  assert.equal(rig.registry.waits.size, names, "nobody had to make room");
  rig.clock.advance(rig.settings.playWaitMs + 1000);
  figure({
    id: "L17",
    what: "names kept once waits are over",
    value: rig.registry.waits.names,
    unit: "",
    atMost: 0,
  });
  assert.equal(clients.at(-1)!.codes().length, 16, "each is told");
});

test("L17: names are free at once when those who waited hang up", () => {
  const rig = new Rig();
  const clients = Array.from({ length: 50 }, (_, index) => rig.player(`name-${index}`));
  assert.equal(rig.registry.waits.size, 50);
  for (const { connection } of clients) connection.hangUp();
  return Promise.resolve().then(() => assert.equal(rig.registry.waits.size, 0));
});

test("L17: a stream is freed with its last user, and its memory with it", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  const stream = rig.registry.get(PATH)!;
  assert.ok(stream.logBytes > 0 && stream.gopBytes > 0);
  publisher.command(0, "deleteStream", 9, null, 1);
  assert.equal(rig.registry.size, 0, "at once");
  assert.equal(stream.gopBytes, 0);
  player.command(0, "deleteStream", 9, null, 1);
  assert.equal(rig.registry.size, 0);
});
