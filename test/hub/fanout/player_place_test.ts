/** What is kept for a player where it is, and what is not any more where it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Encoding,
  KeyClock,
  type MediaFrame,
  MediaMemory,
  Player,
  type PlayerLimits,
} from "../../../src/hub/mod.ts";
import {
  ChannelSink,
  CollectingSink,
  header,
  inter,
  key,
  Observer,
  plainEncoder,
} from "../support.ts";

const LIMITS = { bytes: 1e6, ms: 1e6, overflows: 0 };

function setUp<Sink extends ChannelSink | CollectingSink>(
  sink: Sink,
  limits: PlayerLimits = LIMITS,
  headers: MediaFrame[] = [],
) {
  const memory = new MediaMemory();
  const source = {
    headers: () => headers,
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  };
  const encoding = new Encoding(plainEncoder, source, 0, true, memory);
  const player = new Player(sink, new Observer(), limits);
  sink.player = player;
  const push = (frame: MediaFrame, now = 0) => {
    encoding.append(frame, now);
    encoding.flush(now);
  };
  const join = () => {
    encoding.add(player, 0);
    sink.pump();
  };
  return { memory, encoding, player, sink, push, join };
}

test("a player in step keeps nothing of what it was handed before", () => {
  const { memory, push, join, encoding, sink } = setUp(new ChannelSink());
  push(key("K"));
  join();
  push(inter("a"));
  push(inter("b"));
  assert.ok(sink.direct > 0, "it is in step");
  const used = memory.used - memory.spare;
  // The next page is a new one, and the first is let go of.
  push(key("x".repeat(20_000)));
  assert.equal(encoding.heldBytes, encoding.log.tail.bytes.length);
  assert.ok(memory.used - memory.spare > used);
  assert.equal(memory.spare, 16 * 1024, "to be used again");
});

test("behind the GOP that it began with a player has its own limit, and no more", () => {
  const sink = new ChannelSink();
  const { push, join, player } = setUp(sink, { ...LIMITS, bytes: 100 });
  push(key("K".repeat(1000)));
  join();
  push(inter("a"));
  push(inter("b"));
  assert.ok(sink.direct > 0, "it is in step");
  sink.full = true;
  push(inter("c"));
  push(inter("d".repeat(101)));
  assert.equal(player.lag, 0, "that was too much at once");
  assert.equal(player.framesDropped, 1);
});

test("a sink that cannot even be told of a fault loses its player", () => {
  const sink = new ChannelSink();
  const { push, join, encoding, player } = setUp(sink);
  join();
  sink.onFault = () => {
    throw new Error("again");
  };
  sink.pump = () => {
    throw new Error("a bug");
  };
  push(key("K"));
  assert.deepEqual([encoding.playerCount, player.encoding], [0, undefined]);
});

test("without a key frame ahead a player that seeks one keeps nothing, and is sent new headers", () => {
  const headers = [header("H")];
  const { push, join, encoding, player, sink } = setUp(new CollectingSink(), LIMITS, headers);
  join();
  assert.equal(sink.take(), "H");
  sink.busy = true;
  push(inter("a".repeat(20_000)));
  push(header("J"));
  headers[0] = header("J");
  push(inter("b".repeat(40_000)));
  assert.equal(player.seekKey(), false);
  assert.equal(player.lag, 0);
  assert.equal(encoding.heldBytes, encoding.log.tail.bytes.length, "one page");
  push(key("K"));
  push(inter("c"));
  assert.equal(player.seekKey(), true);
  sink.busy = false;
  sink.pump();
  assert.equal(sink.take(), "JKc");
  assert.equal(player.seekKey(), false, "there is nothing to go on with");
  push(inter("d"));
  assert.equal(sink.take(), "d");
});

test("who pauses before it was sent anything begins with the headers when it goes on", () => {
  for (const picture of [true, false]) {
    const { push, encoding, player, sink, memory } = setUp(new CollectingSink(), LIMITS, [
      header("H"),
    ]);
    if (picture) push(key("K"));
    encoding.add(player, 0);
    player.pause();
    encoding.headersChanged();
    const { used } = memory;
    encoding.prelude();
    assert.equal(memory.used, used + 1, "those of before are not kept for it");
    if (picture) push(inter("a"));
    player.resume(0);
    sink.pump();
    assert.equal(sink.take(), picture ? "HKa" : "H");
  }
});

test("a player that waits for a key frame and is over ends where there is none ahead", () => {
  const { push, join, player, sink } = setUp(new CollectingSink());
  join();
  sink.busy = true;
  push(inter("a"));
  player.finish("unpublished");
  assert.deepEqual((player.observer as Observer).ended, []);
  assert.equal(player.seekKey(), false);
  assert.deepEqual((player.observer as Observer).ended, ["unpublished"]);
});

test("pictures are left out behind three quarters of the time that may be waited, and counted", () => {
  for (const [now, dropped] of [[750, 0], [751, 1]] as const) {
    const { push, join, encoding, player, sink } = setUp(new CollectingSink(), {
      ...LIMITS,
      ms: 1000,
    });
    join();
    push(key("K"));
    sink.busy = true;
    push(inter("a"));
    encoding.watch(now);
    sink.busy = false;
    sink.pump();
    assert.deepEqual([player.framesDropped, sink.take()], [dropped, dropped === 0 ? "Ka" : "K"]);
  }
});

test("whoever loses what was queued for him is told, once for one stall", () => {
  const { push, join, player, sink } = setUp(new CollectingSink(), { ...LIMITS, bytes: 10 });
  let told = 0;
  Object.assign(player.observer, { onSkip: () => told++ });
  join();
  push(key("K"));
  sink.take();
  sink.busy = true;
  push(inter("a".repeat(11)));
  assert.equal(told, 1);
  push(inter("b".repeat(11)));
  assert.equal(told, 1, "it has taken nothing meanwhile");
  sink.busy = false;
  push(key("L"));
  sink.busy = true;
  push(inter("c".repeat(11)));
  assert.equal(told, 2);
});

test("a player in step that begins anew is sent the GOP again, and what follows once", () => {
  const { push, join, player, sink } = setUp(new ChannelSink());
  push(key("K"));
  join();
  push(inter("a"));
  push(inter("b"));
  assert.ok(sink.direct > 0, "it is in step");
  sink.take();
  player.rejoin(0);
  sink.pump();
  assert.equal(sink.take(), "Kab");
  push(inter("c"));
  assert.equal(sink.take(), "c");
});
