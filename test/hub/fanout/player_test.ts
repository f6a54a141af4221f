import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Encoding,
  type EncodingSource,
  KEY_WAIT_MS,
  KeyClock,
  type MediaFrame,
  Player,
  SELDOM_KEY_MS,
} from "../../../src/hub/mod.ts";
import {
  audio,
  CollectingSink,
  data,
  disposable,
  header,
  inter,
  key,
  Observer,
  plainEncoder,
} from "../support.ts";

const LIMITS = { bytes: 20, ms: 1000, overflows: 3 };

function setUp(source: Partial<EncodingSource> = {}, limits = LIMITS) {
  const state = { headers: [] as MediaFrame[], hasVideo: true };
  const encoding = new Encoding(plainEncoder, {
    headers: () => state.headers,
    get hasVideo() {
      return state.hasVideo;
    },
    hasVideoTrack: () => state.hasVideo,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
    ...source,
  }, 0);
  const join = (now = 0) => {
    const sink = new CollectingSink();
    const observer = new Observer();
    const player = new Player(sink, observer, limits);
    sink.player = player;
    encoding.add(player, now);
    sink.pump();
    return { sink, observer, player };
  };
  return { encoding, state, join };
}

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
  encoding.flush(1500, true);
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
  encoding.flush(5000, true);
  assert.equal(player.framesDropped, 0);
  assert.equal(player.lag, 101);
  sink.busy = false;
  encoding.flush(5000);
  assert.equal(sink.take(), "K" + "xx".repeat(50));
  void join;
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
  encoding.flush(3900, true);
  encoding.flush(3900);
  encoding.flush(4000, true);
  assert.equal(player.framesDropped, 0, "it was 3 s late by then, and may be a second later");
  encoding.flush(4001, true);
  assert.equal(player.framesDropped, 2);
  void join;
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
    encoding.flush(ms, full);
    sink.busy = false;
    encoding.flush(ms);
    assert.equal(sink.take(), gets, `${ms} ms, ${full}`);
  }
});
