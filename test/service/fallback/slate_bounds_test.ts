/** A file that is shown in place of a publisher: its pace, its rounds, its holes, its ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaFlag } from "../../../src/core/media/mod.ts";
import { FrameKind } from "../../../src/hub/mod.ts";
import type { OpenRecording } from "../../../src/recordings/library.ts";
import type { PlayedMessage } from "../../../src/recordings/played_file.ts";
import { MOST_READ_MS, Slate } from "../../../src/service/fallback/slate.ts";
import { FakeClock } from "../../support/clock.ts";

const { Audio, Data, Video } = FrameKind;

const message = (kind: number, time: number, media = 0, bytes = 1): PlayedMessage => ({
  ...{ kind, time, media },
  payload: new Uint8Array(bytes).fill(kind),
});
const picture = (time: number) => message(Video, time);
const pictures = (...times: number[]) => times.map(picture);

/** A slate of a file that is read message by message, and what is shown of it. */
class Stage {
  readonly clock = new FakeClock();
  readonly shown: { kind: number; time: number; byte: number; at: number }[] = [];
  readonly failed: unknown[] = [];
  reads = 0;
  closed = 0;
  onMessage = () => {};
  place = () => Promise.resolve();
  onRead = () => {};
  readonly memory = {
    used: 0,
    tight: false,
    count: (bytes: number) => void (this.memory.used += bytes),
  };
  readonly slate: Slate;

  constructor(messages: readonly PlayedMessage[], headers: readonly PlayedMessage[] = []) {
    const file = {
      metadata: Uint8Array.of(Data),
      place: async () => {
        await this.place();
        return { time: 0, offset: 0, headers };
      },
      read: async ({ offset }: { offset: number }, take: (message: PlayedMessage) => void) => {
        this.reads++;
        await Promise.resolve();
        this.onRead();
        const one = messages[offset];
        if (one === undefined) return undefined;
        // It is lent.
        const payload = one.payload.slice();
        take({ ...one, payload });
        payload.fill(0);
        return { next: { offset: offset + 1 } };
      },
    };
    const opened = { file, close: () => void this.closed++ };
    this.slate = new Slate(opened as unknown as OpenRecording, this.clock, {
      onMessage: (kind, time, payload, at) => {
        assert.equal(at, this.clock.now());
        this.shown.push({ kind, time, byte: payload[0]!, at });
        this.onMessage();
      },
      onFailed: (reason) => void this.failed.push(reason),
    }, this.memory);
  }

  async start(): Promise<void> {
    this.slate.start();
    await this.pass(0);
  }

  /** Lets time pass, with what is read meanwhile. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 20) {
      this.clock.advance(20);
      await this.settle();
    }
    await this.settle();
  }

  /** Whatever is promised happens ahead of the next turn. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** Times of pictures, and when they were shown, where that is another time. */
  times(): string[] {
    return this.shown.splice(0).filter(({ kind }) => kind === Video)
      .map(({ time, at }) => at === time ? `${time}` : `${time} at ${at}`);
  }
}

test("what is due is shown every 40 ms, and the data and headers of the file first", async () => {
  const stage = new Stage(pictures(0, 40, 79, 80, 81), [
    message(Audio, 7, MediaFlag.SequenceHeader),
  ]);
  await stage.start();
  assert.deepEqual(stage.shown, [{ kind: Data, time: 0, byte: Data, at: 0 }]);
  await stage.pass(40);
  assert.deepEqual(stage.shown.splice(1, 1), [{ kind: Audio, time: 0, byte: Audio, at: 40 }]);
  assert.ok(
    stage.shown.slice(1).every(({ byte }) => Number(byte) === Video),
    "its bytes were copied",
  );
  await stage.pass(80);
  assert.deepEqual(stage.times(), ["0 at 40", "40", "79 at 80", "80", "81 at 120"]);
});

test("so much is read ahead: in time, in messages, in bytes", async () => {
  const time = new Stage(pictures(...Array.from({ length: 100 }, (_, index) => index * 40)));
  await time.start();
  assert.equal(time.reads, 11, "0 to 400 ms");
  await time.pass(40);
  assert.equal(time.reads, 12);
  const count = new Stage(Array.from({ length: 5000 }, () => picture(0)));
  await count.start();
  assert.equal(count.reads, 1000);
  await count.pass(40);
  assert.deepEqual([count.shown.length, count.reads], [1001, 2000]);
  const bytes = new Stage(Array.from({ length: 50 }, () => message(Video, 0, 0, 256 * 1024)));
  await bytes.start();
  assert.equal(bytes.reads, 4);
  await bytes.pass(80);
  assert.deepEqual([bytes.shown.length, bytes.reads], [9, 12], "what was shown is kept no more");
});

for (
  const [what, file, times] of [
    ["a single picture", pictures(0), [0, 200, 400, 600]],
    ["pictures so far apart as the last two of them", pictures(0, 100, 250), [
      ...[0, 100, 250],
      ...[400, 500, 650],
    ]],
    ["few pictures in a short time", pictures(0, 40), [0, 40, 200, 240]],
    ["a last picture that would be long", pictures(0, 1000), [0, 1000, 1200, 2200]],
    ["a hole of two seconds", pictures(0, 40, 2040), [0, 40, 2040, 2240]],
    ["a hole that is longer, which is passed over", pictures(0, 40, 2041), [0, 40, 240, 440]],
    ["a header behind the last picture, which is no picture", [
      ...pictures(0, 300),
      message(Video, 310, MediaFlag.SequenceHeader),
    ], [0, 300, 310, 510]],
    ["an end, which is not shown and lasts nothing", [
      ...pictures(0, 300),
      message(Video, 400, MediaFlag.EndOfSequence),
    ], [0, 300, 500, 800]],
  ] as const
) {
  test(`a file goes on with itself: ${what}`, async () => {
    const stage = new Stage(file);
    await stage.start();
    await stage.pass(times.at(-1)! + 40);
    const shown = stage.shown.filter(({ kind }) => kind === Video).map(({ time }) => time);
    assert.deepEqual(shown.slice(0, times.length), times);
    const data = stage.shown.filter(({ kind }) => kind === Data);
    assert.ok(data.length >= 1 && data.length <= 4, "each round begins with it");
    assert.deepEqual([stage.failed, stage.closed], [[], 0]);
  });
}

test("sound alone is shown on as well, and times that go back behind a hole are those of RTMP", async () => {
  const sound = new Stage([0, 20, 210].map((time) => message(Audio, time)));
  await sound.start();
  await sound.pass(320);
  const times = sound.shown.filter(({ kind }) => kind === Audio).map(({ time }) => time);
  assert.deepEqual(times, [0, 20, 210, 250, 270]);
  const back = new Stage(pictures(0, 40, 2041, 0));
  await back.start();
  await back.pass(240);
  assert.deepEqual(back.times().slice(0, 4), [
    ...["0 at 40", "40", "240"],
    `${2 ** 32 - 1801} at 240`,
  ]);
});

test("two seconds that were lost are made up for, and more are not", async () => {
  for (const [lost, count] of [[2000, 11], [2001, 1]] as const) {
    const stage = new Stage(pictures(...Array.from({ length: 500 }, (_, index) => index * 40)));
    await stage.start();
    stage.shown.length = 0;
    stage.clock.sleep(lost);
    stage.clock.advance(0);
    assert.equal(stage.shown.length, count, `${lost}`);
    await stage.settle();
    await stage.pass(200);
    const last = stage.shown.at(-1)!;
    const start = lost === 2000 ? 0 : lost;
    assert.ok(last.at - start - last.time < 40 && last.at - start >= last.time, "and at its pace");
  }
});

test("a file without media fails, as does one that cannot be read, once, and is closed", async () => {
  const empty = new Stage([message(Data, 0), message(Data, 40)]);
  await empty.start();
  await empty.pass(1000);
  assert.match(String(empty.failed[0]), /there is nothing in it/);
  const refused = new Error("no disk");
  const place = new Stage(pictures(0));
  place.place = () => Promise.reject(refused);
  const read = new Stage(pictures(0));
  read.onRead = () => {
    throw refused;
  };
  const sink = new Stage(pictures(0));
  sink.onMessage = () => {
    throw refused;
  };
  for (const stage of [place, read, sink]) {
    await stage.start();
    await stage.pass(1000);
    assert.deepEqual(stage.failed, [refused]);
  }
  for (const stage of [empty, place, read, sink]) {
    assert.deepEqual([stage.closed, stage.failed.length, stage.clock.pending], [1, 1, 0]);
    assert.equal(stage.memory.used, 0);
  }
});

test("a file whose disk answers no more fails once all of it was shown that was read, and one that is slow does not", async () => {
  const never = () => new Promise<void>(() => {});
  const place = new Stage(pictures(0));
  place.place = never;
  await place.start();
  await place.pass(MOST_READ_MS);
  assert.deepEqual([place.failed.map(String), place.closed], [
    ["Error: its disk does not answer"],
    1,
  ]);
  const read = new Stage(pictures(0, 1000));
  read.place = () => read.reads > 0 ? never() : Promise.resolve();
  await read.start();
  // The data of the file, again, is the last that there is to be shown.
  await read.pass(1200 + MOST_READ_MS - 80);
  assert.deepEqual(read.failed, []);
  await read.pass(160);
  assert.deepEqual([read.failed.length, read.closed, read.clock.pending], [1, 1, 0]);
  const slow = new Stage(pictures(0));
  slow.place = () =>
    new Promise((resolve) => void slow.clock.after(MOST_READ_MS - 200, () => resolve()));
  await slow.start();
  await slow.pass(4 * MOST_READ_MS);
  assert.deepEqual(slow.failed, []);
  assert.ok(slow.times().length > 2);
});

test("what is closed shows and reads nothing any more, and is closed once", async () => {
  const stage = new Stage(pictures(0, 0, 0, 40));
  stage.onMessage = () => {
    if (stage.shown.length === 2) stage.slate.close();
  };
  await stage.start();
  const { reads } = stage;
  await stage.pass(200);
  assert.deepEqual([stage.shown.length, stage.reads], [2, reads]);
  stage.slate.close();
  assert.deepEqual([stage.closed, stage.clock.pending, stage.failed], [1, 0, []]);
  // Before it begins.
  const never = new Stage(pictures(0));
  never.slate.close();
  await never.start();
  await never.pass(200);
  assert.deepEqual([never.reads, never.shown.length, never.clock.pending], [0, 0, 0]);
  // While its beginning is looked for, and in the middle of reading.
  const gate = Promise.withResolvers<void>();
  const early = new Stage(pictures(0), pictures(0));
  early.place = () => gate.promise;
  await early.start();
  early.slate.close();
  gate.resolve();
  await early.pass(200);
  assert.deepEqual([early.reads, early.closed, early.failed], [0, 1, []]);
  const during = new Stage(pictures(0, 40, 80));
  during.onRead = () => during.slate.close();
  await during.start();
  await during.pass(200);
  assert.deepEqual([during.reads, during.shown.length, during.failed], [1, 1, []]);
  for (const { memory } of [stage, never, early, during]) assert.equal(memory.used, 0);
});
