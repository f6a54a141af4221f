/** Servers that mean no good: a client session stays bounded, and ends or goes on. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { amfObject, encodeAmf0 } from "../../../../../src/core/amf/mod.ts";
import { AssemblyBudget } from "../../../../../src/core/rtmp/chunk/assembly_budget.ts";
import { encodeMessage } from "../../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { capture, captureNames } from "../../../../support/captures.ts";
import { feedings, random } from "../../../../support/feed.ts";
import { Owner, replay } from "./owner.ts";

const HANDSHAKE_BYTES = 1 + 1536 + 1536;

const bytes = (...values: number[]) => Uint8Array.from(values);

test("a server of another version ends the session", () => {
  const owner = new Owner();
  owner.session.receive(bytes(0x48));
  assert.deepEqual(owner.takeEvents(), ["end: handshake"]);
});

test("before a play no message is longer than 64 KiB, and afterwards none longer than its limit", () => {
  const owner = new Owner().connected();
  const header = (type: number, length: number) =>
    bytes(4, 0, 0, 0, length >> 16, length >> 8, length, type, 1, 0, 0, 0);
  owner.session.receive(header(9, 64 * 1024 + 1));
  assert.deepEqual(owner.takeEvents(), ["end: limit"]);
  for (const type of [9, 20]) {
    const other = new Owner({ maxMediaBytes: 100_000, maxCommandBytes: 100_000 });
    other.playing();
    other.session.receive(header(type, 100_001));
    assert.deepEqual(other.takeEvents(), ["end: limit"]);
  }
});

test("memory for unfinished messages is what was sent, charged to the budget and given back", () => {
  const assembly = new AssemblyBudget(1_000_000);
  const owner = new Owner({ assembly });
  owner.playing();
  const whole = encodeMessage(9, 1, 0, new Uint8Array(8 * 1024 * 1024), 6, 128);
  owner.session.receive(whole.subarray(0, 1000));
  assert.ok(assembly.used > 0 && assembly.used < 4096, `${assembly.used} bytes`);
  owner.session.receive(whole.subarray(1000, 900_000));
  assert.equal(owner.takeEvents().at(-1), "end: limit");
  assert.equal(assembly.used, 0);
});

test("what comes while nothing is read is bounded", () => {
  const owner = new Owner();
  owner.playing();
  owner.react.media = () => owner.session.stop();
  const message = encodeMessage(9, 1, 0, new Uint8Array(60_000), 6, 128);
  for (let i = 0; i < 30; i++) owner.session.receive(message);
  assert.deepEqual(owner.takeEvents().slice(1), ["end: limit"]);
  assert.equal(owner.session.heldBytes, 0);
});

test("answers to what nobody asked, statuses of no stream and unreadable commands are counted and dropped", () => {
  const owner = new Owner().connected();
  for (let id = 0; id < 500; id++) {
    owner.command(0, "_result", id + 2, null, id);
    owner.command(0, "_error", -id, null);
  }
  owner.command(1, "onStatus", 0, null).command(1, "onStatus", 0, "text", 5);
  owner.message(20, 0, bytes(2, 0, 1)).message(20, 0, bytes()).message(20, 0, bytes(0x0e, 1));
  owner.message(20, 0, bytes(...encodeAmf0("method", 1), 3, 0, 1));
  owner.message(17, 0, bytes(0)).message(8, 9, bytes(0xaf)).message(18, 1, bytes(5));
  assert.deepEqual(owner.takeEvents(), []);
  assert.equal(owner.session.strayMessages, 1009);
  assert.equal(owner.session.phase, "connected");
});

test("a server that answers connect twice, or before the handshake is over, gains nothing", () => {
  const owner = new Owner().connected();
  owner.command(0, "_result", 1, null, amfObject({ code: "NetConnection.Connect.Success" }));
  owner.command(0, "_error", 1, null, amfObject({ code: "NetConnection.Connect.Rejected" }));
  assert.deepEqual(owner.takeEvents(), []);
});

test("before connect is answered the server may not call, share or play", () => {
  const owner = new Owner().shake();
  owner.takeSent();
  owner.command(0, "method", 5, null).message(19, 0, bytes(0)).message(9, 1, bytes(1));
  assert.deepEqual(owner.takeEvents(), []);
  assert.deepEqual(owner.takeSent(), []);
});

test("values of any type in the place of names, ids and objects end nothing", () => {
  const values = [null, undefined, true, NaN, -1, 1e300, "", "x", [1], amfObject({ code: 5 })];
  for (const name of ["_result", "_error", "onStatus", "onFCPublish", "pause", "connect"]) {
    for (const value of values) {
      const owner = new Owner();
      const stream = owner.withStream();
      owner.session.createStream();
      owner.session.play(stream, "test");
      owner.session.call("method", []);
      for (const id of [3, 4, 5, 6]) {
        owner.message(20, 1, encodeAmf0(name, id, value, value, value));
        owner.message(20, 0, encodeAmf0(name, value, value));
        owner.message(20, 0, encodeAmf0(value, id, value));
      }
      assert.equal(owner.session.phase, "connected", `${name} ${String(value)}`);
    }
  }
});

test("chunk sizes that nothing can be read with end the session; other odd control does not", () => {
  for (const [type, ...body] of [[1, 0, 0, 0, 0], [1, 0], [5, 1], [6, 0, 0, 0, 1, 9]]) {
    const owner = new Owner().connected();
    owner.message(type!, 0, bytes(...body));
    assert.deepEqual(owner.takeEvents(), type === 1 ? ["end: control"] : [], `type ${type}`);
  }
});

test("a damaged server is understood alike however its bytes are cut, or ends the session", () => {
  const seed = Number(process.env.SLUICE_TEST_SEED ?? Date.now() % 1e6);
  const next = random(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const names = captureNames("s2c");
  for (let round = 0; round < 150; round++) {
    const name = names[below(names.length)]!;
    const bytes = capture(name, "s2c").subarray(0, HANDSHAKE_BYTES + 600 + below(6000));
    for (let damage = below(4); damage >= 0; damage--) {
      bytes[HANDSHAKE_BYTES + below(bytes.length - HANDSHAKE_BYTES)] = below(256);
    }
    const [whole, , cut] = feedings(bytes, below(1e6)).map((segments) => replay(name, segments));
    const about = `seed ${seed}, round ${round}, ${name}`;
    assert.deepEqual(cut!.events, whole!.events, about);
    assert.equal(cut!.session.phase, whole!.session.phase, about);
    const last = whole!.events.at(-1) ?? "";
    assert.equal(whole!.session.phase === "closed", /^end(:|$)/.test(last), about);
  }
});
