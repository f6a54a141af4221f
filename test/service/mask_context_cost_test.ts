/** What it costs to keep what clients said from logs. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject } from "../../src/core/amf/mod.ts";
import { refuse } from "../../src/plugin/mod.ts";
import { stopwatch } from "../support/cpu.ts";
import { encodeAmf } from "../support/amf0.ts";
import { Rig } from "../support/rtmp_service.ts";

/** `length` characters of short words, each another one. */
function words(length: number, between: string): string {
  let text = "";
  for (let i = 0; text.length < length; i++) text += i.toString(36) + between;
  return text.slice(0, length);
}

/** Milliseconds that a command takes of a client which said `tcUrl`: the least of many. */
function costOf(tcUrl: string, ...command: Parameters<typeof encodeAmf>): number {
  const rig = new Rig({}, {
    name: "no",
    onPublish: () => refuse("The token is not valid."),
  });
  const client = rig.client();
  client.shake();
  client.command(0, "connect", 1, amfObject({ app: "live", tcUrl }));
  client.command(0, "createStream", 2, null);
  const bytes = client.encode(20, 1, 0, encodeAmf(...command));
  let least = Infinity;
  for (let round = 0; round < 30; round++) {
    const time = stopwatch();
    for (let i = 0; i < 10; i++) client.write(bytes);
    least = Math.min(least, time() / 10);
    client.take();
  }
  return least;
}

const SHORT = "rtmp://host/live";

test("a refused publish costs what it is long, however much was said in connect", () => {
  const refused = ["publish", 5, null, "x?token=1.AAAAAAAAAAAAAAAAAAAA"] as const;
  const little = costOf(SHORT, ...refused);
  for (const length of [4000, 8000, 15_000]) {
    const much = costOf(`${SHORT}/${words(length, "/")}`, ...refused);
    assert.ok(much < 12 * little + 0.2, `${length}: ${much} ms, ${little} ms with little said`);
  }
});

test("the parameters of a connection are read once, not for each request", () => {
  const play2 = ["play2", 0, null, { streamName: "a", transition: "appendAndWait" }] as const;
  const little = costOf(SHORT, ...play2);
  for (const unit of ["a&", "a=1&"]) {
    const much = costOf(`${SHORT}?${unit.repeat(4096 / unit.length)}`, ...play2);
    assert.ok(much < 8 * little + 0.05, `${unit}: ${much} ms, ${little} ms without`);
  }
});
