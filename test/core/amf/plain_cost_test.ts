import { test } from "node:test";
import assert from "node:assert/strict";
import { type AmfValue, toPlain } from "../../../src/core/amf/mod.ts";
import { cpuMs } from "../../support/cpu.ts";

test("few bytes that unfold to many values stay bounded", () => {
  let value: AmfValue = [1];
  for (let i = 0; i < 15; i++) value = Array.from({ length: 100 }, () => value);
  const start = cpuMs();
  assert.ok(JSON.stringify(toPlain(value)).length < 20_000);
  assert.ok(cpuMs() - start < 1000);
});
