import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { ConfigError } from "../../src/config/errors.ts";
import { loadConfig, type LoadInput, parseConfig } from "../../src/config/load.ts";
import { type Config, type ConfigKey, defaults } from "../../src/config/schema.ts";
import { settings } from "../../src/config/settings.ts";

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

/** A right value of each setting that is not its default, as a file has it and as text. */
const others: { readonly [K in Exclude<ConfigKey, "apiToken">]: [Config[K], string] } & {
  readonly apiToken: [string, string];
} = {
  host: ["0.0.0.0", "0.0.0.0"],
  rtmpPort: [1936, "1936"],
  httpPort: [8081, "8081"],
  plugins: [["a.ts", "b/c.ts"], "a.ts,b/c.ts"],
  allowAnonymous: [true, "true"],
  apiToken: ["0123456789abcdef", "0123456789abcdef"],
  reconnectUrl: ["//other.example/live", "//other.example/live"],
  publishPolicy: ["reject", "reject"],
  reconnectWindowMs: [1, "1"],
  playWaitMs: [0, "0"],
  gopCacheBytes: [0, "0"],
  gopCacheFrames: [0, "0"],
  gopCacheMs: [0, "0"],
  latency: ["lowest", "lowest"],
  appLatency: [["radio=lowest", "live=150"], "radio=lowest,live=150"],
  latencyAutoMs: [0, "0"],
  playerQueueBytes: [MiB, "1048576"],
  playerQueueMs: [100, "100"],
  playerOverflows: [0, "0"],
  playerStallMs: [1000, "1000"],
  sharedObjects: [true, "true"],
  sharedObjectFolder: ["objects", "objects"],
  maxSharedObjects: [1, "1"],
  maxSharedObjectsPerApp: [1, "1"],
  maxSharedObjectsPerConnection: [1, "1"],
  maxSharedObjectBytes: [1024, "1024"],
  maxSharedObjectProperties: [1, "1"],
  maxSharedObjectFiles: [1, "1"],
  chunkSize: [128, "128"],
  windowAckSize: [5000000, "5000000"],
  typeThreeDelta: ["zero", "zero"],
  handshakeTimeoutMs: [100, "100"],
  connectTimeoutMs: [100, "100"],
  requestTimeoutMs: [100, "100"],
  idleTimeoutMs: [100, "100"],
  pingIntervalMs: [100, "100"],
  publishStartMs: [100, "100"],
  publishIdleMs: [100, "100"],
  publishProbeMs: [0, "0"],
  maxConnections: [1, "1"],
  maxConnectionsPerAddress: [1, "1"],
  limitLoopback: [true, "true"],
  maxPendingConnections: [1, "1"],
  maxStreams: [1, "1"],
  mediaMemoryBytes: [0, "0"],
  maxStreamsPerConnection: [1, "1"],
  maxMessageBytes: [16777215, "16777215"],
  maxCommandBytes: [65536, "65536"],
  maxAudioBytes: [65536, "65536"],
  maxEarlyMessageBytes: [16384, "16384"],
  maxChunkStreams: [64, "64"],
  maxUnfinishedMessages: [2, "2"],
  maxAssemblyBytes: [MiB, "1048576"],
  maxTotalAssemblyBytes: [MiB, "1048576"],
  minChunkSize: [1, "1"],
  maxAmfDepth: [32, "32"],
  maxAmfValues: [64, "64"],
  maxAmfStringBytes: [65536, "65536"],
  maxAmfBytes: [131072, "131072"],
  maxMessagesPerSecond: [100, "100"],
  hookTimeoutMs: [10, "10"],
  maxPendingHooks: [1, "1"],
  hookFaultLimit: [5, "5"],
  apiBodyBytes: [1024, "1024"],
  apiBodyMs: [100, "100"],
  apiHeaderMs: [200, "200"],
  maxApiConnections: [5, "5"],
  maxPendingCalls: [1, "1"],
  callTimeoutMs: [10, "10"],
  drainMs: [0, "0"],
  shutdownMs: [0, "0"],
  logLevel: ["trace", "trace"],
  logFormat: ["json", "json"],
  logLinesPerSecond: [0, "0"],
};

test("a server that was told nothing has the documented defaults", async () => {
  const { config, modes, file, sources } = await load({});
  assert.deepEqual(config, {
    host: "127.0.0.1",
    rtmpPort: 1935,
    httpPort: 8080,
    plugins: [],
    allowAnonymous: false,
    publishPolicy: "replace",
    reconnectWindowMs: 10_000,
    playWaitMs: 10000,
    mediaMemoryBytes: 0,
    gopCacheBytes: 32 * MiB,
    gopCacheFrames: 2500,
    gopCacheMs: 30000,
    latency: "auto",
    appLatency: [],
    latencyAutoMs: 25,
    playerQueueBytes: 8 * MiB,
    playerQueueMs: 5000,
    playerOverflows: 3,
    playerStallMs: 10000,
    sharedObjects: false,
    maxSharedObjects: 1000,
    maxSharedObjectsPerApp: 100,
    maxSharedObjectsPerConnection: 16,
    maxSharedObjectBytes: 32768,
    maxSharedObjectProperties: 256,
    maxSharedObjectFiles: 10000,
    chunkSize: 65536,
    windowAckSize: 2500000,
    typeThreeDelta: "timestamp",
    handshakeTimeoutMs: 5000,
    connectTimeoutMs: 5000,
    requestTimeoutMs: 10000,
    idleTimeoutMs: 60000,
    pingIntervalMs: 30000,
    publishStartMs: 20000,
    publishIdleMs: 10000,
    publishProbeMs: 2000,
    maxConnections: 10000,
    maxConnectionsPerAddress: 200,
    limitLoopback: false,
    maxPendingConnections: 1024,
    maxStreams: 10000,
    maxStreamsPerConnection: 16,
    maxMessageBytes: 8 * MiB,
    maxCommandBytes: MiB,
    maxAudioBytes: MiB,
    maxEarlyMessageBytes: 65536,
    maxChunkStreams: 32,
    maxUnfinishedMessages: 8,
    maxAssemblyBytes: 16 * MiB,
    maxTotalAssemblyBytes: 256 * MiB,
    minChunkSize: 128,
    maxAmfDepth: 16,
    maxAmfValues: 2048,
    maxAmfStringBytes: 16384,
    maxAmfBytes: 65536,
    maxMessagesPerSecond: 20000,
    hookTimeoutMs: 5000,
    maxPendingHooks: 1000,
    hookFaultLimit: 3,
    apiBodyBytes: MiB,
    apiBodyMs: 10_000,
    apiHeaderMs: 10_000,
    maxApiConnections: 1000,
    maxPendingCalls: 16,
    callTimeoutMs: 5000,
    drainMs: 10_000,
    shutdownMs: 5000,
    logLevel: "info",
    logFormat: "pretty",
    logLinesPerSecond: 100,
  });
  assert.deepEqual(config, defaults);
  assert.deepEqual(modes, { help: false, version: false, check: false });
  assert.equal(file, undefined);
  assert.equal(sources.size, 0);
});

for (const { key, env, flag, kind } of settings) {
  const [value, text] = others[key];
  const expected = { ...defaults, [key]: value };

  test(`${key} can be set in the file`, async () => {
    const file = JSON.stringify({ [key]: value });
    assert.deepEqual((await load({ file })).config, expected);
  });

  test(`${key} can be set by ${env}`, async () => {
    assert.deepEqual((await load({ env: { [env]: text } })).config, expected);
  });

  test(`${key} can be set by --${flag}`, async () => {
    const separate = kind === "list"
      ? (value as string[]).flatMap((item) => [`--${flag}`, item])
      : kind === "boolean"
      ? [`--${flag}`]
      : [`--${flag}`, text];
    assert.deepEqual((await load({ argv: separate })).config, expected);
    const joined = kind === "list"
      ? (value as string[]).map((item) => `--${flag}=${item}`)
      : [`--${flag}=${text}`];
    assert.deepEqual((await load({ argv: joined })).config, expected);
  });

  test(`${key} can be set by an embedding program`, () => {
    assert.deepEqual(parseConfig({ [key]: value }), expected);
  });
}

test("flags win over the environment, the environment over the file, the file over defaults", async () => {
  const file = '{"rtmpPort": 1, "httpPort": 2, "chunkSize": 1000, "maxStreams": 3}';
  const env = { SLUICE_HTTP_PORT: "4", SLUICE_CHUNK_SIZE: "2000", OTHER_PORT: "9", PATH: "/bin" };
  const { config, sources } = await load({ file, env, argv: ["--chunk-size=3000"] });
  assert.deepEqual(config, {
    ...defaults,
    rtmpPort: 1,
    httpPort: 4,
    chunkSize: 3000,
    maxStreams: 3,
  });
  assert.deepEqual(Object.fromEntries(sources), {
    rtmpPort: "sluice.jsonc:1:14",
    httpPort: "environment",
    chunkSize: "command line",
    maxStreams: "sluice.jsonc:1:65",
  });
});

test("the last of several flags wins", async () => {
  const { config } = await load({ argv: ["--rtmp-port=1", "--rtmp-port=2"] });
  assert.equal(config.rtmpPort, 2);
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
  assert.equal(config.rtmpPort, 0);
  assert.equal(config.httpPort, 0);
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

test("an embedding program learns all of its mistakes at once", () => {
  const circular: unknown[] = [];
  circular.push(circular);
  const options = {
    rtmpPort: 8080,
    httpPort: "80",
    plugins: circular,
    apiToken: "short-secret",
    chunkSize: 10n,
    host: () => 0,
    logLevel: Symbol("info"),
    rtmp_port: 1,
    maxStreams: undefined,
  } as unknown as Partial<Config>;
  assert.throws(() => parseConfig(options), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(
      error.message,
      [
        "7 configuration mistakes:",
        '  options: httpPort: expected a whole number from 0 to 65535, found "80"',
        "  options: plugins: expected a list of at most 100 paths, none of them empty, found [a list]",
        "  options: apiToken: expected 16 to 1024 ASCII characters without spaces, found *** (12 characters)",
        "  options: chunkSize: expected a whole number of bytes from 128 to 65536, found 10n",
        "  options: host: expected an IP address or a host name, without port or brackets, found a function",
        "  options: logLevel: expected one of trace, debug, info, warning, error, found a symbol",
        "  options: rtmp_port: unknown setting, did you mean rtmpPort?",
      ].join("\n"),
    );
    return true;
  });
});

test("an embedding program that passes no object learns so", () => {
  for (const [options, found] of [[null, "null"], [[], "[]"], ["x", '"x"'], [1, "1"]] as const) {
    assert.throws(() => parseConfig(options as unknown as Partial<Config>), {
      name: "ConfigError",
      message:
        `1 configuration mistake:\n  options: expected an object with settings, found ${found}`,
    });
  }
});

test("configurations share nothing that can be changed", () => {
  const config = parseConfig();
  assert.ok(Object.isFrozen(config) && Object.isFrozen(defaults));
  config.plugins.push("x");
  assert.deepEqual(parseConfig().plugins, []);
  assert.deepEqual(defaults.plugins, []);
  const plugins = ["a.ts"];
  const mine = parseConfig({ plugins });
  plugins.push("b.ts");
  assert.deepEqual(mine.plugins, ["a.ts"]);
});

/** Arguments that a fuzzer would not find by chance. */
const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(...settings.map(({ flag }) => `--${flag}`)),
  fc.constantFrom("--", "-", "--no-", "--=", "--config", "--check", "__proto__", "--__proto__=1"),
  fc.tuple(fc.constantFrom(...settings.map(({ flag }) => flag)), fc.string())
    .map(([flag, text]) => `--${flag}=${text}`),
);

test("any command line, environment and file give a configuration or a list of mistakes", async () => {
  const prototype = Object.getOwnPropertyNames(Object.prototype);
  const names = fc.oneof(
    fc.constantFrom(...settings.map(({ env }) => env)),
    fc.string({ unit: "binary" }).map((text) => `SLUICE_${text}`),
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.dictionary(fc.constantFrom("__proto__", ...Object.keys(defaults)), fc.jsonValue())
      .map((value) => JSON.stringify(value)),
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
  await fc.assert(any, { numRuns: 300, ...(given && { seed: Number(given) }) });
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), prototype);
});
