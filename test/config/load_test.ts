import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { ConfigError } from "../../src/config/errors.ts";
import { loadConfig, type LoadInput, parseConfig } from "../../src/config/load.ts";
import { defaults } from "../../src/config/assemble.ts";
import type { Config } from "../../src/config/config.ts";
import { type Setting, settings } from "../../src/config/settings.ts";
import { others } from "./other_values.ts";

import { anyText } from "../support/property.ts";

const MiB = 1024 * 1024;

/** Loads from the given sources; a file is read only if it is given. */
function load(
  { argv = [], env = {}, file }: { argv?: string[]; env?: LoadInput["env"]; file?: string },
) {
  return loadConfig({
    argv: file === undefined ? argv : [...argv, "--config=sluice.jsonc"],
    env,
    readFile: (path) => {
      assert.equal(path, "sluice.jsonc");
      return file ?? assert.fail("no file was named");
    },
  });
}

/** The default configuration with other values by key. */
function changed(values: Readonly<Record<string, unknown>>): Config {
  const config: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    const [section, name] = key.split(".") as [keyof Config, string | undefined];
    config[section] = name === undefined ? value : { ...config[section] as object, [name]: value };
  }
  return config as unknown as Config;
}

/** Settings as a file has them: one by its key. */
function nested({ section, name }: Setting, value: unknown): Record<string, unknown> {
  return section === undefined ? { [name]: value } : { [section]: { [name]: value } };
}

test("a server that was told nothing has the documented defaults", async () => {
  const { config, modes, file, given } = await load({});
  assert.deepEqual(config, {
    host: "127.0.0.1",
    plugins: [],
    allowAnonymous: false,
    rtmp: {
      port: 1935,
      onePort: false,
      chunkSize: 65536,
      typeThreeDelta: "timestamp",
      rtmpe: "allow",
      rtmpt: "allow",
      timeoutMs: 5000,
      idleTimeoutMs: 60000,
      pingIntervalMs: 30000,
    },
    rtmps: { maxVersion: "1.3" },
    rtmfp: {},
    http: {
      port: 8080,
      socketMode: "600",
      tls: "off",
      tlsMaxVersion: "1.3",
      timeoutMs: 10_000,
      maxConnections: 1000,
      mediaOrigins: ["*"],
    },
    tls: { cert: [], key: [], minVersion: "1.2", warnDays: 21 },
    proxy: { trusted: [], rtmp: "off", http: "off" },
    api: { tokens: [] },
    metrics: { access: "api", streams: 100, statAccess: "api" },
    dashboard: { enabled: true },
    player: { enabled: true, frames: [] },
    publish: { policy: "replace", startMs: 20000, idleMs: 10000, probeMs: 2000 },
    reconnect: { windowMs: 10_000 },
    play: {
      waitMs: 10000,
      latency: "auto",
      queueBytes: 8 * MiB,
      queueMs: 5000,
      overflows: 3,
      stallMs: 10000,
    },
    gopCache: { bytes: 32 * MiB, frames: 2500, ms: 30000 },
    hls: {
      mode: "watched",
      container: "cmaf",
      latency: "low",
      partMs: 300,
      segmentMs: 2000,
      listedMs: 12_000,
      streamBytes: 256 * MiB,
      playlist: "sliding",
      addresses: "viewer",
      sessionMs: 20_000,
    },
    record: {
      streams: [],
      publishers: [],
      format: "flv",
      file: "{start}",
      segmentMs: 0,
      segmentBytes: 0,
      queueBytes: 64 * MiB,
      keepMs: 0,
      keepBytes: 0,
      keepFiles: 0,
    },
    relay: {
      push: [],
      pull: [],
      origin: [],
      decides: "edge",
      fallback: [],
      idleMs: 10_000,
      allowPrivate: false,
      maxTargets: 1000,
      timeoutMs: 10_000,
    },
    cluster: { url: [], name: "sluice", leaseMs: 3000, replicas: 1 },
    media: { memoryBytes: 0 },
    sharedObjects: { enabled: false, maxObjects: 1000, maxPerApp: 100, maxFiles: 10000 },
    hook: { timeoutMs: 5000 },
    call: { timeoutMs: 5000 },
    max: {
      connections: 10000,
      connectionsPerAddress: 200,
      pendingConnections: 1024,
      streams: 10000,
      messageBytes: 8 * MiB,
      totalAssemblyBytes: 256 * MiB,
      messagesPerSecond: 20000,
    },
    shutdown: { drainMs: 10_000, ms: 5000 },
    log: { level: "info", format: "pretty", linesPerSecond: 100 },
    apps: {},
  });
  assert.deepEqual(config, defaults);
  assert.deepEqual(modes, { help: false, version: false, check: false });
  assert.equal(file, undefined);
  assert.deepEqual(given, []);
});

test("each setting is tried here", () => {
  assert.deepEqual(Object.keys(others).sort(), settings.map(({ key }) => key).sort());
});

for (const setting of settings) {
  const { key, env, flag, kind } = setting;
  const [value, text] = others[key]!;
  const expected = changed({ [key]: value });

  test(`${key} can be set in the file`, async () => {
    const file = JSON.stringify(nested(setting, value));
    assert.deepEqual((await load({ file })).config, expected);
  });

  test(`${key} can be set by ${env}`, async () => {
    assert.deepEqual((await load({ env: { [env]: text } })).config, expected);
  });

  test(`${key} can be set by --${flag}`, async () => {
    const separate = kind === "list"
      ? (value as string[]).flatMap((item) => [`--${flag}`, item])
      : kind === "boolean"
      ? [value === true ? `--${flag}` : `--no-${flag}`]
      : [`--${flag}`, text];
    assert.deepEqual((await load({ argv: separate })).config, expected);
    const joined = kind === "list"
      ? (value as string[]).map((item) => `--${flag}=${item}`)
      : [`--${flag}=${text}`];
    assert.deepEqual((await load({ argv: joined })).config, expected);
  });

  test(`${key} can be set by an embedding program`, () => {
    assert.deepEqual(parseConfig(nested(setting, value)), expected);
  });
}

test("flags win over the environment, the environment over the file, the file over defaults", async () => {
  const file =
    '{"rtmp": {"port": 1, "chunkSize": 1000}, "http": {"port": 2}, "max": {"streams": 3}}';
  const env = {
    SLUICE_HTTP_PORT: "4",
    SLUICE_RTMP_CHUNK_SIZE: "2000",
    OTHER_PORT: "9",
    PATH: "/bin",
  };
  const { config, given } = await load({ file, env, argv: ["--rtmp-chunk-size=3000"] });
  assert.deepEqual(
    config,
    changed({ "rtmp.port": 1, "http.port": 4, "rtmp.chunkSize": 3000, "max.streams": 3 }),
  );
  assert.deepEqual(given.map(({ key, source, value }) => [key, source, value]), [
    ["rtmp.port", "sluice.jsonc:1:19", 1],
    ["rtmp.chunkSize", "command line", 3000],
    ["http.port", "environment", 4],
    ["max.streams", "sluice.jsonc:1:82", 3],
  ]);
});

test("the last of several flags wins", async () => {
  const { config } = await load({ argv: ["--rtmp-port=1", "--rtmp-port=2"] });
  assert.equal(config.rtmp.port, 2);
});

test("a switch can be turned off again where an earlier source turned it on", async () => {
  const env = { SLUICE_ALLOW_ANONYMOUS: "1" };
  for (const flag of ["--no-allow-anonymous", "--allow-anonymous=false", "--allow-anonymous=0"]) {
    assert.equal((await load({ env, argv: [flag] })).config.allowAnonymous, false, flag);
  }
  const argv = ["--no-allow-anonymous", "--allow-anonymous"];
  assert.equal((await load({ argv })).config.allowAnonymous, true);
});

test("plugins of a later source replace those of an earlier one, in the order given", async () => {
  const env = { SLUICE_PLUGINS: "x.ts" };
  const { config } = await load({ env, argv: ["--plugin=b.ts", "--plugin", "a,b.ts"] });
  assert.deepEqual(config.plugins, ["b.ts", "a,b.ts"]);
});

test("blanks around plugins in the environment do not count, and an empty list is a list", async () => {
  const spaced = await load({ env: { SLUICE_PLUGINS: " a.ts , b.ts" } });
  assert.deepEqual(spaced.config.plugins, ["a.ts", "b.ts"]);
  const none = await load({ file: '{"plugins": ["a.ts"]}', env: { SLUICE_PLUGINS: "" } });
  assert.deepEqual(none.config.plugins, []);
});

test("the file may have comments, trailing commas and a byte order mark", async () => {
  const file = '\ufeff// one\n{ /* two */ "plugins": ["a.ts",], // three\n}\n';
  assert.deepEqual((await load({ file })).config, { ...defaults, plugins: ["a.ts"] });
});

test("SLUICE_CONFIG names the file unless --config names another", async () => {
  const read: string[] = [];
  const readFile = (path: string) => {
    read.push(path);
    return Promise.resolve("{}");
  };
  const env = { SLUICE_CONFIG: "env.jsonc" };
  assert.equal((await loadConfig({ argv: [], env, readFile })).file, "env.jsonc");
  assert.equal((await loadConfig({ argv: ["--config=a"], env, readFile })).file, "a");
  assert.deepEqual(read, ["env.jsonc", "a"]);
});

test("variables of plugins and of the test suite are left alone", async () => {
  const env = {
    SLUICE_TOKEN_SECRET: "x",
    SLUICE_PLUGIN_X: "y",
    SLUICE_TEST_SEED: "1",
    SLUICE_HOST: undefined,
    sluice_host: "x",
  };
  assert.deepEqual((await load({ env })).config, defaults);
});

test("two servers may both take any free port", async () => {
  const { config } = await load({ argv: ["--rtmp-port", "0", "--http-port", "0"] });
  assert.equal(config.rtmp.port, 0);
  assert.equal(config.http.port, 0);
});

test("--help and --version win over every mistake and read no file", async () => {
  for (const [flag, mode] of [["--help", "help"], ["-h", "help"], ["--version", "version"]]) {
    const argv = ["--nonsense", flag, "--config=none", "--rtmp-port=x"];
    const { modes } = await loadConfig({
      argv,
      env: { SLUICE_HOST: "" },
      readFile: () => assert.fail("read a file"),
    });
    assert.equal(modes[mode as "help" | "version"], true);
  }
});

test("applications have settings of their own, and a later source adds to them", async () => {
  const file = '{"apps": {"radio": {"latency": "lowest"}, "a.b/c": {"latency": "150"}, "tv": {}}}';
  const env = { SLUICE_APPS: "radio.latency=auto, x.y.latency=0" };
  const argv = ["--app", "a.b/c.latency=20", "--app=__proto__.latency=lowest"];
  const { config, given } = await load({ file, env, argv });
  const apps = Object.entries(config.apps).map(([app, { latency }]) => [app, latency]);
  assert.deepEqual(apps, [
    ["radio", "auto"],
    ["a.b/c", "20"],
    ["x.y", "0"],
    ["__proto__", "lowest"],
  ]);
  assert.deepEqual(given.map(({ key, source }) => [key, source]), [
    ["apps.radio.latency", "environment"],
    ["apps.a.b/c.latency", "command line"],
    ["apps.x.y.latency", "environment"],
    ["apps.__proto__.latency", "command line"],
  ]);
  const embedded = parseConfig({ apps: { "a.b/c": { latency: "20" } } });
  assert.deepEqual(embedded, changed({ apps: { "a.b/c": { latency: "20" } } }));
});

test("a hundred applications may have settings of their own, and no more", async () => {
  const argv = (count: number) =>
    Array.from({ length: count }, (_, i) => `--app=a${i}.latency=lowest`);
  assert.equal(Object.keys((await load({ argv: argv(100) })).config.apps).length, 100);
  await assert.rejects(
    load({ argv: argv(101) }),
    /line: --app: expected settings of at most 100 applications, found 101$/,
  );
});

/** Arguments that a fuzzer would not find by chance. */
const words = fc.oneof(
  anyText({ maxLength: 20 }),
  fc.constantFrom(...settings.map(({ flag }) => `--${flag}`)),
  anyText({ maxLength: 20 }).map((text) => `--app=${text}.latency=lowest`),
  fc.constantFrom("--app=__proto__.latency=auto", "--app", "--latency", "--handshake-timeout-ms"),
  fc.constantFrom("--", "-", "--no-", "--=", "--config", "--check", "__proto__", "--__proto__=1"),
  fc.tuple(fc.constantFrom(...settings.map(({ flag }) => flag)), fc.string())
    .map(([flag, text]) => `--${flag}=${text}`),
);

test("any command line, environment and file give a configuration or a list of mistakes", async () => {
  const prototype = Object.getOwnPropertyNames(Object.prototype);
  const names = fc.oneof(
    fc.constantFrom("SLUICE_APPS", "SLUICE_LATENCY", ...settings.map(({ env }) => env)),
    anyText().map((text) => `SLUICE_${text}`),
  );
  const texts = fc.oneof(
    anyText(),
    fc.json(),
    fc.dictionary(fc.constantFrom("__proto__", ...Object.keys(defaults)), fc.jsonValue())
      .map((value) => JSON.stringify(value)),
    fc.dictionary(
      fc.constantFrom("__proto__", ...Object.keys(defaults)),
      fc.dictionary(
        fc.constantFrom("__proto__", "port", "latency", "a b", ...settings.map(({ name }) => name)),
        fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom("latency"), fc.jsonValue())),
      ),
    ).map((value) => JSON.stringify(value)),
  );
  const any = fc.asyncProperty(
    fc.array(words),
    fc.dictionary(names, fc.string()),
    texts,
    async (argv, env, file) => {
      const input = { argv: ["--config=f", ...argv], env, readFile: () => file };
      try {
        const { config } = await loadConfig(input);
        assert.deepEqual(parseConfig(config), config);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const lines = error.message.split("\n");
        assert.equal(lines.length, error.mistakes.length + 1);
        for (const line of lines) assert.doesNotMatch(line, /\p{Cc}/u);
      }
    },
  );
  // A failure names its seed.
  const given = process.env.SLUICE_TEST_SEED;
  await fc.assert(any, { numRuns: 200, ...(given && { seed: Number(given) }) });
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), prototype);
});
