/** One player of a recording, by what its owner is told and what it hands out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaMemory } from "../../../src/hub/mod.ts";
import { FlvFile } from "../../../src/recordings/flv_file.ts";
import { RtmpEncoders } from "../../../src/service/rtmp/frame_encoder.ts";
import { PaceWheel } from "../../../src/service/rtmp/pace_wheel.ts";
import { RecordedBlocks } from "../../../src/service/rtmp/recorded_blocks.ts";
import {
  RecordedPlayer,
  type RecordedPlayerOptions,
} from "../../../src/service/rtmp/recorded_player.ts";
import { ChunkReader } from "../../support/chunks.ts";
import { FakeClock } from "../../support/clock.ts";
import { flv, HEADERS, media } from "../../support/flv_files.ts";
import { BytesSource } from "../../support/media_source.ts";

async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

/** A file that is played, and who plays it. */
class Playing {
  readonly clock = new FakeClock();
  readonly memory = new MediaMemory();
  readonly source: BytesSource;
  readonly told: string[] = [];
  readonly sink = { busy: false };
  readonly share;
  bufferMs = 1000;
  grows = false;
  player!: RecordedPlayer;

  constructor(bytes: Uint8Array) {
    this.source = new BytesSource(bytes);
    this.clock.advance(1000);
    this.share = {
      clock: this.clock,
      memory: this.memory,
      blocks: new RecordedBlocks(this.memory),
      wheel: new PaceWheel(this.clock),
    };
  }

  static async of(
    { from = 0, seconds = 20, ...options }:
      & Partial<RecordedPlayerOptions>
      & { readonly from?: number; readonly seconds?: number } = {},
  ): Promise<Playing> {
    const playing = new Playing(flv(...HEADERS, ...media(seconds)));
    const file = await FlvFile.open(playing.source);
    assert.ok(file instanceof FlvFile);
    const self = playing;
    playing.player = new RecordedPlayer({
      ...{ share: playing.share, file, place: await file.place(from), sink: playing.sink },
      encoder: new RtmpEncoders(128).get(1, true, true),
      ...{ until: Infinity, once: false, maxAheadMs: 60_000, origin: 0, unshownMs: 0 },
      ...options,
    }, {
      get bufferMs() {
        return self.bufferMs;
      },
      get grows() {
        return self.grows;
      },
      onReady: () => void self.told.push("ready"),
      onRead: () => void self.told.push("read"),
      onMoved: () => void self.told.push("moved"),
      onEnd: () => void self.told.push("end"),
      onDry: () => void self.told.push("dry"),
      onFault: (error) => void self.told.push(String(error)),
    });
    return playing;
  }

  /** All that is there to be handed out, media as "kind time". */
  async take(): Promise<string[]> {
    const reader = new ChunkReader();
    const seen: string[] = [];
    for (let turn = 0; turn < 60; turn++) {
      const bytes = this.player.next();
      if (bytes === undefined) {
        const { length } = this.told;
        await settle();
        if (this.told.length === length) break;
        continue;
      }
      for (const { type, timestamp, payload } of reader.read(bytes)) {
        const header = type !== 18 && payload[1] === 0;
        seen.push(`${type}${header ? "h" : ""} ${timestamp}`);
      }
    }
    return seen;
  }

  /** Time passes, and all that comes is taken. */
  async pass(ms: number): Promise<string[]> {
    const seen: string[] = [];
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      seen.push(...await this.take());
    }
    return seen;
  }
}

const timeOf = (text: string | undefined) => Number(text?.split(" ")[1]);

test("what is handed out is ahead of what is shown by the buffer, at every moment", async () => {
  const playing = await Playing.of();
  const first = await playing.take();
  assert.deepEqual(first.slice(0, 4), ["18 0", "9h 0", "8h 0", "9 0"]);
  const { player } = playing;
  assert.equal(player.last, timeOf(first.at(-1)));
  assert.equal(player.position, player.last);
  assert.equal(player.unshownMs, player.last);
  for (let second = 1; second < 8; second++) {
    await playing.pass(1000);
    const ahead = player.last - 1000 * second;
    assert.ok(ahead >= 960 && ahead <= 1500, `${ahead}`);
    assert.equal(player.unshownMs, ahead);
    assert.equal(player.played, player.last);
  }
});

test("in a playlist time goes on, and what is unshown of before counts", async () => {
  const playing = await Playing.of({ from: 4000, origin: 10_000, unshownMs: 500 });
  const frames = await playing.take();
  assert.deepEqual(frames.slice(0, 4), ["18 10000", "9h 10000", "8h 10000", "9 10000"]);
  const { player } = playing;
  assert.equal(player.zero, -6000);
  assert.ok(player.last >= 10_460 && player.last <= 11_000, `${player.last}`);
  assert.equal(player.position, player.last - 6000);
  assert.equal(player.played, player.last - 10_000);
  assert.equal(player.unshownMs, player.played + 500);
});

test("it ends where it is to end, and counts what was handed out", async () => {
  const playing = await Playing.of({ until: 2010 });
  playing.bufferMs = 60_000;
  const frames = await playing.take();
  assert.equal(frames.at(-1), "8 2010");
  assert.equal(playing.told.at(-1), "end");
  assert.equal(playing.player.played, 2010);
  assert.ok(playing.player.bytesOut > 50 * (300 + 60));
  assert.equal(playing.player.next(), undefined);
  assert.equal(playing.told.filter((what) => what === "end").length, 1);
  const whole = await Playing.of();
  whole.bufferMs = 60_000;
  assert.equal((await whole.take()).at(-1), "8 19970");
  assert.equal(whole.told.at(-1), "end");
});

test("an end that is told later counts, and is not later than the first one", async () => {
  const playing = await Playing.of({ until: 6000 });
  playing.bufferMs = 60_000;
  playing.player.endBefore(2010);
  assert.equal((await playing.take()).at(-1), "9 2000");
  const other = await Playing.of({ until: 3000 });
  other.bufferMs = 60_000;
  other.player.endBefore(Infinity);
  assert.equal((await other.take()).at(-1), "9 3000");
});

test("only one picture is shown where that is wanted, again behind a seek", async () => {
  const playing = await Playing.of({ from: 5000, once: true });
  assert.deepEqual(await playing.take(), ["18 0", "9h 0", "8h 0", "9 0"]);
  assert.equal(playing.told.at(-1), "end");
  playing.player.seek(4000);
  assert.deepEqual(await playing.take(), ["9h 4000", "8h 4000", "9 4000"]);
  assert.equal(playing.told.at(-1), "end");
});

test("a pause hands out nothing, and playing on goes on where it was", async () => {
  const playing = await Playing.of();
  const before = await playing.take();
  const { player } = playing;
  player.pause();
  assert.deepEqual(await playing.pass(5000), []);
  assert.equal(playing.share.wheel.size, 0);
  player.resume(undefined);
  assert.equal(playing.told.at(-1), "ready");
  const behind = await playing.take();
  assert.ok(timeOf(behind[0]) >= timeOf(before.at(-1)));
  // The clock of what is shown begins anew with what it has.
  const ahead = player.last - timeOf(before.at(-1));
  assert.ok(ahead >= 960 && ahead <= 1500, `${ahead}`);
  player.resume(undefined);
  assert.equal(playing.told.filter((what) => what === "moved").length, 0);
});

test("playing on behind what the client kept leaves out what it has, and says nothing of another place", async () => {
  const playing = await Playing.of();
  await playing.take();
  playing.player.pause();
  playing.player.resume(600);
  const frames = await playing.take();
  assert.equal(frames[0], "8 610");
  assert.ok(!playing.told.includes("moved"));
  assert.ok(frames.every((text) => timeOf(text) > 600));
  assert.ok(timeOf(frames.at(-1)) <= 2600 && timeOf(frames.at(-1)) >= 1560);
});

test("playing on behind the very first picture leaves that out", async () => {
  const playing = await Playing.of();
  await playing.take();
  playing.player.pause();
  playing.player.resume(0);
  assert.equal((await playing.take())[0], "8 10");
});

test("playing on at a time that was never sent is a seek", async () => {
  const playing = await Playing.of({ from: 4000 });
  await playing.take();
  playing.player.pause();
  playing.player.resume(9000);
  const frames = await playing.take();
  assert.equal(playing.told.filter((what) => what === "moved").length, 1);
  // 9 s behind 4 s is 13 s, and the key frame before it is at 12 s.
  assert.deepEqual(frames.slice(0, 3), ["9h 8000", "8h 8000", "9 8000"]);
});

test("places that are asked for together are gone to once, and each is told of", async () => {
  const playing = await Playing.of();
  await playing.take();
  for (const to of [3000, 9500, 5000]) playing.player.seek(to);
  const frames = await playing.take();
  assert.deepEqual(frames.slice(0, 4), ["9h 4000", "8h 4000", "9 4000", "8 4010"]);
  assert.equal(playing.told.filter((what) => what === "moved").length, 3);
  assert.ok(playing.player.last <= 5500);
  playing.player.seek(-5);
  assert.equal((await playing.take())[2], "9 0");
});

test("a seek in a pause shows one picture, and playing on then goes on behind it", async () => {
  const playing = await Playing.of();
  await playing.take();
  playing.player.pause();
  playing.player.seek(6500);
  assert.deepEqual(await playing.take(), ["9h 6000", "8h 6000", "9 6000"]);
  assert.deepEqual(await playing.pass(2000), []);
  playing.player.resume(6000);
  assert.equal((await playing.take())[0], "8 6010");
});

test("a seek behind the end plays on, and one behind a close does nothing", async () => {
  const playing = await Playing.of({ seconds: 3 });
  playing.bufferMs = 60_000;
  await playing.take();
  assert.equal(playing.told.at(-1), "end");
  playing.player.seek(2000);
  assert.equal((await playing.take()).at(-1), "8 2970");
  assert.equal(playing.told.at(-1), "end");
  playing.player.close();
  const { length } = playing.told;
  playing.player.seek(0);
  playing.player.resume(undefined);
  playing.player.fault(new Error("late"));
  assert.deepEqual(await playing.take(), []);
  assert.equal(playing.told.length, length);
  assert.equal(playing.memory.used - playing.memory.spare, 0);
  assert.equal(playing.share.wheel.size, 0);
});

test("while it is written to it is not woken, and keeps nothing that was read", async () => {
  const playing = await Playing.of();
  await playing.take();
  playing.sink.busy = true;
  playing.told.length = 0;
  playing.clock.advance(3000);
  await settle();
  assert.deepEqual(playing.told, []);
  playing.sink.busy = false;
  assert.ok((await playing.take()).length > 100);
});

test("a disk that fails is told of once, and ends it", async () => {
  const playing = await Playing.of();
  await playing.take();
  playing.source.read = () => Promise.reject(new Error("EIO"));
  await playing.pass(8000);
  assert.deepEqual(playing.told.filter((what) => what.includes("EIO")), ["Error: EIO"]);
  assert.equal(playing.memory.used - playing.memory.spare, 0);
});

test("a file that grows is waited for, which is told once each time, and ends when it grows no more", async () => {
  const playing = await Playing.of({ seconds: 2 });
  playing.grows = true;
  playing.bufferMs = 60_000;
  const frames = await playing.take();
  assert.equal(frames.at(-1), "8 1970");
  await playing.pass(1000);
  assert.deepEqual(playing.told.filter((what) => what === "dry" || what === "end"), ["dry"]);
  playing.source.bytes = flv(...HEADERS, ...media(4));
  const more = await playing.pass(300);
  assert.equal(more.at(-1), "8 3970");
  await playing.pass(500);
  assert.deepEqual(playing.told.filter((what) => what === "dry" || what === "end"), ["dry", "dry"]);
  playing.grows = false;
  await playing.pass(500);
  assert.equal(playing.told.at(-1), "end");
});

test("who reads a block that another waits for has it taken along", async () => {
  const playing = await Playing.of();
  await playing.take();
  playing.told.length = 0;
  const block = { latest: playing.player.last + 400 } as Parameters<RecordedPlayer["onBlock"]>[0];
  playing.sink.busy = true;
  playing.player.onBlock(block);
  assert.deepEqual(playing.told, []);
  playing.sink.busy = false;
  playing.player.onBlock({ ...block, latest: 1e6 } as typeof block);
  assert.deepEqual(playing.told, [], "it is not near");
  playing.player.onBlock(block);
  assert.deepEqual(playing.told, ["ready"]);
  assert.equal(playing.share.wheel.size, 0);
  playing.player.pause();
  playing.player.onBlock(block);
  assert.deepEqual(playing.told, ["ready"]);
});

test("other bytes of the same messages go out from the next one on", async () => {
  const playing = await Playing.of();
  await playing.take();
  playing.player.encodeWith(new RtmpEncoders(128).get(1, true, false));
  const frames = await playing.pass(1000);
  assert.ok(frames.length > 10 && frames.every((text) => text.startsWith("8 ")));
});
