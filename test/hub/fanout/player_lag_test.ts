/** What a player that falls behind is sent, and what it is spared. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../src/hub/mod.ts";
import { audio, CollectingSink, disposable, header, inter, key, Observer } from "../support.ts";
import { LIMITS, setUp } from "./player_rig.ts";

test("a player over its limit skips to the newest key frame and the drops are counted", () => {
  const { encoding, join } = setUp();
  const { sink, player } = join();
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  sink.busy = true;
  for (let index = 0; index < 9; index++) encoding.append(inter("xx"), 0);
  encoding.append(key("K2"), 0);
  encoding.append(inter("y"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "K1");
  sink.busy = false;
  encoding.flush(0);
  assert.equal(sink.take(), "K2y");
  assert.equal(player.framesDropped, 9);
  assert.equal(encoding.framesDropped, 9);
});

test("a player over its limit with no key frame ahead gets headers, sound and no picture before one", () => {
  const { encoding, state, join } = setUp();
  state.headers = [header("H1")];
  const { sink, player } = join();
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "H1K1");
  sink.busy = true;
  for (let index = 0; index < 11; index++) encoding.append(inter("xx"), 0);
  encoding.flush(0);
  assert.equal(player.lag, 0, "what is dropped is not kept");
  state.headers = [header("H2")];
  encoding.append(header("H2"), 0);
  sink.busy = false;
  encoding.append(inter("z"), 0);
  encoding.append(audio("s"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "H2s");
  encoding.append(key("K2"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "K2");
  assert.equal(player.framesDropped, 11);
});

test("a header inside what is skipped is sent before the key frame", () => {
  const { encoding, state, join } = setUp();
  const { sink } = join();
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  sink.busy = true;
  state.headers = [header("H2")];
  encoding.append(header("H2"), 0);
  for (let index = 0; index < 11; index++) encoding.append(inter("xx"), 0);
  encoding.append(key("K2"), 0);
  encoding.flush(0);
  sink.busy = false;
  encoding.flush(0);
  assert.equal(sink.take(), "K1H2K2");
});

test("media older than the limit is dropped even when it is small", () => {
  const { encoding, join } = setUp();
  const { sink, player } = join(0);
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  sink.busy = true;
  encoding.append(inter("x"), 0);
  encoding.append(key("K2"), 1500);
  encoding.watch(1500);
  sink.busy = false;
  encoding.flush(1500);
  assert.equal(sink.take(), "K1K2");
  assert.equal(player.framesDropped, 1);
});

test("a cached GOP larger than the limit is still sent whole to a player that joins", () => {
  const { encoding, join } = setUp();
  encoding.append(key("K"), 0);
  for (let index = 0; index < 50; index++) encoding.append(inter("xx"), 0);
  const sink = new CollectingSink();
  sink.busy = true;
  const player = new Player(sink, new Observer(), LIMITS);
  sink.player = player;
  encoding.add(player, 5000);
  encoding.watch(5000);
  assert.equal(player.framesDropped, 0);
  assert.equal(player.lag, 101);
  sink.busy = false;
  encoding.flush(5000);
  assert.equal(sink.take(), "K" + "xx".repeat(50));
  void join;
});

test("over half of its limit a player is not sent disposable frames, and under it everything", () => {
  const { encoding, join } = setUp();
  const { sink, player } = join();
  encoding.append(key("K"), 0);
  encoding.flush(0);
  sink.busy = true;
  for (const frame of [disposable("ddd"), audio("ss"), inter("bbb"), disposable("eee")]) {
    encoding.append(frame, 0);
  }
  sink.busy = false;
  encoding.flush(0);
  assert.equal(sink.take(), "Kssbbbeee");
  assert.equal(player.framesDropped, 1);
});

test("a player that has caught up is sent disposable frames again", () => {
  const { encoding, join } = setUp({}, { bytes: 1000, ms: 1000, overflows: 3 });
  const { sink, player } = join(0);
  encoding.append(key("K"), 0);
  encoding.flush(0);
  sink.busy = true;
  encoding.append(inter("a"), 0);
  encoding.append(disposable("b"), 0);
  encoding.watch(600);
  sink.busy = false;
  encoding.flush(600);
  assert.equal(sink.take(), "Ka", "it was late");
  encoding.append(disposable("c"), 610);
  encoding.append(inter("d"), 610);
  encoding.flush(610);
  assert.equal(sink.take(), "cd");
  assert.equal(player.framesDropped, 1);
});

test("over three quarters inter frames go up to the next key frame, sound and headers stay", () => {
  const { encoding, join } = setUp();
  const { sink, player } = join();
  encoding.append(key("K"), 0);
  encoding.flush(0);
  sink.busy = true;
  for (const text of ["aaaa", "bbbb", "ccccc"]) encoding.append(inter(text), 0);
  encoding.append(audio("ss"), 0);
  encoding.append(header("H"), 0);
  sink.busy = false;
  encoding.flush(0);
  assert.equal(sink.take(), "KssH");
  encoding.append(inter("e"), 0);
  encoding.flush(0);
  assert.equal(
    sink.take(),
    "",
    "undecodable without what was dropped, however small the lag is now",
  );
  encoding.append(key("L"), 0);
  encoding.append(inter("f"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "Lf");
  assert.equal(player.framesDropped, 4);
});

test("behind a skip a player that has caught up is sent disposable frames again", () => {
  const { encoding, join } = setUp();
  encoding.append(key("K"), 0);
  const { sink } = join();
  sink.busy = true;
  for (let count = 0; count < 30; count++) encoding.append(inter("x"), 0);
  encoding.flush(0);
  encoding.append(key("L"), 0);
  sink.busy = false;
  encoding.flush(0);
  sink.take();
  sink.busy = true;
  encoding.append(disposable("d"), 0);
  encoding.append(inter("e"), 0);
  sink.busy = false;
  encoding.flush(0);
  assert.equal(sink.take(), "de");
});

test("a player that begins anew is sent all of the GOP, disposable frames too", () => {
  const { encoding, join } = setUp();
  encoding.append(key("K"), 0);
  encoding.append(disposable("d"), 0);
  const { sink, player } = join();
  sink.take();
  sink.busy = true;
  for (let count = 0; count < 30; count++) encoding.append(audio("x"), 0);
  encoding.flush(0);
  player.rejoin(0);
  sink.busy = false;
  encoding.flush(0);
  assert.ok(sink.take().startsWith("Kdxx"));
});

test("what was old when a player joined is held against it only as it catches up", () => {
  const { encoding, join } = setUp({}, { bytes: 1000, ms: 1000, overflows: 3 });
  encoding.append(key("K"), 0);
  encoding.append(inter("a"), 100);
  const sink = new CollectingSink();
  sink.busy = true;
  const player = new Player(sink, new Observer(), { bytes: 1000, ms: 1000, overflows: 3 });
  sink.player = player;
  encoding.add(player, 3000);
  encoding.flush(3000);
  encoding.watch(3900);
  encoding.flush(3900);
  encoding.watch(4000);
  assert.equal(player.framesDropped, 0, "it was 3 s late by then, and may be a second later");
  encoding.watch(4001);
  assert.equal(player.framesDropped, 2);
  void join;
});

test("a player in step that is to make room gives up what was pushed and not handed out yet", () => {
  const { encoding, join } = setUp();
  const { sink, player } = join();
  Object.assign(sink, { channel: { write: () => true } });
  encoding.append(key("K"), 0);
  encoding.flush(0);
  encoding.append(inter("a"), 0);
  player.makeRoom(0);
  assert.deepEqual([player.lag, player.framesDropped], [0, 1]);
});

test("of what waited for over half of its time disposable frames are left out, once that was looked at", () => {
  for (
    const [ms, full, gets] of [[500, true, "de"], [501, true, "e"], [501, false, "de"]] as const
  ) {
    const { encoding, join } = setUp();
    encoding.append(key("K"), 0);
    const { sink } = join();
    sink.take();
    sink.busy = true;
    encoding.append(disposable("d"), 0);
    encoding.append(inter("e"), 0);
    if (full) encoding.watch(ms);
    else encoding.flush(ms);
    sink.busy = false;
    encoding.flush(ms);
    assert.equal(sink.take(), gets, `${ms} ms, ${full}`);
  }
});
