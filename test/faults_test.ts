import assert from "node:assert/strict";
import { test } from "node:test";
import { classOf, errorText, Faults } from "../src/faults.ts";

test("faults are counted by part and plugin, with the class and the time of the last", () => {
  let wall = 0;
  const faults = new Faults(() => wall);
  assert.deepEqual(faults.list(), []);
  faults.count("session", new TypeError("key=hunter2"));
  wall = 1500;
  faults.count("session", new RangeError("key=hunter2"));
  faults.count("process", "text", "gate");
  faults.count("log", new Error("full"), undefined, 10);
  const lastAt = "1970-01-01T00:00:01.500Z";
  assert.deepEqual(faults.list(), [
    { subsystem: "session", count: 2, lastError: "RangeError", lastAt },
    { subsystem: "process", plugin: "gate", count: 1, lastError: "string", lastAt },
    { subsystem: "log", count: 10, lastError: "Error", lastAt },
  ]);
});

test("whatever was thrown has a class and a text, and nothing hidden in them", () => {
  class Custom extends Error {}
  const named = class extends Error {};
  Object.defineProperty(named, "name", { value: "key=hunter2 " });
  const cursed = new Proxy(new Error("x"), {
    get: () => {
      throw new Error("get");
    },
    getPrototypeOf: () => {
      throw new Error("prototype");
    },
  });
  const cases: [thrown: unknown, name: string, text: string][] = [
    [new TypeError("m"), "TypeError", "TypeError: m"],
    [new Custom("m"), "Custom", "Custom: m"],
    [new named("m"), "Error", "Error: m"],
    ["m", "string", "string: m"],
    [undefined, "undefined", "undefined: undefined"],
    [null, "null", "null"],
    [{}, "object", "object"],
    [Symbol("s"), "symbol", "symbol: Symbol(s)"],
    [cursed, "object", "object"],
  ];
  for (const [thrown, name, text] of cases) {
    assert.equal(classOf(thrown), name);
    assert.equal(errorText(thrown), text);
  }
});
