import { test } from "node:test";
import assert from "node:assert/strict";
import * as v from "valibot";
import {
  APPS,
  appSettings,
  groupOf,
  groups,
  settingOf,
  settings,
} from "../../src/config/settings.ts";

const every = [...settings, ...appSettings];

test("names follow from the key, but for --plugin, which takes one path at a time", () => {
  const names = new Map(settings.map(({ key, flag, env }) => [key, [flag, env]]));
  assert.deepEqual(names.get("rtmp.port"), ["rtmp-port", "SLUICE_RTMP_PORT"]);
  assert.deepEqual(names.get("max.connectionsPerAddress"), [
    "max-connections-per-address",
    "SLUICE_MAX_CONNECTIONS_PER_ADDRESS",
  ]);
  assert.deepEqual(names.get("gopCache.ms"), ["gop-cache-ms", "SLUICE_GOP_CACHE_MS"]);
  assert.deepEqual(names.get("plugins"), ["plugin", "SLUICE_PLUGINS"]);
});

test("what turns a section on is called as the section in flags and variables", () => {
  const { flag, env } = settingOf("sharedObjects.enabled")!;
  assert.deepEqual([flag, env], ["shared-objects", "SLUICE_SHARED_OBJECTS"]);
});

test("no two settings share a flag or a variable, nor take one that is no setting", () => {
  const flags = settings.map(({ flag }) => flag);
  const modes = ["config", "check", "version", "help", APPS.flag];
  assert.equal(new Set([...flags, ...modes]).size, flags.length + modes.length);
  const variables = settings.map(({ env }) => env);
  assert.equal(new Set([...variables, APPS.env, "SLUICE_CONFIG"]).size, variables.length + 2);
  for (const name of variables) assert.match(name, /^SLUICE_[A-Z_]+$/);
  for (const name of flags) assert.match(name, /^[a-z-]+$/);
});

test("there are some hundred settings, and no more than a hundred and twenty", () => {
  assert.ok(every.length >= 50 && every.length <= 120, String(every.length));
});

test("every setting is explained in whole sentences and stands in its section", () => {
  for (const { key, text, section, name, expected } of every) {
    assert.match(text, /^[A-Z].*\.$/, key);
    assert.match(expected, /^[a-z0-9].*[^.]$/, key);
    assert.doesNotMatch(expected, /undefined/, key);
    assert.equal(key, section === undefined ? name : `${section}.${name}`);
  }
  const [general, ...sections] = groups;
  assert.equal(general!.key, undefined);
  for (const group of groups) {
    assert.match(group.title, /^[A-Z]/);
    for (const { section } of group.settings) assert.equal(section, group.key);
  }
  assert.equal(new Set(sections.map(({ key }) => key)).size, sections.length);
  assert.deepEqual(groups.flatMap((group) => group.settings), settings);
});

test("every default is a right value of its setting", () => {
  for (const { key, schema, fallback } of every) assert.ok(v.is(schema, fallback), key);
});

test("a number accepts its bounds and nothing beside them", () => {
  for (const { key, kind, expected, schema } of every.filter((row) => row.kind === "integer")) {
    const [, min, max] = expected.match(/from (\d+) to (\d+)$/)?.map(Number) ?? [];
    assert.equal(kind, "integer");
    for (const right of [min, max]) assert.ok(v.is(schema, right), `${key} ${right}`);
    for (const wrong of [min! - 1, max! + 1, min! + 0.5, NaN, String(min)]) {
      assert.ok(!v.is(schema, wrong), `${key} ${wrong}`);
    }
  }
});

test("times name their unit, and so do sizes", () => {
  for (const { key, unit } of every) {
    if (/(Ms|\.ms)$/.test(key)) assert.equal(unit, "ms", key);
    if (/(Bytes|\.bytes|Size)$/.test(key)) assert.equal(unit, "bytes", key);
  }
});

test("a key of Object.prototype is neither a setting nor a section", () => {
  for (const key of ["__proto__", "constructor", "toString"]) {
    assert.equal(settingOf(key), undefined);
    assert.equal(groupOf(key), undefined);
  }
});

test("only what holds a token or a key is secret", () => {
  const secret = every.filter(({ secret }) => secret).map(({ key }) => key);
  assert.deepEqual(secret, [
    "api.token",
    "api.tokens",
    "relay.push",
    "relay.pull",
    "relay.origin",
    "cluster.url",
  ]);
});
