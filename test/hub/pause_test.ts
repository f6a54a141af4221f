/** What a player that paused gets when it goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Encoding, KeyClock, type MediaFrame, Player } from "../../src/hub/mod.ts";
import { audio, CollectingSink, header, inter, key, Observer, plainEncoder } from "./support.ts";

/** Frames by letter: K key, I inter, A audio, H header; each at the time behind it. */
type Line = readonly [letter: "K" | "I" | "A" | "H", time: number];

const MAKE = { K: key, I: inter, A: audio, H: header };

function frame([letter, time]: Line): MediaFrame {
  return { ...MAKE[letter](`${letter}${time} `), timestamp: time % 2 ** 32 };
}

function setUp() {
  const state = { headers: [frame(["H", 0])] };
  const encoding = new Encoding(plainEncoder, {
    headers: () => state.headers,
    startTime: 0,
    hasVideo: true,
    keys: new KeyClock(),
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
  }, 0);
  const sink = new CollectingSink();
  const player = new Player(sink, new Observer(), { bytes: 1e6, ms: 1e6, overflows: 0 });
  sink.player = player;
  const push = (...lines: Line[]) => {
    for (const line of lines) {
      if (line[0] === "H") state.headers = [frame(line)];
      encoding.append(frame(line), 0);
    }
    encoding.flush(0);
  };
  encoding.add(player, 0);
  return { encoding, sink, player, push };
}

const WRAP = 2 ** 32 - 60;

const CASES: {
  what: string;
  before?: Line[];
  during: Line[];
  at?: number;
  behind: Line[];
  gets: string;
}[] = [
  {
    what: "goes on in the GOP that it knows, behind the time it names",
    during: [["I", 120], ["A", 130]],
    at: 80,
    behind: [["I", 160]],
    gets: "I120 A130 I160 ",
  },
  {
    what: "is sent again what it has thrown away",
    during: [["I", 120]],
    at: 40,
    behind: [],
    gets: "A50 I80 I120 ",
  },
  {
    what: "is sent the GOP from its beginning if it names a time before that",
    during: [["I", 120]],
    at: 4_294_967_290,
    behind: [],
    gets: "K0 I40 A50 I80 I120 ",
  },
  {
    what: "goes on where it was if it names no time",
    during: [["I", 120]],
    behind: [["I", 160]],
    gets: "I120 I160 ",
  },
  {
    what: "goes on where it was if it names a time that it was never sent",
    during: [["I", 120]],
    at: 500_000,
    behind: [["I", 160]],
    gets: "I120 I160 ",
  },
  {
    what: "goes on with the newest GOP, headers first",
    during: [["I", 120], ["K", 160], ["I", 200]],
    at: 80,
    behind: [["I", 240]],
    gets: "H0 K160 I200 I240 ",
  },
  {
    what: "is sent nothing that is older, although it comes later",
    during: [["I", 120], ["A", 70], ["A", 80]],
    at: 80,
    behind: [["A", 79], ["A", 90], ["I", 160]],
    gets: "I120 A90 I160 ",
  },
  {
    what: "is sent a header that came meanwhile, and first",
    during: [["I", 120], ["H", 125]],
    at: 80,
    behind: [["H", 10], ["I", 160]],
    gets: "H125 I120 H10 I160 ",
  },
  {
    what: "may name a time up to a second behind what it was sent",
    during: [["I", 120], ["I", 1100]],
    at: 1080,
    behind: [],
    gets: "I1100 ",
  },
  {
    what: "and names a later time than that has seen all that it was sent",
    during: [["I", 120], ["I", 1100]],
    at: 1081,
    behind: [],
    gets: "I120 I1100 ",
  },
  {
    what: "goes on behind a time that has wrapped",
    before: [["K", WRAP], ["I", WRAP + 40], ["I", WRAP + 80]],
    during: [["I", WRAP + 120]],
    at: (WRAP + 80) % 2 ** 32,
    behind: [],
    gets: `I${WRAP + 120} `,
  },
];

for (const { what, before, during, at, behind, gets } of CASES) {
  test(`a player that paused ${what}`, () => {
    const { sink, player, push } = setUp();
    push(...before ?? [["K", 0], ["I", 40], ["A", 50], ["I", 80]] as Line[]);
    sink.take();
    player.pause();
    push(...during);
    assert.equal(sink.take(), "");
    player.resume(0, at);
    sink.pump();
    push(...behind);
    assert.equal(sink.take(), gets);
  });
}

test("a player that paused goes on with sound where the GOP is not kept, and sees the next one", () => {
  const { encoding, sink, player, push } = setUp();
  push(["K", 0], ["I", 40]);
  player.pause();
  encoding.log.forgetKey();
  push(["I", 80]);
  sink.take();
  player.resume(0, 40);
  sink.pump();
  push(["I", 120], ["A", 130], ["K", 160], ["I", 200]);
  assert.equal(sink.take(), "H0 A130 K160 I200 ");
});

test("a player that could not decode pictures when it paused does not begin in the midst of a GOP", () => {
  const { encoding, sink, player, push } = setUp();
  push(["K", 0], ["I", 40]);
  const late = new Player(new CollectingSink(), new Observer(), {
    bytes: 100,
    ms: 1e6,
    overflows: 0,
  });
  const lateSink = late.sink as CollectingSink;
  lateSink.player = late;
  encoding.add(late, 0, "key");
  lateSink.pump();
  push(["I", 80]);
  late.pause();
  push(["I", 120]);
  late.resume(0, 80);
  lateSink.pump();
  push(["I", 160], ["A", 170], ["K", 200]);
  assert.equal(lateSink.take(), "H0 H0 A170 K200 ");
  void [sink, player];
});

test("pausing twice is pausing once, and going on behind it is in step with the others", () => {
  const { sink, player, push } = setUp();
  push(["K", 0], ["I", 40]);
  player.pause();
  player.pause();
  push(["I", 80]);
  sink.take();
  player.resume(0, 40);
  player.resume(0, 0);
  sink.pump();
  push(["I", 120], ["I", 2000]);
  assert.equal(sink.take(), "I80 I120 I2000 ");
  assert.equal(player.inStep, true);
});

/** A player that paused in a GOP with a header in it, all of which was given up and encoded anew. */
function restedIn(gop: Line[], headerMeanwhile: boolean) {
  const cached: MediaFrame[] = [];
  const state = { headers: [frame(["H", 0])] };
  const encoding = new Encoding(plainEncoder, {
    headers: () => state.headers,
    startTime: 0,
    hasVideo: true,
    keys: new KeyClock(),
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => cached,
  }, 0);
  const sink = new CollectingSink();
  const player = new Player(sink, new Observer(), { bytes: 1e6, ms: 1e6, overflows: 0 });
  sink.player = player;
  encoding.add(player, 0);
  for (const line of [["K", 0], ["I", 40], ["H", 45], ["I", 80]] as Line[]) {
    encoding.append(frame(line), 0);
  }
  encoding.flush(0);
  player.pause();
  encoding.rest();
  assert.equal(encoding.heldBytes, 0, "nobody wants media");
  if (headerMeanwhile) encoding.append(frame(["H", 90]), 0);
  cached.push(...gop.map(frame));
  sink.take();
  return { sink, player };
}

test("a player goes on behind what it saw of a GOP that was encoded anew meanwhile", () => {
  const gop: Line[] = [["K", 0], ["I", 40], ["I", 80], ["I", 120]];
  for (const after of [undefined, 80]) {
    const { sink, player } = restedIn(gop, false);
    player.resume(0, after);
    sink.pump();
    assert.equal(sink.take(), "I120 ", `after ${after}`);
  }
  const earlier = restedIn(gop, false);
  earlier.player.resume(0, 40);
  earlier.sink.pump();
  assert.equal(earlier.sink.take(), "I80 I120 ");
  const changed = restedIn(gop, true);
  changed.player.resume(0);
  changed.sink.pump();
  assert.equal(changed.sink.take(), "H0 I120 ", "headers that changed come first");
});

test("a player begins anew with another GOP that was encoded meanwhile", () => {
  const { sink, player } = restedIn([["K", 200], ["I", 240]], false);
  player.resume(0);
  sink.pump();
  assert.equal(sink.take(), "H0 K200 I240 ");
});
