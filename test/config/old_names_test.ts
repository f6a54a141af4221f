import { test } from "node:test";
import assert from "node:assert/strict";
import { ConfigError } from "../../src/config/errors.ts";
import { loadConfig, parseConfig } from "../../src/config/load.ts";
import { oldNames } from "../../src/config/old_names.ts";
import { settingOf, settings } from "../../src/config/settings.ts";
import { tunables } from "../../src/config/tuning.ts";

/** What a configuration that cannot be used is told, a line each, without the line that counts. */
async function told(
  { argv = [], env = {}, file }: {
    argv?: string[];
    env?: Record<string, string>;
    file?: string;
  },
): Promise<string[]> {
  const loading = loadConfig({
    argv: file === undefined ? argv : ["--config=f", ...argv],
    env,
    readFile: () => file ?? "",
  });
  return await loading.then(
    () => [],
    (error) => {
      assert.ok(error instanceof ConfigError);
      return error.message.split("\n").slice(1).map((line) => line.trim());
    },
  );
}

test("an old key is answered with the new one, at its line and column", async () => {
  const file = `{
  "rtmpPort": 1935, "logLevel": "loud",
  "handshakeTimeoutMs": 5000,
  "sharedObjects": true,
  "appLatency": ["radio=lowest"],
  "maxAmfDepth": 16,
}`;
  assert.deepEqual(await told({ file }), [
    "f:2:3: rtmpPort is now rtmp.port",
    "f:2:21: logLevel is now log.level",
    "f:3:3: handshakeTimeoutMs is now rtmp.timeoutMs",
    "f:4:3: sharedObjects is now sharedObjects.enabled",
    "f:5:3: appLatency is now apps.APP.latency",
    "f:6:3: maxAmfDepth is no setting any more: leave it out, or let a program that embeds Sluice" +
    " give createServer the tuning maxAmfDepth",
  ]);
});

test("an old flag is answered with the new one, and its value is not taken for an argument", async () => {
  const argv = ["--handshake-timeout-ms", "300", "--latency=lowest", "--app-latency", "radio=auto"];
  assert.deepEqual(await told({ argv: [...argv, "--no-limit-loopback", "--drain-ms=-1"] }), [
    "command line: --handshake-timeout-ms is now --rtmp-timeout-ms",
    "command line: --latency is now --play-latency",
    "command line: --app-latency is now --app APP.latency=LATENCY",
    "command line: --no-limit-loopback is no setting any more: leave it out, or let a program that" +
    " embeds Sluice give createServer the tuning limitLoopback",
    "command line: --drain-ms is now --shutdown-drain-ms",
  ]);
});

test("an old variable is answered with the new one", async () => {
  const env = {
    SLUICE_PLAYER_QUEUE_BYTES: "1",
    SLUICE_APP_LATENCY: "radio=auto",
    SLUICE_WINDOW_ACK_SIZE: "2500000",
  };
  assert.deepEqual(await told({ env }), [
    "environment: SLUICE_PLAYER_QUEUE_BYTES is now SLUICE_PLAY_QUEUE_BYTES",
    "environment: SLUICE_APP_LATENCY is now SLUICE_APPS=APP.latency=LATENCY",
    "environment: SLUICE_WINDOW_ACK_SIZE is no setting any more: leave it out, or let a program" +
    " that embeds Sluice give createServer the tuning windowAckSize",
  ]);
});

test("every old name is answered in each source, with a name that there is", async () => {
  const files = oldNames("key").map((key) => `{"${key}": true}`);
  for (const line of (await Promise.all(files.map((file) => told({ file })))).flat()) {
    const [, now, tuned] = / is (?:now ([\w.]+)|no setting any more: .* (\w+))$/.exec(line) ?? [];
    const known = tuned !== undefined
      ? tunables.some(({ name }) => name === tuned)
      : now === "apps.APP.latency" || settingOf(now!) !== undefined;
    assert.ok(known, line);
  }
  for (const flag of oldNames("flag")) {
    const [line, ...more] = await told({ argv: [`--${flag}=1`] });
    assert.match(line!, new RegExp(`^command line: --${flag} is (now --|no setting any more)`));
    const now = / is now --(\S+)/.exec(line!)?.[1];
    assert.ok(now === undefined || now === "app" || settings.some((row) => row.flag === now), line);
    assert.deepEqual(more, []);
  }
  for (const name of oldNames("env")) {
    const [line, ...more] = await told({ env: { [name]: "1" } });
    assert.match(line!, new RegExp(`^environment: ${name} is (now SLUICE_|no setting any more)`));
    assert.deepEqual(more, []);
  }
});

test("what Sluice 0.1 took is taken, or answered", async () => {
  const keys =
    "host rtmpPort httpPort plugins allowAnonymous apiToken reconnectUrl publishPolicy " +
    "reconnectWindowMs playWaitMs gopCacheBytes gopCacheFrames gopCacheMs latency appLatency " +
    "latencyAutoMs playerQueueBytes playerQueueMs playerOverflows playerStallMs sharedObjects " +
    "sharedObjectFolder maxSharedObjects maxSharedObjectsPerApp maxSharedObjectsPerConnection " +
    "maxSharedObjectBytes maxSharedObjectProperties maxSharedObjectFiles chunkSize windowAckSize " +
    "typeThreeDelta handshakeTimeoutMs connectTimeoutMs requestTimeoutMs idleTimeoutMs " +
    "pingIntervalMs publishStartMs publishIdleMs publishProbeMs maxConnections " +
    "maxConnectionsPerAddress limitLoopback maxPendingConnections maxStreams " +
    "maxStreamsPerConnection maxMessageBytes maxAudioBytes maxCommandBytes maxEarlyMessageBytes " +
    "maxChunkStreams maxUnfinishedMessages maxAssemblyBytes maxTotalAssemblyBytes minChunkSize " +
    "maxAmfDepth maxAmfValues maxAmfStringBytes maxAmfBytes maxMessagesPerSecond hookTimeoutMs " +
    "maxPendingHooks hookFaultLimit apiBodyBytes apiBodyMs apiHeaderMs maxApiConnections " +
    "maxPendingCalls callTimeoutMs drainMs shutdownMs logLevel logFormat logLinesPerSecond";
  for (const key of keys.split(" ")) {
    const problems = [
      ...await told({ file: `{"${key}": 1}` }),
      ...await told({ env: { [`SLUICE_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`]: "1" } }),
      ...await told({ argv: [`--${key.replace(/[A-Z]/g, "-$&").toLowerCase()}=1`] }),
    ].filter((line) => line.includes("unknown") && !line.includes("--plugins"));
    assert.deepEqual(problems, [], key);
  }
});

test("an embedding program is told so too, with all else that is wrong", () => {
  const old = { rtmpPort: 0, httpPort: 0, sharedObjects: false, rtmp: { port: -1 } };
  assert.throws(() => parseConfig(old as object), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.mistakes, [
      { source: "options", key: "rtmpPort", problem: "rtmpPort is now rtmp.port" },
      { source: "options", key: "httpPort", problem: "httpPort is now http.port" },
      {
        source: "options",
        key: "sharedObjects",
        problem: "sharedObjects is now sharedObjects.enabled",
      },
      {
        source: "options",
        key: "rtmp.port",
        problem: "expected a whole number from 0 to 65535, found -1",
      },
    ]);
    return true;
  });
});

test("two ports are not compared while one has its old name", async () => {
  assert.deepEqual(await told({ file: '{"rtmpPort": 8080, "http": {"port": 1935}}' }), [
    "f:1:2: rtmpPort is now rtmp.port",
  ]);
});
