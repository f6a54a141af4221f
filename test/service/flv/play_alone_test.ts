/** A player of FLV by itself: what becomes of its answer and of its connection. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Player } from "../../../src/hub/mod.ts";
import { type HttpAnswer, HttpTakeover } from "../../../src/ports.ts";
import { BARE } from "../../../src/service/flv/framing.ts";
import { FlvPlay } from "../../../src/service/flv/play.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";
import { settle } from "../../support/rtmp_service.ts";

function setUp() {
  const told: string[] = [];
  const play = new FlvPlay(
    {
      asker: { query: "", address: "", via: [] },
      kinds: () => ({ audio: true, video: true }),
      onPlaying: () => void told.push("playing"),
      onOver: (reason) => void told.push(reason),
      onFault: () => void told.push("fault"),
    },
    { "X-Own": "1" },
    BARE,
  );
  const chunks: Uint8Array[] = [];
  const player = {
    bytesOut: 7,
    framesDropped: 3,
    next: () => chunks.shift(),
    fallOut() {},
  };
  /** Its stream is there and it has its connection. */
  const open = async () => {
    play.attach(player as unknown as Player);
    play.onStart();
    const answer: HttpAnswer = await play.answer;
    assert.ok(answer instanceof HttpTakeover);
    const connection = new MemoryConnection();
    answer.take(connection);
    return connection;
  };
  return { play, told, chunks, open };
}

test("until it is let in it is nothing, and takes nothing", () => {
  const { play } = setUp();
  const { busy, wroteAt, bytesOut, framesDropped, handed, playing, gone, channel } = play;
  assert.deepEqual(
    { busy, wroteAt, bytesOut, framesDropped, handed, playing, gone, channel },
    {
      busy: true,
      wroteAt: 0,
      bytesOut: 0,
      framesDropped: 0,
      handed: false,
      playing: undefined,
      gone: false,
      channel: undefined,
    },
  );
});

test("its answer has its own headers beside the common ones, and is told of once", async () => {
  const { play, told } = setUp();
  play.onStart();
  play.onStart();
  const answer = await play.answer;
  assert.ok(answer instanceof HttpTakeover);
  assert.deepEqual(answer.headers, {
    "Content-Type": "video/x-flv",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Own": "1",
  });
  assert.deepEqual([told, play.handed], [["playing"], true]);
});

test("an end while it waits is an answer", async () => {
  for (const [reason, status] of [["not-found", 404], ["shutdown", 503]] as const) {
    const { play, told } = setUp();
    play.onEnd(reason);
    const answer = await play.answer;
    assert.ok(answer instanceof Response);
    assert.deepEqual([answer.status, told, play.gone], [status, [reason], true]);
  }
});

test("what it was sent and what it lost is what the hub says of its player", async () => {
  const { play, open } = setUp();
  await open();
  assert.deepEqual([play.bytesOut, play.framesDropped], [7, 3]);
});

test("the end of its stream ends its connection behind what is written, a stall at once", async () => {
  const ended = setUp();
  const connection = await ended.open();
  connection.block();
  ended.chunks.push(new Uint8Array(10));
  ended.play.pump();
  ended.play.onEnd("unpublished");
  assert.equal(connection.closing, undefined);
  connection.drain();
  assert.equal(connection.closing, "end");
  await settle();
  assert.deepEqual(ended.told, ["playing", "unpublished"]);
  const stalled = setUp();
  const stuck = await stalled.open();
  stuck.block();
  stalled.chunks.push(new Uint8Array(10));
  stalled.play.pump();
  stalled.play.onEnd("stalled");
  assert.equal(stuck.closing, "destroy");
  await settle();
  assert.deepEqual(stalled.told, ["playing", "stalled"]);
});

test("a peer that hangs up is gone, and nothing is said twice", async () => {
  const { play, told, open } = setUp();
  (await open()).hangUp();
  await settle();
  play.destroy("kicked");
  assert.deepEqual([told, play.gone, play.busy], [["playing", "disconnected"], true, true]);
});

test("it is stalled once nothing has gone out for as long as may be while a write is under way", async () => {
  const { play, chunks, open } = setUp();
  const connection = await open();
  assert.equal(play.stalled(99, 50), false);
  connection.block();
  chunks.push(new Uint8Array(10));
  play.pump();
  assert.deepEqual([100, 148, 149].map((now) => play.stalled(now, 50)), [false, false, true]);
  connection.drain(3);
  assert.deepEqual([150, 199, 200].map((now) => play.stalled(now, 50)), [false, false, true]);
  connection.drain();
  assert.deepEqual([300, 400].map((now) => play.stalled(now, 50)), [false, false], "nothing waits");
});
