import { test } from "node:test";
import assert from "node:assert/strict";
import { type AmfValue, decodeCommandBody, encodeAmf0, toPlain } from "../../src/core/amf/mod.ts";
import { ProtocolError } from "../../src/core/errors.ts";
import { parseDataMessage } from "../../src/core/rtmp/session/data_message.ts";
import { stopwatch } from "../support/cpu.ts";
import { figure, sized } from "../support/figure.ts";
import { SessionPeer } from "../support/session_peer.ts";

const MiB = 1024 * 1024;
const COMMAND = 20;
const COMMAND_3 = 17;
const DATA = 18;
const DATA_3 = 15;

/** Bytes of hex digits. */
function hex(digits: string): number[] {
  return (digits.replace(/\s/g, "").match(/../g) ?? []).map((pair) => parseInt(pair, 16));
}

/** `head`, then `unit` again and again up to `length` bytes. */
function filled(length: number, unit: readonly number[], head: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(head.slice(0, length));
  for (let at = head.length; at < length; at++) bytes[at] = unit[(at - head.length) % unit.length]!;
  return bytes;
}

/** `unit` `count` times between `head` and `tail`. */
function times(count: number, unit: string, head = "", tail = ""): Uint8Array {
  const one = hex(unit);
  const body = filled(one.length * count, one);
  return Uint8Array.from([...hex(head), ...body, ...hex(tail)]);
}

/** An AMF0 long string of `length` bytes made of `unit`. */
function longString(length: number, unit: string): Uint8Array {
  const head = [0x0c, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  return filled(5 + length, hex(unit), head);
}

/** An object of `count` members of different names, each with the value `value`. */
function members(count: number, value: string): Uint8Array {
  const parts: number[] = [3];
  for (let i = 0; i < count; i++) {
    const name = [...`k${i}`].map((letter) => letter.charCodeAt(0));
    parts.push(0, name.length, ...name, ...hex(value));
  }
  return Uint8Array.from([...parts, 0, 0, 9]);
}

/** Sixteen thousand names of a class, of which no object need exist. */
const CLASS = `11 0a 8f d0 03 01 ${"0361".repeat(16_000)}`;

/** The worst bodies known: what takes longest, inside the limits and outside. */
const BODIES: [what: string, type: number, body: Uint8Array][] = [
  ...[10, 16, 17, 1000, 100_000, 1_000_000].flatMap((depth): typeof BODIES => [
    [`${depth} AMF0 objects inside each other`, COMMAND, times(depth, "03 0001 61")],
    [`${depth} AMF0 arrays inside each other`, COMMAND, times(depth, "0a 00000001")],
    [`${depth} AMF3 objects inside each other`, COMMAND_3, times(depth, "0a 0b 01 03 61", "00 11")],
    [`${depth} AMF3 arrays inside each other`, DATA_3, times(depth, "09 03 01", "00 11")],
    [`${depth} AMF3 dictionaries inside each other`, COMMAND, times(depth, "11 03 00", "11")],
  ]),
  ["an array of 2^32 - 1", COMMAND, times(1, "0a ffffffff 05 05")],
  ["an array of 65530 nulls", COMMAND, times(65_530, "05", "0a 0000fffa")],
  ["an AMF3 array of 2^28 - 1", COMMAND, times(1, "11 09 ffffffff 01 01")],
  ["an AMF3 vector of 2^28 - 1 numbers", COMMAND, times(1, "11 0f ffffffff 00")],
  ["an AMF3 vector of 8000 numbers", COMMAND, filled(64_007, [0], hex("11 0f fd 01 00"))],
  ["16 MiB of nulls", COMMAND, filled(16 * MiB, [5])],
  ["16 MiB of nulls as data", DATA, filled(16 * MiB, [5])],
  ["16 MiB of AMF3 nulls", COMMAND_3, filled(16 * MiB, [1], [0, 0x11, 6, 1])],
  ["2048 nulls", COMMAND, filled(2048, [5])],
  ["2048 empty objects", COMMAND, times(2048, "03 000009")],
  ["2048 AMF3 switches", COMMAND, times(2048, "11 0a 0b 01 01")],
  ["2040 members", COMMAND, members(2040, "05")],
  ["2040 members with objects", COMMAND, members(1020, "03 000009")],
  ["4090 members of metadata", DATA, members(4090, "03 000009")],
  ["an ECMA array without end", COMMAND, times(2000, "0001 61 05", "08 ffffffff")],
  ["an ECMA array without end, as data", DATA, times(30_000, "0001 61 05", "08 ffffffff")],
  ["arrays that hold themselves", COMMAND, times(1000, "0a 00000001 07 0000")],
  ["AMF3 arrays that hold themselves", COMMAND, times(500, "09 03 01 09 00", "11 09 87 69 01")],
  ["16 KiB of what is not UTF-8", COMMAND, filled(16_387, [0xff], hex("02 4000"))],
  ["strings that are not UTF-8", COMMAND, times(1000, `02 003c ${"ff".repeat(60)}`)],
  ["256 KiB of what is not UTF-8", DATA, longString(262_139, "ff")],
  ["256 KiB of characters cut short", DATA, longString(262_139, "f09f98")],
  ["256 KiB of three byte characters", DATA, longString(262_139, "e282ac")],
  ["strings of data that are not UTF-8", DATA, times(4000, `02 003c ${"ff".repeat(60)}`)],
  ["short strings of data", DATA, times(4096, `02 001c ${"e282ac".repeat(9)}ff`)],
  ["a class of 16000 names", COMMAND, times(1, CLASS)],
];

/** What `run` takes at its best of some runs (ms): the compiler and the collector have their turns. */
function best(run: () => void): number {
  let least = Infinity;
  for (let i = 0; i < sized(4, 12); i++) {
    const time = stopwatch();
    run();
    least = Math.min(least, time());
  }
  return least;
}

test("A6: the worst AMF bodies are read or refused in 5 ms, and none overflows the stack", () => {
  let most = 0;
  let slowest = "";
  for (const [what, type, body] of BODIES) {
    // Those that are hardly too deep may be found to be cut off before that.
    const depth = Number(/^(\d+) .* inside each other/.exec(what)?.[1] ?? 0);
    const ms = best(() => {
      try {
        decodeCommandBody(type, body);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, `${what}: ${error}`);
        assert.ok(error.code === "limit" || error.code === "amf", what);
        if (depth > 17) assert.equal(error.code, "limit", what);
      }
    });
    if (ms > most) [most, slowest] = [ms, what];
  }
  const value = Number(most.toFixed(2));
  console.log(`slowest: ${slowest}`);
  const what = `worst of ${BODIES.length} AMF bodies`;
  figure({ id: "A6", what, value, unit: "ms", atMost: 5, by: "cpu", slack: 4 });
});

test("A6: what the server does with the worst bodies once they are read is bounded as well", () => {
  let most = 0;
  for (const [what, type, body] of BODIES) {
    let values: AmfValue[];
    try {
      values = decodeCommandBody(type, body);
    } catch {
      continue;
    }
    most = Math.max(most, best(() => void JSON.stringify(values.map((value) => toPlain(value)))));
    most = Math.max(most, best(() => void encodeAmf0(...values)));
    assert.ok(most < 200, what);
  }
  const value = Number(most.toFixed(2));
  figure({
    id: "A6",
    what: "worst AMF body shown or written",
    value,
    unit: "ms",
    atMost: 10,
    by: "cpu",
    slack: 5,
  });
});

test("A6: data messages in the AMF3 of type 15 are read as far as they must be, and never throw", () => {
  const name = "06 15 6f6e4d65746144617461";
  for (const [what, , body] of BODIES) {
    const direct = Uint8Array.from([...hex(name), ...body.subarray(0, 300_000)]);
    const formatted = Uint8Array.from([0, 2, 0, 10, ...hex(name).slice(2), ...direct]);
    for (const payload of [body, direct, formatted]) {
      for (const type of [DATA, DATA_3]) {
        const ms = best(() => void parseDataMessage(type, payload));
        assert.ok(ms < 100, `${what}: ${ms} ms`);
      }
    }
  }
});

test("A6: a session takes the worst bodies as commands and as data, and lives", () => {
  for (const [what, type, body] of BODIES) {
    if (body.length > MiB) continue;
    const peer = new SessionPeer().publishing();
    peer.message(type, 1, 0, Uint8Array.from([...encodeAmf0("unknown", 7), ...body]));
    peer.message(type, 1, 0, body);
    assert.equal(peer.error, undefined, what);
  }
});
