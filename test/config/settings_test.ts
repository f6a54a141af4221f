import { test } from "node:test";
import assert from "node:assert/strict";
import * as v from "valibot";
import { schema } from "../../src/config/schema.ts";
import { groups } from "../../src/config/setting.ts";
import { settingOf, settings } from "../../src/config/settings.ts";

test("names follow from the key, but for --plugin, which takes one path at a time", () => {
  const names = new Map(settings.map(({ key, flag, env }) => [key as string, [flag, env]]));
  assert.deepEqual(names.get("rtmpPort"), ["rtmp-port", "SLUICE_RTMP_PORT"]);
  assert.deepEqual(names.get("maxStreamsPerConnection"), [
    "max-streams-per-connection",
    "SLUICE_MAX_STREAMS_PER_CONNECTION",
  ]);
  assert.deepEqual(names.get("gopCacheMs"), ["gop-cache-ms", "SLUICE_GOP_CACHE_MS"]);
  assert.deepEqual(names.get("plugins"), ["plugin", "SLUICE_PLUGINS"]);
});

test("no two settings share a flag or a variable, nor take one that is no setting", () => {
  const flags = settings.map(({ flag }) => flag);
  assert.equal(new Set([...flags, "config", "check", "version", "help"]).size, flags.length + 4);
  const variables = settings.map(({ env }) => env);
  assert.equal(new Set([...variables, "SLUICE_CONFIG"]).size, variables.length + 1);
  for (const name of variables) assert.match(name, /^SLUICE_[A-Z_]+$/);
  for (const name of flags) assert.match(name, /^[a-z-]+$/);
});

test("every setting is explained in whole sentences and belongs to a group", () => {
  for (const { key, text, group, expected } of settings) {
    assert.match(text, /^[A-Z].*\.$/, key);
    assert.ok(groups.includes(group), key);
    assert.match(expected, /^[a-z0-9].*[^.]$/, key);
    assert.doesNotMatch(expected, /undefined/, key);
  }
  for (const group of groups) assert.ok(settings.some((row) => row.group === group), group);
});

test("settings of a group stand together", () => {
  const order = settings.map(({ group }) => groups.indexOf(group));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
});

test("every default is a right value of its setting", () => {
  for (const { key, fallback } of settings) {
    assert.ok(v.is(schema.entries[key], fallback), key);
  }
});

test("a number accepts its bounds and nothing beside them", () => {
  for (const { key, kind, expected } of settings.filter((row) => row.kind === "integer")) {
    const [, min, max] = expected.match(/from (\d+) to (\d+)$/)?.map(Number) ?? [];
    assert.equal(kind, "integer");
    for (const right of [min, max]) assert.ok(v.is(schema.entries[key], right), `${key} ${right}`);
    for (const wrong of [min - 1, max + 1, min + 0.5, NaN, String(min)]) {
      assert.ok(!v.is(schema.entries[key], wrong), `${key} ${wrong}`);
    }
  }
});

test("times name their unit, and so do sizes", () => {
  for (const { key, unit } of settings) {
    if (key.endsWith("Ms")) assert.equal(unit, "ms", key);
    if (key.endsWith("Bytes") || key.endsWith("Size")) assert.equal(unit, "bytes", key);
  }
});

test("a key of Object.prototype is no setting", () => {
  for (const key of ["__proto__", "constructor", "toString"]) {
    assert.equal(settingOf(key), undefined);
  }
});

test("only the token is secret", () => {
  assert.deepEqual(settings.filter(({ secret }) => secret).map(({ key }) => key), ["apiToken"]);
});
