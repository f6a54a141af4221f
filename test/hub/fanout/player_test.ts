import assert from "node:assert/strict";
import { test } from "node:test";
import { Encoding, KeyClock, Player } from "../../../src/hub/mod.ts";
import {
  audio,
  CollectingSink,
  data,
  header,
  inter,
  key,
  Observer,
  plainEncoder,
} from "../support.ts";
import { LIMITS, setUp } from "./player_rig.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const KEY_WAIT_MS = 2000;
const SELDOM_KEY_MS = 20_000;

test("a late player gets the headers, then the GOP from its key frame, then what follows", () => {
  const { encoding, state, join } = setUp();
  state.headers = [header("H")];
  for (const frame of [key("K1"), inter("a"), key("K2"), inter("b")]) encoding.append(frame, 0);
  const { sink } = join();
  assert.equal(sink.take(), "HK2b");
  encoding.append(inter("c"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "c");
});

test("without a key frame to start from a player starts with sound and data, and sees the next key frame", () => {
  const { encoding, state, join } = setUp();
  state.headers = [header("H")];
  encoding.append(inter("a"), 0);
  const { sink, player } = join();
  assert.equal(sink.take(), "H");
  for (const frame of [inter("b"), audio("s"), data("d")]) encoding.append(frame, 0);
  encoding.flush(0);
  assert.equal(sink.take(), "sd");
  assert.equal(player.lag, 0, "nothing is kept for it");
  for (const frame of [inter("c"), audio("t"), key("K"), inter("e"), audio("u")]) {
    encoding.append(frame, 0);
  }
  encoding.flush(0);
  assert.equal(sink.take(), "tKeu");
  assert.equal(player.framesDropped, 0, "it lost nothing that it was owed");
});

test("a player that waited for a key frame is in step with the others behind it", () => {
  const { encoding, join } = setUp();
  encoding.append(inter("a"), 0);
  const one = join();
  const two = join();
  encoding.append(key("K"), 0);
  encoding.append(inter("b"), 0);
  encoding.flush(0);
  assert.equal(one.sink.writes[0], two.sink.writes[0]);
  assert.equal(one.sink.take(), "Kb");
});

for (
  const [what, keyAt, pictureAt] of [
    ["by the clock", { time: 0, at: 0 }, { time: 0, at: SELDOM_KEY_MS }],
    ["by its own time", { time: 2 ** 32 - 500, at: 0 }, { time: SELDOM_KEY_MS - 500, at: 100 }],
  ] as const
) {
  test(`where no key frame came for long ${what}, pictures are waited for ${KEY_WAIT_MS} ms`, () => {
    const { encoding, join } = setUp();
    encoding.append({ ...key("K"), timestamp: keyAt.time }, keyAt.at);
    encoding.append({ ...inter("a"), timestamp: pictureAt.time }, pictureAt.at);
    encoding.log.forgetKey();
    const { sink } = join(pictureAt.at);
    encoding.append({ ...inter("b"), timestamp: pictureAt.time }, pictureAt.at + KEY_WAIT_MS - 1);
    encoding.append(audio("s"), pictureAt.at + KEY_WAIT_MS - 1);
    encoding.flush(0);
    assert.equal(sink.take(), "s");
    encoding.append({ ...inter("c"), timestamp: pictureAt.time }, pictureAt.at + KEY_WAIT_MS);
    encoding.flush(0);
    assert.equal(sink.take(), "c");
  });
}

test("where a key frame came lately it is waited for, however long that takes", () => {
  const { encoding, join } = setUp();
  encoding.append(key("K"), 0);
  encoding.log.forgetKey();
  const { sink } = join(0);
  encoding.append({ ...inter("a"), timestamp: SELDOM_KEY_MS - 1 }, SELDOM_KEY_MS - 1);
  encoding.flush(0);
  assert.equal(sink.take(), "");
});

test("a player of a stream without video starts at once", () => {
  const { encoding, state, join } = setUp();
  state.hasVideo = false;
  encoding.append(inter("a"), 0);
  const { sink } = join();
  assert.equal(sink.take(), "");
  encoding.append(inter("b"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "b");
});

test("players in step are handed the very same view", () => {
  const { encoding, join } = setUp();
  const one = join();
  const two = join();
  encoding.append(key("K"), 0);
  encoding.flush(0);
  assert.equal(one.sink.writes[0], two.sink.writes[0]);
});

test("what a player was handed never changes when the log goes on", () => {
  const { encoding, join } = setUp({}, { ...LIMITS, bytes: 1000 });
  const { sink } = join();
  let expected = "";
  for (let index = 0; index < 5000; index++) {
    const text = `<${index}>`;
    expected += text;
    encoding.append(index === 0 ? key(text) : inter(text), 0);
    if (index % 7 === 0) encoding.flush(0);
  }
  encoding.flush(0);
  const seen = sink.writes.map((view) => new TextDecoder().decode(view)).join("");
  assert.ok(seen === expected, `${seen.length} of ${expected.length} characters, or others`);
});

test("a paused player gets nothing and goes on live from the newest key frame", () => {
  const { encoding, join } = setUp();
  const { sink, player } = join();
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  player.pause();
  encoding.append(inter("x"), 0);
  encoding.append(key("K2"), 0);
  encoding.append(inter("y"), 0);
  encoding.flush(0);
  assert.equal(sink.take(), "K1");
  player.resume(0);
  encoding.flush(0);
  assert.equal(sink.take(), "K2y");
});

test("a play ends only after everything in the log was handed out, and exactly once", () => {
  const { encoding, join } = setUp();
  const { sink, player, observer } = join();
  encoding.append(key("K"), 0);
  sink.busy = true;
  player.finish("unpublished");
  encoding.flush(0);
  assert.deepEqual(observer.ended, []);
  sink.busy = false;
  encoding.flush(0);
  assert.equal(sink.take(), "K");
  assert.deepEqual(observer.ended, ["unpublished"]);
  assert.equal(encoding.players.length, 0);
});

test("players can leave from the middle of the list while a flush runs", () => {
  const { encoding, join } = setUp();
  const all = Array.from({ length: 10 }, () => join());
  encoding.append(key("K"), 0);
  for (const index of [0, 3, 4, 9]) all[index]!.player.finish("unpublished");
  encoding.flush(0);
  encoding.append(inter("x"), 0);
  encoding.flush(0);
  const seen = all.map(({ sink }) => sink.take());
  const left = all.map(({ observer }) => observer.ended.length);
  assert.deepEqual(left, [1, 0, 0, 1, 1, 0, 0, 0, 0, 1]);
  assert.deepEqual(seen, left.map((ended) => ended === 1 ? "K" : "Kx"));
});

test("headers are encoded again for a player that joins over a second from where the last one did", () => {
  let startTime = 5000;
  const encoding = new Encoding(plainEncoder, {
    headers: () => [header("H")],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    get startTime() {
      return startTime;
    },
  }, 0);
  const first = encoding.prelude();
  for (const near of [6000, 4000, 5000]) {
    startTime = near;
    assert.equal(encoding.prelude(), first, `${near}`);
  }
  for (const far of [6001, 3999]) {
    startTime = 5000;
    const before = encoding.prelude();
    startTime = far;
    assert.notEqual(encoding.prelude(), before, `${far}`);
  }
});

test("a player that looks for a key frame takes nothing, and says when it has got to one", () => {
  const { encoding } = setUp();
  const sink = new CollectingSink();
  const player = new Player(sink, new Observer(), LIMITS);
  sink.player = player;
  assert.equal(player.seekKey(), false, "it plays nothing");
  encoding.append(inter("a"), 0);
  encoding.add(player, 0, "key");
  assert.equal(player.seekKey(), false);
  encoding.append(inter("b"), 0);
  assert.equal(player.seekKey(), false);
  encoding.append(key("K"), 0);
  encoding.append(inter("c"), 0);
  assert.equal(player.seekKey(), true);
  assert.equal(player.seekKey(), true, "and stays there");
  assert.equal(player.bytesOut, 0);
  sink.pump();
  assert.equal(sink.take(), "Kc");
  player.pause();
  assert.equal(player.seekKey(), false);
});

test("who is paused, at its end or nowhere does not begin anew", () => {
  const { encoding, join } = setUp();
  for (const frame of [key("K"), inter("a")]) encoding.append(frame, 0);
  const paused = join();
  paused.player.pause();
  paused.sink.take();
  paused.player.rejoin(0);
  paused.sink.pump();
  assert.equal(paused.sink.take(), "");
  const ending = join();
  ending.sink.take();
  ending.sink.busy = true;
  encoding.append(inter("b"), 0);
  ending.player.finish("unpublished");
  ending.player.rejoin(0);
  ending.sink.busy = false;
  ending.sink.pump();
  assert.deepEqual([ending.sink.take(), ending.observer.ended], ["b", ["unpublished"]]);
  const sink = new CollectingSink();
  const nowhere = new Player(sink, new Observer(), LIMITS);
  nowhere.rejoin(0);
  nowhere.pause();
  nowhere.resume(0);
  assert.deepEqual([nowhere.paused, nowhere.encoding, nowhere.next()], [
    false,
    undefined,
    undefined,
  ]);
});

test("who pauses before it was sent anything is sent nothing, headers neither, until it goes on", () => {
  const { encoding, state } = setUp();
  state.headers = [header("H")];
  encoding.append(key("K"), 0);
  const sink = new CollectingSink();
  const player = new Player(sink, new Observer(), LIMITS);
  sink.player = player;
  encoding.add(player, 0);
  player.pause();
  sink.pump();
  assert.equal(sink.take(), "");
  player.resume(0);
  sink.pump();
  assert.equal(sink.take(), "HK");
});

test("a player whose sink does not want to hear of faults leaves, in step or not, and others go on", () => {
  const { encoding, join } = setUp();
  encoding.append(key("K"), 0);
  encoding.flush(0);
  const [bad, good] = [join(), join()];
  bad.sink.pump = () => {
    throw new Error("a bug");
  };
  encoding.append(inter("a"), 0);
  encoding.flush(0);
  assert.equal(bad.player.encoding, undefined);
  assert.deepEqual(bad.observer.ended, [], "it is nothing that its stream did");
  assert.equal(good.sink.take(), "Ka");
  assert.equal(encoding.playerCount, 1);
});

test("whatever an observer throws is a fault of its own player, which its sink is told", () => {
  const bug = new Error("a bug");
  const throws = () => {
    throw bug;
  };
  for (const what of ["started", "published", "finish"] as const) {
    const { encoding, join } = setUp();
    const { sink, observer, player } = join();
    const faults: unknown[] = [];
    Object.assign(sink, { onFault: (error: unknown) => faults.push(error) });
    Object.assign(observer, { onStart: throws, onPublish: throws, onEnd: throws });
    if (what === "finish") player.finish("unpublished");
    else player[what]();
    sink.pump();
    assert.deepEqual(faults, [bug], what);
    // A sink that has no ear for it loses the player.
    const other = join();
    Object.assign(other.observer, { onStart: throws });
    other.player.started();
    assert.equal(other.player.encoding, undefined);
    assert.equal(encoding.playerCount, what === "finish" ? 0 : 1);
  }
});
