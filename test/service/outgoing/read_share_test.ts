/** What another server sends is held to a share of the time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadShare, SLICE_BYTES } from "../../../src/service/outgoing/read_share.ts";
import { Turns } from "../../../src/service/rtmp/turns.ts";
import { FakeClock } from "../../support/clock.ts";

/** A connection whose bytes take so long to be read (ms for each slice). */
class Stage {
  readonly clock = new FakeClock();
  readonly taken: number[] = [];
  /** When slices were taken. */
  readonly at: number[] = [];
  turns = 0;
  paused = false;
  sliceMs = 0;
  onTake: (() => void) | undefined;
  readonly share: ReadShare;

  constructor() {
    this.share = new ReadShare(this.clock, new Turns(this.clock), {
      pause: () => void (this.paused = true),
      resume: () => void (this.paused = false),
    }, {
      take: (bytes) => {
        assert.ok(bytes.length > 0 && bytes.length <= SLICE_BYTES);
        this.taken.push(...bytes);
        this.at.push(this.clock.now());
        this.clock.sleep(this.sliceMs);
        this.onTake?.();
      },
      taken: () => void this.turns++,
    });
  }

  /** Bytes that are numbered, from `first` on; they are lent. */
  deliver(first: number, count: number): void {
    const bytes = Uint8Array.from({ length: count }, (_, index) => (first + index) & 255);
    this.share.onData(bytes);
    bytes.fill(0);
  }

  assertInOrder(count: number): void {
    assert.equal(this.taken.length, count);
    assert.ok(this.taken.every((byte, index) => byte === (index & 255)));
  }
}

test("a server that costs little is read at once, however much it sends", () => {
  const stage = new Stage();
  stage.deliver(0, 10 * SLICE_BYTES + 5);
  assert.equal(stage.paused, false);
  assert.equal(stage.turns, 1);
  stage.assertInOrder(10 * SLICE_BYTES + 5);
  const whole = new Stage();
  whole.deliver(0, 4 * SLICE_BYTES);
  assert.equal(whole.paused, false);
  assert.equal(whole.clock.pending, 0);
});

test("one that floods is read for half of the time at the most, and all of it in order", () => {
  const stage = new Stage();
  stage.sliceMs = 2;
  stage.deliver(0, 64 * 1024);
  assert.equal(stage.paused, true);
  assert.ok(stage.taken.length <= 3 * SLICE_BYTES, "a turn ends");
  stage.deliver(64 * 1024, 1000);
  stage.clock.advance(10_000);
  stage.assertInOrder(64 * 1024 + 1000);
  assert.equal(stage.paused, false);
  const took = stage.at.at(-1)! - stage.at[0]!;
  assert.ok(took >= 17 * 2 * 1.5, `it took ${took} ms, of which ${17 * 2} were reading`);
});

test("what is left of a turn behind a wait is all that the next bytes may take", () => {
  const stage = new Stage();
  stage.sliceMs = 1;
  stage.deliver(0, 9 * SLICE_BYTES);
  assert.equal(stage.taken.length, 5 * SLICE_BYTES);
  stage.clock.advance(5);
  assert.equal(stage.taken.length, 9 * SLICE_BYTES);
  assert.equal(stage.paused, false);
  stage.deliver(9 * SLICE_BYTES, 9 * SLICE_BYTES);
  assert.ok(stage.taken.length <= 11 * SLICE_BYTES, "4 ms are used");
  assert.equal(stage.paused, true);
});

test("servers that flood are read for half of the time, all of them together", () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  let [busy, longest, alone] = [0, 0, 0];
  /** Reads that follow each other with no idle moment between. */
  let run = 0;
  const slice = new Uint8Array(64 * SLICE_BYTES);
  const readers = Array.from({ length: 4 }, () => {
    const connection = { ready: true, pause: () => {}, resume: () => {} };
    connection.pause = () => void (connection.ready = false);
    connection.resume = () => void (connection.ready = true);
    const share = new ReadShare(clock, turns, connection, {
      take: () => {
        clock.sleep(0.5);
        busy += 0.5;
        run += 0.5;
      },
      taken: () => {},
    });
    return { connection, share };
  });
  const start = clock.now();
  while (clock.now() - start < 2000) {
    const before = busy;
    for (const { connection, share } of readers) if (connection.ready) share.onData(slice);
    clock.advance(0.5);
    if (busy > before) continue;
    longest = Math.max(longest, run);
    [run, alone] = [0, alone + 1];
  }
  const took = clock.now() - start;
  assert.ok(busy <= 0.52 * took, `${busy} of ${took} ms`);
  assert.ok(busy >= 0.3 * took, `${busy} of ${took} ms: nobody is starved`);
  assert.ok(longest <= 4 * 5 + 1, `${longest} ms in a row`);
  assert.ok(alone > 100);
});

test("a single turn that took very long is followed by a wait with a bound", () => {
  const stage = new Stage();
  stage.sliceMs = 60_000;
  stage.deliver(0, 10);
  assert.equal(stage.paused, true);
  stage.clock.advance(200);
  assert.equal(stage.paused, false);
});

test("a turn ends with the slice that has used it up, and what it owed is paid by a wait", () => {
  const whole = new Stage();
  whole.sliceMs = 2.5;
  whole.deliver(0, 2 * SLICE_BYTES);
  assert.equal(whole.paused, false, "a turn of 5 ms is not too long");
  const stage = new Stage();
  stage.sliceMs = 2.5;
  stage.deliver(0, 4 * SLICE_BYTES);
  assert.equal(stage.taken.length, 2 * SLICE_BYTES, "and ends then");
  assert.equal(stage.paused, true);
  stage.clock.advance(4.5);
  assert.equal(stage.taken.length, 2 * SLICE_BYTES);
  stage.clock.advance(0.5);
  assert.equal(stage.taken.length, 4 * SLICE_BYTES, "it has a whole turn behind it");
  assert.deepEqual([stage.turns, stage.paused], [2, false]);
});

test("one that is given up is read no more, in the middle of a turn or of a wait", () => {
  const during = new Stage();
  during.onTake = () => during.share.stop();
  during.deliver(0, 5 * SLICE_BYTES);
  assert.equal(during.taken.length, SLICE_BYTES);
  assert.equal(during.turns, 0);
  const late = new Stage();
  late.sliceMs = 6;
  late.deliver(0, 5 * SLICE_BYTES);
  late.onTake = () => late.share.stop();
  late.clock.advance(10_000);
  assert.equal(late.taken.length, 2 * SLICE_BYTES);
  assert.equal(late.paused, true, "its connection is not touched any more");
  late.deliver(0, 10);
  assert.equal(late.taken.length, 2 * SLICE_BYTES);
  const waiting = new Stage();
  waiting.sliceMs = 6;
  waiting.deliver(0, 5 * SLICE_BYTES);
  waiting.share.stop();
  waiting.clock.advance(10_000);
  assert.equal(waiting.taken.length, SLICE_BYTES);
  assert.equal(waiting.clock.pending, 0);
});

test("the clock is looked at after each kibibyte", () => {
  const lengths: number[] = [];
  const clock = new FakeClock();
  const share = new ReadShare(clock, new Turns(clock), { pause() {}, resume() {} }, {
    take: ({ length }) => void lengths.push(length),
    taken() {},
  });
  share.onData(new Uint8Array(2500));
  assert.deepEqual(lengths, [1024, 1024, 452]);
});
