/** C1 to C4 and L14 in memory: what waits for slow players, on a clock that the test moves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import type { LiveStream } from "../../src/hub/mod.ts";
import { figure, sized } from "../support/figure.ts";
import { audioFrame, interFrame, keyFrame } from "../support/media.ts";
import { publishGop, Rig, type RigClient, settle } from "../support/rtmp_service.ts";

const { Audio, Video } = MessageType;
const MiB = 1024 * 1024;
const FRAME_MS = 40;
const GOP_FRAMES = 50;

/**
 * The most memory that so many bytes of a log take: a message goes into the next page when it does
 * not fit, so that two pages in a row are more than half full; and the last one is not full yet.
 */
const inPages = (bytes: number) => 2 * bytes + 256 * 1024;

/** A publisher of 25 pictures and sounds a second, numbered, with a key frame every 2 s. */
class Source {
  readonly rig: Rig;
  readonly client: RigClient;
  readonly stream: LiveStream;
  frames = 0;
  /** Most memory that the log of the stream took. */
  peak = 0;

  constructor(rig: Rig, readonly bytes = 10_000, start = 0) {
    this.rig = rig;
    this.client = rig.publisher();
    this.stream = rig.registry.get({ app: "live", name: "test" })!;
    publishGop(this.client, start);
  }

  /** Publishes for `ms`; `each` is called behind every picture. */
  run(ms: number, each: () => void = () => {}): void {
    for (let left = ms; left > 0; left -= FRAME_MS) {
      this.rig.clock.advance(FRAME_MS);
      const time = this.rig.clock.now();
      const isKey = this.frames % GOP_FRAMES === 0;
      const payload = isKey ? keyFrame(this.bytes) : interFrame(this.bytes);
      new DataView(payload.buffer).setUint32(8, ++this.frames);
      this.client.message(Video, 1, time, payload);
      this.client.message(Audio, 1, time + 10, audioFrame());
      this.peak = Math.max(this.peak, this.stream.logBytes);
      each();
    }
  }
}

/** A picture as a player received it. */
interface Picture {
  readonly number: number;
  readonly isKey: boolean;
  readonly timestamp: number;
}

/** The pictures since the last call; forgets them. */
function pictures(client: RigClient): Picture[] {
  const taken = client.takeMessages().filter(({ type, payload }) =>
    type === Video && payload.length > 100 && payload[1] === 1 && payload.length !== 5000 &&
    payload.length !== 300
  );
  client.messages.length = 0;
  client.takeMessages();
  return taken.map(({ payload, timestamp }) => ({
    number: new DataView(payload.buffer, payload.byteOffset).getUint32(8),
    isKey: payload[0] === 0x17,
    timestamp,
  }));
}

/** Pictures that need one before them which was left out. */
function undecodable(shown: readonly Picture[]): number {
  return shown.filter(({ number, isKey }, index) =>
    index > 0 && !isKey && number !== shown[index - 1]!.number + 1
  ).length;
}

/** Asserts that no picture is shown whose predecessor was left out; counts those left out. */
function assertDecodable(shown: readonly Picture[]): number {
  let lost = 0;
  for (let index = 1; index < shown.length; index++) {
    const [before, one] = [shown[index - 1]!, shown[index]!];
    assert.ok(one.number > before.number, "in order");
    assert.ok(one.timestamp > before.timestamp, "time goes on");
    if (one.number === before.number + 1) continue;
    lost += one.number - before.number - 1;
    assert.ok(one.isKey, `picture ${one.number} follows ${before.number} and is no key frame`);
  }
  return lost;
}

test("C1: who takes nothing is cut off after 10 s; what waits stays within 5 s of media", async () => {
  const rig = new Rig();
  const source = new Source(rig, 10_000);
  const healthy = Array.from({ length: 20 }, () => rig.player());
  const stopped = rig.player();
  source.run(2000);
  const before = source.peak;
  stopped.connection.block();
  const stoppedAt = rig.clock.now();
  let closedAt = 0;
  source.run(20_000, () => {
    if (stopped.connection.closed && closedAt === 0) closedAt = rig.clock.now();
  });
  for (const player of healthy) {
    const seen = pictures(player);
    assert.equal(assertDecodable(seen), 0, "nobody else loses anything");
    assert.equal(seen.length, source.frames);
  }
  figure({
    id: "C1",
    what: "time until a stopped player is cut off",
    value: closedAt - stoppedAt,
    unit: "ms",
    by: "model",
    atMost: 11_000,
  });
  figure({
    id: "C1",
    what: "memory kept for a stopped player at 2 Mbit/s",
    value: source.peak - before,
    unit: "bytes",
    // 5.5 s of media, as ages are looked at twice a second, and a page.
    atMost: inPages(5.5 * 25 * 10_100),
  });
  await settle();
  assert.deepEqual(rig.takeTold(), ["stop test stalled", "disconnect stalled"]);
});

test("C1: at 80 Mbit/s what waits for a stopped player stays within playerQueueBytes", () => {
  const rig = new Rig();
  const source = new Source(rig, 400_000);
  const stopped = rig.player();
  rig.player();
  source.run(2000);
  const gop = GOP_FRAMES * 400_100;
  stopped.connection.block();
  source.run(sized(3000, 9000));
  figure({
    id: "C1",
    what: "memory kept at 80 Mbit/s: GOP of 2 s, 8 MiB, pages",
    value: source.peak,
    unit: "bytes",
    atMost: inPages(gop + rig.settings.player.bytes),
  });
});

test("C2: half of the players stopped at once take no more memory than one of them", () => {
  const players = sized(100, 1000);
  const rig = new Rig({ maxConnections: 2000, maxConnectionsPerAddress: 2000 });
  const source = new Source(rig, 20_000);
  const all = Array.from({ length: players }, () => rig.player());
  source.run(2000);
  const before = source.peak;
  const stopped = all.filter((_, index) => index % 2 === 0);
  const healthy = all.filter((_, index) => index % 2 === 1);
  for (const { connection } of stopped) connection.block();
  for (const player of all) pictures(player);
  const first = source.frames;
  let seen = 0;
  source.run(12_000, () => {
    for (const player of healthy) seen += pictures(player).length;
  });
  assert.equal(seen, healthy.length * (source.frames - first), "the others lost nothing");
  assert.ok(stopped.every(({ connection }) => connection.closed), "cut off");
  figure({
    id: "C2",
    what: `memory kept for ${stopped.length} stopped players of one stream at 4 Mbit/s`,
    value: source.peak - before,
    unit: "bytes",
    atMost: inPages(5.5 * 25 * 20_100),
  });
  assert.ok(source.stream.logBytes <= inPages(before), "and given back");
});

test("C3: a reader at 30 % of the bitrate sees whole runs from key frames, and is kept", () => {
  const rig = new Rig();
  const source = new Source(rig, 10_000);
  const slow = rig.player();
  source.run(2000);
  pictures(slow);
  const perFrame = 0.3 * 10_100;
  slow.connection.block();
  let shown: Picture[] = [];
  source.run(60_000, () => {
    slow.connection.drain(perFrame);
    shown = shown.concat(pictures(slow));
  });
  const lost = assertDecodable(shown);
  assert.ok(lost > 0);
  assert.deepEqual(rig.takeTold(), [], "slow is not stalled");
  figure({
    id: "C3",
    what: "pictures a second at 30 % of the bitrate, of 25",
    value: Math.round(10 * shown.length / 60) / 10,
    unit: "1/s",
    atLeast: 5,
    by: "model",
  });
  figure({
    id: "C3",
    what: "pictures without the one before",
    value: undecodable(shown),
    unit: "",
    atMost: 0,
  });
});

test("C4: after a stall of 8 s a player goes on with a key frame, within a GOP", () => {
  let worst = 0;
  let notKey = 0;
  for (let offset = 0; offset < GOP_FRAMES; offset += sized(7, 1)) {
    const rig = new Rig();
    const source = new Source(rig);
    const player = rig.player();
    source.run(2000 + offset * FRAME_MS);
    pictures(player);
    player.connection.block();
    source.run(8000);
    player.connection.drain();
    const resumedAt = rig.clock.now();
    let shown = pictures(player);
    let keyAt = shown.some(({ isKey }) => isKey) ? rig.clock.now() : 0;
    source.run(4000, () => {
      shown = shown.concat(pictures(player));
      if (keyAt === 0 && shown.some(({ isKey }) => isKey)) keyAt = rig.clock.now();
    });
    // One write was in flight when it stopped: a picture that belongs to what it saw before.
    const fresh = shown.filter(({ number }) => number > shown[0]!.number + 1);
    if (!fresh[0]!.isKey) notKey++;
    assertDecodable(shown);
    worst = Math.max(worst, keyAt - resumedAt);
    assert.equal(player.connection.closed, false);
  }
  const id = "C4";
  figure({ id, what: "pictures before a key frame", value: notKey, unit: "", atMost: 0 });
  figure({
    id,
    what: "time to a picture after 8 s",
    value: worst,
    unit: "ms",
    atMost: 2000,
    by: "model",
  });
});

/** Stalls for 6 s, long enough to go over playerQueueMs, and then reads for `pause`. */
function stallAgain(source: Source, player: RigClient, pause: number): void {
  player.connection.block();
  source.run(6000);
  player.connection.drain();
  source.run(pause);
}

test("L14: the third overflow within a minute ends a player, which is told why", () => {
  const rig = new Rig();
  const source = new Source(rig);
  const player = rig.player();
  const other = rig.player();
  source.run(2000);
  stallAgain(source, player, 4000);
  stallAgain(source, player, 4000);
  assert.equal(player.connection.closing, undefined, "twice is let pass");
  player.take();
  player.connection.block();
  source.run(6000);
  player.connection.drain();
  assert.deepEqual(rig.takeTold(), ["stop test stalled"]);
  assert.equal(player.connection.closing, "end");
  assert.deepEqual(player.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  assert.equal(assertDecodable(pictures(other)), 0);
});

test("L14: overflows more than a minute apart are not held against a player", () => {
  const rig = new Rig();
  const source = new Source(rig, 1000);
  const player = rig.player();
  for (let count = 0; count < 5; count++) stallAgain(source, player, 55_000);
  assert.equal(player.connection.closing, undefined);
});

test("L14: one long stall is one overflow, however often the queue fills meanwhile", () => {
  const rig = new Rig({ player: { bytes: 65_536, ms: 5000, overflows: 3 } });
  const source = new Source(rig, 20_000);
  const player = rig.player();
  source.run(2000);
  pictures(player);
  player.connection.block();
  source.run(9000);
  player.connection.drain();
  assert.equal(player.connection.closing, undefined);
  source.run(2000);
  const shown = pictures(player);
  assertDecodable(shown);
  assert.ok(shown.some(({ isKey }) => isKey), "and it goes on");
});

test("L14: with playerOverflows 0 a player may skip for ever", () => {
  const rig = new Rig({ player: { bytes: 8 * MiB, ms: 5000, overflows: 0 } });
  const source = new Source(rig, 1000);
  const player = rig.player();
  for (let count = 0; count < 8; count++) stallAgain(source, player, 1000);
  assert.equal(player.connection.closing, undefined);
});

test("L14: a paused player keeps no media, however long it stays", () => {
  const rig = new Rig();
  const source = new Source(rig, 100_000);
  const player = rig.player();
  source.run(2000);
  player.command(1, "pause", 0, null, true, 0);
  source.peak = 0;
  source.run(sized(20_000, 120_000));
  figure({
    id: "L14",
    what: "memory of a stream at 20 Mbit/s whose only player is paused: GOP and pages",
    value: source.peak,
    unit: "bytes",
    atMost: inPages(GOP_FRAMES * 100_100),
  });
  assert.equal(player.connection.closed, false);
});

test("L14: a player that waits for a key frame that never comes keeps no media", () => {
  const rig = new Rig();
  const source = new Source(rig, 100_000);
  const player = rig.player();
  source.run(2000);
  player.connection.block();
  source.run(6000);
  // From here on only inter frames: there is nothing to go on with.
  source.peak = 0;
  for (let frame = 0; frame < sized(500, 5000); frame++) {
    rig.clock.advance(FRAME_MS);
    player.connection.drain(1000);
    const payload = interFrame(100_000);
    source.client.message(Video, 1, rig.clock.now(), payload);
    source.peak = Math.max(source.peak, source.stream.logBytes);
  }
  figure({
    id: "L14",
    what: "memory while no key frame comes: at most the caches' and the queue's bound",
    value: source.peak,
    unit: "bytes",
    atMost: inPages(rig.settings.gop.bytes + rig.settings.player.bytes),
  });
  assert.equal(source.stream.gopBytes, 0, "the GOP is too old");
  assert.ok(source.stream.logBytes <= inPages(rig.settings.player.bytes), "no more than a queue");
});
