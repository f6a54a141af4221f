import { test } from "node:test";
import assert from "node:assert/strict";
import { parseConfig, type Settings, type Tuning } from "../src/config/mod.ts";
import { settings } from "../src/config/settings.ts";
import { completeTuning, tunables } from "../src/config/tuning.ts";
import {
  apiSettings,
  clusterSettings,
  fallbackSettings,
  flvSettings,
  hlsSettings,
  hookLimits,
  httpLimits,
  pacing,
  pageSettings,
  recordSettings,
  registryOptions,
  relaySettings,
  rtmfpSettings,
  rtmpSettings,
} from "../src/settings_of.ts";

/** Everything that the parts of a server are told, as plain data. */
function told(given: Settings, turned: Partial<Tuning> = {}): unknown {
  const [config, tuning] = [parseConfig(given), completeTuning(turned)];
  const { memory, ...registry } = registryOptions(config, 1000);
  const { appLatency, ...paced } = pacing(config, tuning);
  return {
    rtmp: rtmpSettings(config, tuning),
    rtmfp: rtmfpSettings(config),
    pacing: { ...paced, appLatency: [...appLatency] },
    flv: flvSettings(config),
    hls: hlsSettings(config),
    record: recordSettings(config),
    relay: relaySettings(config),
    cluster: clusterSettings(config),
    fallback: fallbackSettings(config),
    registry,
    memory: memory!.limit,
    hooks: hookLimits(config, tuning),
    api: apiSettings(config, tuning),
    http: httpLimits(config),
    pages: pageSettings(config),
  };
}

/** What the server and the program read themselves, and tell nobody. */
const READ_BY_THE_SERVER = [
  ...["plugins", "allowAnonymous", "rtmp.port", "http.port", "reconnect.url"],
  ...["sharedObjects.folder", "sharedObjects.maxFiles", "shutdown.ms", "shutdown.drainMs"],
  ...["log.level", "log.format", "log.linesPerSecond"],
  ...["record.folder", "relay.caFile", "rtmfp.port"],
  ...["rtmp.onePort", "rtmp.rtmpt", "rtmps.port", "rtmps.maxVersion", "http.tls"],
  ...["http.socket", "http.socketMode"],
  ...["http.tlsMaxVersion", "tls.minVersion", "tls.warnDays"],
  ...["proxy.rtmp", "proxy.http"],
  ...["cluster.url", "cluster.name", "cluster.node", "cluster.address", "cluster.replicas"],
];

/** A right value that is not the default. */
const OTHERS: Readonly<Record<string, unknown>> = {
  host: "localhost",
  "api.token": "0123456789abcdef",
  "api.tokens": [`ops read ${"a1".repeat(32)}`],
  "play.latency": "lowest",
  "proxy.trusted": ["10.0.0.0/8"],
  "record.file": "{number}",
  "rtmfp.redirect": "192.0.2.1:1935",
};

test("every setting but those that the server reads itself reaches a part of it", () => {
  const before = told({});
  const lost = settings.filter(({ key, section, name, kind, options, fallback, expected }) => {
    const least = Number(expected.match(/from (\d+) to/)?.[1]);
    const value = OTHERS[key] ??
      (kind === "boolean"
        ? !fallback
        : kind === "choice"
        ? options.find((option) => option !== fallback)
        : least === fallback
        ? least + 1
        : least);
    if (READ_BY_THE_SERVER.includes(key)) return false;
    const given = section === undefined ? { [name]: value } : { [section]: { [name]: value } };
    try {
      assert.deepEqual(told(given as Settings), before);
      return true;
    } catch {
      return false;
    }
  });
  assert.deepEqual(lost.map(({ key }) => key), []);
});

test("every bound that is turned reaches a part of the server", () => {
  const before = told({});
  const lost = tunables.filter(({ name, kind, fallback, expected }) => {
    const least = Number(expected.match(/from (\d+) to/)?.[1]);
    const value = kind === "boolean" ? !fallback : least;
    try {
      assert.deepEqual(told({}, { [name]: value }), before);
      return true;
    } catch {
      return false;
    }
  });
  assert.deepEqual(lost.map(({ name }) => name), []);
});

test("the latency of an application reaches the pacer, and no other application", () => {
  const config = parseConfig({ play: { latency: "150" }, apps: { radio: { latency: "lowest" } } });
  const { latency, appLatency } = pacing(config, completeTuning());
  assert.equal(latency, 150);
  assert.deepEqual([...appLatency], [["radio", "lowest"]]);
});

test("memory for media is what is set, else half of the machine's, else a gibibyte", () => {
  const limit = (given: Settings, machine?: number) =>
    registryOptions(parseConfig(given), machine).memory!.limit;
  assert.equal(limit({ media: { memoryBytes: 5000 } }, 1000), 5000);
  assert.equal(limit({}, 1001), 500);
  assert.equal(limit({}), 1024 ** 3);
});

test("one time is for every step of RTMP, and one for header and body of HTTP", () => {
  const config = parseConfig({ rtmp: { timeoutMs: 700 }, http: { timeoutMs: 300 } });
  assert.equal(rtmpSettings(config, completeTuning()).openingTimeoutMs, 700);
  assert.equal(httpLimits(config).headerMs, 300);
  assert.equal(apiSettings(config, completeTuning()).body!.ms, 300);
});
