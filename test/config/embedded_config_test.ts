/** The configuration that a program gives which embeds the server. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { ConfigError } from "../../src/config/errors.ts";
import { parseConfig } from "../../src/config/load.ts";
import { defaults } from "../../src/config/assemble.ts";
import type { Settings } from "../../src/config/config.ts";

test("an embedding program learns all of its mistakes at once", () => {
  const circular: unknown[] = [];
  circular.push(circular);
  const options = {
    rtmp: { port: 8080, chunkSize: 10n, prot: 1 },
    http: { port: "80" },
    plugins: circular,
    api: { token: "short-secret" },
    host: () => 0,
    log: { level: Symbol("info"), format: undefined },
    play: 7,
    gopCache: circular,
    rtmp_port: 1,
    "http.port": 2,
    logLevel: "info",
    sharedObjects: true,
    apps: { radio: { latency: 5, latancy: "auto" }, "a b": {}, tv: null },
    max: undefined,
  } as unknown as Settings;
  assert.throws(
    () => parseConfig(options, { maxAmfDepht: 8, maxAmfDepth: 1 } as object),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(
        error.message,
        [
          "19 configuration mistakes:",
          "  options: rtmp.chunkSize: expected a whole number of bytes from 128 to 65536, found 10n",
          "  options: rtmp.prot: unknown setting, did you mean rtmp.port?",
          '  options: http.port: expected a whole number from 0 to 65535, found "80"',
          "  options: plugins: expected a list of at most 100 paths, none of them empty, found [a list]",
          "  options: api.token: expected 16 to 1024 ASCII characters without spaces, found *** (12 characters)",
          "  options: host: expected an IP address or a host name, without port or brackets, found a function",
          "  options: log.level: expected one of trace, debug, info, warning, error, found a symbol",
          "  options: play: expected an object with settings, found 7",
          "  options: gopCache: expected an object with settings, found [a list]",
          "  options: rtmp_port: unknown setting, did you mean rtmp.port?",
          '  options: http.port: expected in its section, as { "http": { "port": … } }',
          "  options: logLevel is now log.level",
          "  options: sharedObjects is now sharedObjects.enabled",
          "  options: apps.radio.latency: expected lowest, auto, or a whole number of milliseconds from 0 to 1000, found 5",
          "  options: apps.radio.latancy: unknown setting, did you mean apps.radio.latency?",
          '  options: apps.a b: expected the name of an application: 1 to 512 characters, neither blanks nor =, found "a b"',
          "  options: apps.tv: expected an object with settings, found null",
          "  tuning: maxAmfDepht: unknown bound, did you mean maxAmfDepth?",
          "  tuning: maxAmfDepth: expected a whole number from 4 to 256, found 1",
        ].join("\n"),
      );
      return true;
    },
  );
});

test("an embedding program that passes no object learns so", () => {
  for (const [options, found] of [[null, "null"], [[], "[]"], ["x", '"x"'], [1, "1"]] as const) {
    assert.throws(() => parseConfig(options as unknown as Settings), {
      name: "ConfigError",
      message:
        `1 configuration mistake:\n  options: expected an object with settings, found ${found}`,
    });
  }
});

test("configurations share nothing that can be changed", () => {
  const config = parseConfig({ apps: { radio: { latency: "lowest" } } });
  for (const one of [config, defaults]) {
    assert.ok(Object.isFrozen(one));
    for (const [key, value] of Object.entries(one)) assert.ok(Object.isFrozen(value), key);
  }
  assert.ok(Object.isFrozen(config.apps.radio));
  const plugins = ["a.ts"];
  const mine = parseConfig({ plugins });
  plugins.push("b.ts");
  assert.deepEqual(mine.plugins, ["a.ts"]);
});
