import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../src/config/mod.ts";
import { ProtocolError, UsageError } from "../../src/core/errors.ts";
import { PluginStartError } from "../../src/plugin/lifecycle.ts";
import { PluginLoadError } from "../../src/plugin/loader.ts";
import { ClientCallError } from "../../src/plugin/mod.ts";

test("an error is named by who is to blame, also where only its text is seen", () => {
  const cause = new Error("cut");
  const theirs = new ProtocolError("limit", "Too much", { cause });
  assert.equal(`${theirs}`, "ProtocolError: Too much");
  assert.deepEqual([theirs.code, theirs.cause], ["limit", cause]);
  assert.equal(`${new UsageError("No such thing")}`, "UsageError: No such thing");
});

test("every error says in its name what it is", () => {
  const named = [
    new ProtocolError("limit", "m"),
    new UsageError("m"),
    new ConfigError([]),
    new ClientCallError("gone"),
    new PluginLoadError("p", "m", "c"),
    new PluginStartError("p", new Error()),
  ];
  const names = ["ProtocolError", "UsageError", "ConfigError", "ClientCallError"];
  assert.deepEqual(named.map(({ name }) => name), [
    ...names,
    "PluginLoadError",
    "PluginStartError",
  ]);
});
