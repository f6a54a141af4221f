import { readFileSync } from "node:fs";
import { test } from "node:test";
import assert from "node:assert/strict";
import { MAX_INPUT_MS } from "../fuzz/fuzzer.ts";
import { ServiceTarget } from "../fuzz/service_target.ts";
import { feedSession } from "../fuzz/session_target.ts";
import { feedings } from "../support/feed.ts";
import { stopwatch } from "../support/cpu.ts";
import { figure } from "../support/figure.ts";
import { BLIND_HANDSHAKE } from "../support/raw_client.ts";

/** An entry of `test/vectors/hostile/sessions.json`; its README.md says what the members mean. */
interface HostileSession {
  readonly name: string;
  readonly end: string;
  readonly parts: readonly (readonly [digits: string, times: number])[];
}

const SESSIONS: readonly HostileSession[] = JSON.parse(
  readFileSync(new URL("../vectors/hostile/sessions.json", import.meta.url), "utf8"),
);

/** A seed with which the owner of the session accepts whatever it is asked first. */
const ACCEPTING = 1;

function bytesOf({ parts }: HostileSession): Uint8Array {
  const all = parts.map(([digits, times]) => {
    const one = (digits.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
    const bytes = new Uint8Array(one.length * times);
    for (let at = 0; at < bytes.length; at += one.length) bytes.set(one, at);
    return bytes;
  });
  const bytes = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  all.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

for (const session of SESSIONS) {
  test(`A10: ${session.name}: ends as it must, however it is cut`, async () => {
    const bytes = bytesOf(session);
    // By the byte only what is short.
    const ways = bytes.length < 100_000 ? feedings(bytes) : [[bytes.slice()]];
    for (const segments of ways) {
      const { code = "none" } = feedSession(ACCEPTING, [BLIND_HANDSHAKE.slice(), ...segments]);
      assert.equal(code, session.end, `cut into ${segments.length} segments`);
    }
    await new ServiceTarget().feed([BLIND_HANDSHAKE, bytes]);
  });
}

test("A10: no hostile session takes longer than any input may", () => {
  let most = 0;
  for (const session of SESSIONS) {
    const bytes = bytesOf(session);
    let best = Infinity;
    for (let i = 0; i < 5; i++) {
      const segments = [BLIND_HANDSHAKE.slice(), bytes.slice()];
      const time = stopwatch();
      feedSession(ACCEPTING, segments);
      best = Math.min(best, time());
    }
    most = Math.max(most, best);
  }
  const value = Number(most.toFixed(1));
  figure({
    ...{ id: "A10", what: `slowest of ${SESSIONS.length} hostile sessions`, value, unit: "ms" },
    ...{ atMost: MAX_INPUT_MS, by: "cpu", slack: 2 },
  });
});
