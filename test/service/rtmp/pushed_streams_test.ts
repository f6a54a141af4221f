import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveStream } from "../../../src/hub/mod.ts";
import type { FanoutPacer } from "../../../src/hub/mod.ts";
import { PushedStreams } from "../../../src/service/rtmp/pushed_streams.ts";

test("each stream that was pushed to in a turn is let out once, at its end", () => {
  const out: string[] = [];
  const pacer = {
    pushed: (stream: LiveStream, now: number) => void out.push(`${stream.name} ${now}`),
  } as unknown as FanoutPacer;
  const [a, b, c] = ["a", "b", "c"].map((name) => ({ name }) as LiveStream);
  const pushed = new PushedStreams();
  pushed.letOut(pacer, 1);
  assert.deepEqual(out, []);
  for (const stream of [a, a, b, a, c, b, c]) pushed.add(stream!);
  pushed.letOut(pacer, 2);
  assert.deepEqual(out.splice(0), ["a 2", "b 2", "c 2"]);
  pushed.letOut(pacer, 3);
  assert.deepEqual(out, [], "in the next turn there is nothing new");
  pushed.add(b!);
  pushed.letOut(pacer, 4);
  assert.deepEqual(out, ["b 4"]);
});
