import { test } from "node:test";
import assert from "node:assert/strict";
import { HANDSHAKE_BYTES } from "../fuzz/fuzzer.ts";
import { fuzzInput } from "../fuzz/generator.ts";
import { feedSession } from "../fuzz/session_target.ts";
import { capture } from "../support/captures.ts";
import { figure, sized } from "../support/figure.ts";

/** Recordings of real programs that publish and play. */
const CAPTURES = [
  ...["ffmpeg-publish", "ffmpeg-publish-query", "ffmpeg-play", "gst-rtmpsink-publish"],
  ...["gst-rtmp2sink-publish", "gst-rtmpsrc-play", "gst-rtmp2src-play", "rtmpdump-play"],
  ...["rtmpdump-swf-play", "curl-play"],
];

/** Cuts `bytes` in two at each offset from `from` on; every cut must give the same. */
function splitEverywhere(seed: number, bytes: Uint8Array, from: number, what: string): number {
  const { events } = feedSession(seed, [bytes.slice()]);
  assert.ok(events.length > 1, `${what} has events`);
  let splits = 0;
  for (let at = from; at < bytes.length; at++, splits++) {
    const cut = feedSession(seed, [bytes.slice(0, at), bytes.slice(at)]).events;
    // Compared as text first: it is the same all but never.
    if (cut.join("\n") !== events.join("\n")) assert.deepEqual(cut, events, `${what} at ${at}`);
  }
  return splits;
}

test("A5: recorded sessions cut at every byte are the same sessions", () => {
  const most = sized(400, 12_000);
  let splits = 0;
  CAPTURES.forEach((name, i) => {
    const bytes = capture(name, "c2s").subarray(0, HANDSHAKE_BYTES + most);
    // Every byte of the handshake once; that of the others differs in its random bytes only.
    splits += splitEverywhere(2 * i, bytes, i === 0 ? 1 : HANDSHAKE_BYTES - 4, name);
  });
  // With those of the next test more than 15,000 in the suite.
  figure({
    ...{ id: "A5", what: "splits of recorded sessions", value: splits, unit: "splits" },
    atLeast: 5000,
  });
});

test("A5: made-up sessions of every kind of message and chunk cut at every byte are the same", () => {
  const least = sized(8000, 200_000);
  let splits = 0;
  let sessions = 0;
  for (let seed = 1; splits < least; seed++) {
    const { bytes } = fuzzInput(seed);
    if (bytes.length > HANDSHAKE_BYTES + 3000) continue;
    splits += splitEverywhere(seed, bytes, HANDSHAKE_BYTES, `seed ${seed}`);
    sessions++;
  }
  assert.ok(sessions > 10);
  figure({
    ...{ id: "A5", what: "splits of made-up sessions", value: splits, unit: "splits" },
    atLeast: least,
  });
});
