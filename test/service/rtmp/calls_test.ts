/** Remote calls: plugins answer those of clients, clients answer ours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AmfDate, amfObject, asRecord, decodeAmf0, encodeAmf0 } from "../../../src/core/amf/mod.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { type CallContext, type Plugin, refuse } from "../../../src/plugin/mod.ts";
import { publishGop, Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

/** A plugin that answers calls. */
const answers = (onCall: Plugin["onCall"], name = "methods"): Plugin => ({ name, onCall });

const FAILED = "error:NetConnection.Call.Failed";

/** The description of the last error. */
function why(client: RigClient): unknown {
  return asRecord(decodeAmf0(client.takeMessages().at(-1)!.payload)[3])!.get("description");
}

test("a plugin answers a method, at once or later", async () => {
  for (const slow of [false, true]) {
    const seen: unknown[] = [];
    const rig = new Rig(
      {},
      answers((method, args) => {
        seen.push([method, args]);
        const sum = (args as number[]).reduce((a, b) => a + b, 0);
        return slow ? Promise.resolve(sum) : sum;
      }),
    );
    const client = rig.client().connected();
    client.command(0, "sum", 5, null, 1, 2, 3);
    client.command(0, "sum", 0, null, 1);
    await settle();
    assert.deepEqual(client.take(), ["0 _result 5 null 6"]);
    assert.deepEqual(seen, [["sum", [1, 2, 3]], ["sum", [1]]]);
  }
});

test("arguments are plain data without a prototype, answers become AMF", async () => {
  const rig = new Rig(
    {},
    answers((_method, [given]) => {
      assert.equal(Object.getPrototypeOf(given), null);
      const { __proto__: poison, at } = given as Record<string, unknown>;
      return { poison, at, list: [1, "two", null], when: new Date(7) };
    }),
  );
  const client = rig.client().connected();
  client.command(0, "f", 5, null, amfObject({ ["__proto__"]: "x", at: new AmfDate(9) }));
  await settle();
  const [, , , value] = decodeAmf0(client.takeMessages().at(-1)!.payload);
  assert.deepEqual([...asRecord(value)!], [
    ["poison", "x"],
    ["at", 9],
    ["list", [1, "two", null]],
    ["when", new AmfDate(7)],
  ]);
});

test("the first plugin that knows a method answers it; without one it does not exist", async () => {
  for (const later of [false, true]) {
    const only = (name: string): Plugin =>
      answers((method) => {
        const answer = method === name ? `from ${name}` : undefined;
        return later ? Promise.resolve(answer) : answer;
      }, name);
    const rig = new Rig({}, only("one"), only("two"));
    const client = rig.client().connected();
    for (const [id, name] of ["one", "two", "three"].entries()) {
      client.command(0, name, id + 5, null);
    }
    await settle();
    assert.deepEqual(client.take().sort(), [
      `0 _error 7 null ${FAILED}`,
      "0 _result 5 null from one",
      "0 _result 6 null from two",
    ]);
  }
  const client = new Rig().client().connected();
  client.command(0, "any", 5, null);
  assert.equal(why(client), "The method any does not exist.");
});

test("a plugin may refuse, and what it fails with stays with the server", async () => {
  const cases: [Plugin["onCall"], description: string, faults: number][] = [
    [() => refuse("Not you."), "Not you.", 0],
    [() => Promise.resolve(refuse("Not you.")), "Not you.", 0],
    [
      () => {
        throw new Error("secret");
      },
      "Refused by the server",
      1,
    ],
    [() => Promise.reject(new Error("secret")), "Refused by the server", 1],
    [() => () => 1, "Refused by the server", 1],
    [() => ({ "long name": 1, ["x".repeat(70_000)]: 1 }), "Refused by the server", 0],
  ];
  for (const [onCall, description, faults] of cases) {
    const rig = new Rig({}, answers(onCall));
    const client = rig.client().connected();
    client.command(0, "f", 5, null);
    await settle();
    assert.equal(why(client), description);
    assert.equal(rig.faults.length, faults);
    client.command(0, "_checkbw", 9, null);
    assert.deepEqual(client.take(), ["0 _result 9 null undefined"]);
  }
});

test("a call that takes too long fails, and what it answers later is dropped", async () => {
  let answer: (value: string) => void = () => {};
  const rig = new Rig({}, answers(() => new Promise((resolve) => answer = resolve)));
  const client = rig.client().connected();
  client.command(0, "f", 5, null);
  rig.clock.advance(rig.settings.hookTimeoutMs);
  await settle();
  assert.deepEqual(client.take(), [`0 _error 5 null ${FAILED}`]);
  answer("late");
  await settle();
  assert.deepEqual(client.take(), []);
});

test("calls wait beside each other and beside other commands, up to a bound", async () => {
  const open: ((value: string) => void)[] = [];
  const rig = new Rig({}, answers(() => new Promise((resolve) => open.push(resolve))));
  const client = rig.client().connected();
  for (const id of [5, 6, 7, 8]) client.command(0, "f", id, null);
  client.command(0, "_checkbw", 9, null);
  assert.deepEqual(client.take(), [`0 _error 8 null ${FAILED}`, "0 _result 9 null undefined"]);
  open[1]!("b");
  await settle();
  assert.deepEqual(client.take(), ["0 _result 6 null b"]);
  client.command(0, "f", 10, null);
  assert.deepEqual(client.take(), []);
  for (const resolve of open) resolve("rest");
  await settle();
  assert.equal(client.take().length, 3);
});

test("arguments that refer to each other are bounded together, waiting ones too", async () => {
  const seen: number[] = [];
  const rig = new Rig(
    { maxPendingCalls: 16 },
    answers((_method, args) => {
      seen.push(JSON.stringify(args).length);
      return new Promise(() => {});
    }),
  );
  const client = rig.client().connected();
  const items = 1000;
  const body = Uint8Array.from([
    ...encodeAmf0("f", 5, null),
    ...[10, 0, 0, items >> 8, items & 255, ...Array<number>(items).fill(5)],
    // References to it [AMF0 §2.9], three bytes each.
    ...Array.from({ length: 900 }, () => [7, 0, 0]).flat(),
  ]);
  client.message(20, 0, 0, body);
  assert.equal(seen.length, 1);
  assert.ok(seen[0]! <= 5 * 4096 + 10_000, `${seen[0]} characters`);
  client.message(20, 0, 0, body);
  await settle();
  assert.equal(seen.length, 1);
  assert.equal(why(client), "Calls that wait for an answer have more than 4096 values.");
});

test("an answer for a client that has left harms nobody", async () => {
  let answer: (value: string) => void = () => {};
  const rig = new Rig({}, answers(() => new Promise((resolve) => answer = resolve)));
  const client = rig.client().connected();
  client.command(0, "f", 5, null);
  client.connection.hangUp();
  await settle();
  answer("x");
  await settle();
  assert.deepEqual(rig.takeTold(), ["disconnect disconnected"]);
});

test("a call of ours is answered by the client's _result or _error", async () => {
  const rig = new Rig();
  const client = rig.client().connected();
  const timers = rig.clock.pending;
  const calls = ["ask", "ask"].map((method) => client.session.calls.call(method, [1, { a: true }]));
  const asked = client.takeMessages().map(({ payload }) => decodeAmf0(payload));
  assert.deepEqual(asked.map(([name, id]) => [name, id]), [["ask", 1], ["ask", 2]]);
  assert.deepEqual(asked[0]!.slice(2, 4), [null, 1]);
  client.command(0, "_error", 2, null, amfObject({ code: "No" }));
  client.command(0, "_result", 1, null, "yes");
  const [one, two] = await Promise.all(calls);
  assert.deepEqual(one, { kind: "result", value: "yes" });
  assert.equal(rig.clock.pending, timers, "no timer is left");
  assert.deepEqual([two!.kind, JSON.stringify("value" in two! && two.value)], [
    "error",
    '{"code":"No"}',
  ]);
});

test("a client that does not answer in time, or leaves, has not answered", async () => {
  const rig = new Rig();
  const client = rig.client().connected();
  const late = client.session.calls.call("ask", []);
  rig.clock.advance(rig.settings.callTimeoutMs);
  assert.deepEqual(await late, { kind: "timeout" });
  client.command(0, "_result", 1, null, "late");
  const left = client.session.calls.call("ask", []);
  client.connection.hangUp();
  assert.deepEqual(await left, { kind: "gone" });
  assert.deepEqual(await client.session.calls.call("ask", []), { kind: "gone" });
  assert.equal(client.session.calls.notify("tell", []), false);
});

test("a client that was not let in yet is not called", async () => {
  const client = new Rig().client().shake();
  assert.deepEqual(await client.session.calls.call("ask", []), { kind: "gone" });
});

test("answers that nobody waits for are dropped, twice the same as well", async () => {
  const client = new Rig().client().connected();
  for (const id of [0, 1, -1, 0.5, NaN]) client.command(0, "_result", id, null, "x");
  const call = client.session.calls.call("ask", []);
  client.command(0, "_result", 1, null, "first");
  client.command(0, "_result", 1, null, "second");
  assert.deepEqual(await call, { kind: "result", value: "first" });
});

test("calls of ours that wait are bounded per session; a notice waits for nothing", async () => {
  const rig = new Rig();
  const client = rig.client().connected();
  const { calls } = client.session;
  const waiting = [1, 2, 3].map(() => calls.call("ask", []));
  assert.deepEqual(await calls.call("ask", []), { kind: "busy" });
  assert.equal(calls.notify("tell", ["x"]), true);
  assert.equal(client.take().at(-1), "0 tell 0 null x");
  client.command(0, "_result", 2, null, null);
  assert.equal((await waiting[1]!).kind, "result");
  void calls.call("ask", []);
  assert.equal(client.take().length, 1);
});

test("what cannot be sent is the caller's mistake, and costs no place", () => {
  const { calls } = new Rig().client().connected().session;
  for (let time = 0; time < 5; time++) {
    assert.throws(() => calls.call("_result", []), UsageError);
    assert.throws(() => calls.call("", []), UsageError);
    assert.throws(() => calls.call("f", [() => 1]), UsageError);
    assert.throws(() => calls.call("f", [{ ["x".repeat(70_000)]: 1 }]), UsageError);
    assert.throws(() => calls.notify("f", [1n]), UsageError);
  }
  assert.doesNotThrow(() => void calls.call("f", []));
});

test("a plugin calls the client back from within a call", async () => {
  const rig = new Rig(
    {},
    answers(async (method, _args, { callClient }: CallContext) => {
      return `${method}: ${await callClient("whoAreYou", "please")}`;
    }),
  );
  const client = rig.client().connected();
  client.command(0, "hello", 5, null);
  assert.deepEqual(client.take(), ["0 whoAreYou 1 null please"]);
  client.command(0, "_result", 1, null, "me");
  await settle();
  assert.deepEqual(client.take(), ["0 _result 5 null hello: me"]);
  client.command(0, "hello", 6, null);
  client.command(0, "_error", 2, null, "none of your business");
  await settle();
  assert.equal(why(client), "The client answered with an error.");
  client.command(0, "hello", 7, null);
  rig.clock.advance(rig.settings.callTimeoutMs);
  await settle();
  assert.equal(why(client), "The client did not answer in time.");
  client.command(0, "hello", 8, null);
  client.connection.hangUp();
  await settle();
  rig.clock.advance(rig.settings.hookTimeoutMs * 3);
  await settle();
  // All that is the client's doing.
  assert.deepEqual(rig.faults, []);
  assert.deepEqual(rig.runner.health()[0], {
    name: "methods",
    faults: 0,
    pending: 0,
    late: 0,
    healthy: true,
  });
});

test("clients that answer no call keep nobody from publishing", async () => {
  const rig = new Rig({ maxPendingCalls: 100 }, {
    name: "methods",
    onPublish: ({ query }) => Promise.resolve(query.get("key") === "k" ? undefined : refuse("No")),
    onCall: async (_method, _args, { callClient }) => await callClient("yourName"),
  });
  const perClient = rig.settings.maxPendingCalls;
  for (let count = 0; count < 1200 / perClient; count++) {
    const client = rig.client().connected();
    for (let id = 0; id < perClient; id++) client.command(0, "greet", 10 + id, null);
    client.take();
  }
  const publisher = rig.client().connected();
  publisher.publish(1, "good?key=k");
  await settle();
  assert.deepEqual(publisher.codes(), ["NetStream.Publish.Start"]);
  rig.clock.advance(Math.max(rig.settings.callTimeoutMs, rig.settings.hookTimeoutMs) + 500);
  await settle();
  const { faults, healthy, pending } = rig.runner.health()[0]!;
  assert.deepEqual({ faults, healthy, pending }, { faults: 0, healthy: true, pending: 0 });
});

test("a data message of ours reaches the players in order with the media", () => {
  const rig = new Rig();
  assert.equal(rig.hub.announce({ app: "live", name: "test" }, "onTextData", DATA), false);
  const publisher = rig.publisher();
  const [one, other] = [rig.player(), rig.player()];
  for (const player of [one, other]) player.take();
  publisher.message(8, 1, 40, Uint8Array.of(0x2f, 1));
  assert.equal(rig.hub.announce({ app: "live", name: "test" }, "onTextData", DATA), true);
  publisher.message(8, 1, 60, Uint8Array.of(0x2f, 2));
  for (const player of [one, other]) {
    const seen = player.takeMessages().map(({ type, timestamp }) => [type, timestamp]);
    assert.deepEqual(seen, [[8, 40], [18, 40], [8, 60]]);
  }
});

test("a data message of ours goes out at once, without media behind it", () => {
  const rig = new Rig();
  rig.publisher();
  const player = rig.player();
  player.take();
  rig.hub.announce({ app: "live", name: "test" }, "onTextData", DATA);
  assert.deepEqual(player.takeMessages().map(({ type }) => type), [18]);
});

test("a data message of ours is part of the GOP that players begin with", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  rig.hub.announce({ app: "live", name: "test" }, "onTextData", DATA);
  const types = rig.player().takeMessages().map(({ type }) => type);
  assert.deepEqual(types.slice(-4), [9, 8, 9, 18]);
});

test("a stored data message reaches players that come later, too", () => {
  const rig = new Rig();
  rig.publisher();
  rig.hub.announce({ app: "live", name: "test" }, "onTextData", DATA, true);
  const late = rig.player();
  const data = late.takeMessages().filter(({ type }) => type === 18);
  assert.deepEqual(decodeAmf0(data.at(-1)!.payload)[0], "onTextData");
});

const DATA = encodeAmf0("onTextData", "hello");

test("a call that was answered leaves no timer, and of a long name little is told back", async () => {
  const rig = new Rig();
  const client = rig.client().connected();
  const before = rig.clock.pending;
  const answered = client.session.calls.call("m", []);
  assert.equal(rig.clock.pending, before + 1);
  client.command(0, "_result", 1, null, "x");
  assert.deepEqual(await answered, { kind: "result", value: "x" });
  assert.equal(rig.clock.pending, before);
  client.take();
  client.command(0, "n".repeat(100), 7, null);
  const [answer] = client.takeMessages();
  assert.match(new TextDecoder().decode(answer!.payload), /The method n{64} does not exist/);
});

test("a client is not called by names that it would take for answers", () => {
  const client = new Rig().client().connected();
  for (const method of ["", "_result", "_error"]) {
    assert.throws(() => void client.session.calls.call(method, []), UsageError, method);
    assert.throws(() => client.session.calls.notify(method, []), UsageError, method);
  }
});

test("the arguments of all calls that wait are counted, until each is answered", async () => {
  const open: (() => void)[] = [];
  const rig = new Rig(
    { maxPendingCalls: 16 },
    answers(() => new Promise((resolve) => open.push(() => resolve("done")))),
  );
  const client = rig.client().connected();
  const list = (values: number) => Array<number>(values).fill(1);
  const call = (id: number, values: number) => {
    client.command(0, "f", id, null, list(values));
    return client.take();
  };
  assert.deepEqual([call(5, 1500), call(6, 1500)], [[], []]);
  assert.deepEqual(call(7, 1500), [`0 _error 7 null ${FAILED}`], "4500 of 4096");
  open[0]!();
  await settle();
  assert.deepEqual(client.take(), ["0 _result 5 null done"]);
  assert.deepEqual(call(8, 1500), []);
  assert.deepEqual(call(9, 1500), [`0 _error 9 null ${FAILED}`]);
});
