/** Both statistics of one server, line by line: names and numbers that dashboards are made of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthView, StreamMeasure } from "../../../src/http/mod.ts";
import { httpApp } from "../../support/http_app.ts";
import { relayView, sessionView, streamView } from "../../support/server_view.ts";

const measure = (name: string, factor: number, published = true): StreamMeasure => ({
  ...{ app: "live", name, published, players: factor },
  ...{ bytesIn: 10 * factor, bytesOut: 20 * factor, droppedFrames: 30 * factor },
  ...{ videoBitrate: 400.4 * factor, audioBitrate: 80.2 * factor, sentBitrate: 960.6 * factor },
  frameRate: 25 * factor,
});

/** A server of which every number is another one. */
function filled(streams: number) {
  const app = httpApp({ statistics: { metrics: "api", stat: "api", streams } });
  const health: HealthView = {
    ...{ status: "degraded", version: "1.2.3", runtime: "test 1", uptimeMs: 61_500 },
    ...{ streams: 3, sessions: 4 },
    mediaMemory: { used: 77, limit: 99 },
    plugins: [
      { name: "jwt", faults: 2, pending: 3, late: 0, healthy: false },
      { name: "hooks", faults: 0, pending: 1, late: 0, healthy: true },
    ],
    faults: [
      { subsystem: "tick", count: 5, lastError: "", lastAt: "" },
      { subsystem: "plugin", plugin: "jwt", count: 6, lastError: "", lastAt: "" },
    ],
  };
  Object.assign(app.server, {
    health: () => health,
    *totals() {
      yield;
      return { streams: 8, bytesIn: 101, bytesOut: 202, droppedFrames: 303 };
    },
    measures: () => [measure("a", 1), measure("b", 2, false), measure("c", 4), measure("d", 8)],
    protocols: () => ["rtmp", "hls", "rtmp"],
  });
  app.server.relays = [
    relayView("r1"),
    { ...relayView("r2"), direction: "pull", state: "waiting" },
    relayView("r3"),
  ];
  return app;
}

async function samplesOf(streams: number): Promise<string[]> {
  const text = await (await filled(streams).ask("/metrics")).text();
  return text.trimEnd().split("\n").filter((line) => !line.startsWith("# HELP"))
    .map((line) => line.replace("# TYPE ", "#"));
}

const SERVER = [
  "#sluice_build_info gauge",
  'sluice_build_info{version="1.2.3",runtime="test 1"} 1',
  "#sluice_uptime_seconds gauge",
  "sluice_uptime_seconds 61.5",
  "#sluice_health gauge",
  'sluice_health{state="ok"} 0',
  'sluice_health{state="degraded"} 1',
  'sluice_health{state="draining"} 0',
  "#sluice_streams gauge",
  "sluice_streams 3",
  "#sluice_sessions gauge",
  'sluice_sessions{protocol="hls"} 1',
  'sluice_sessions{protocol="rtmp"} 2',
  "#sluice_streams_begun_total counter",
  "sluice_streams_begun_total 8",
  "#sluice_received_bytes_total counter",
  "sluice_received_bytes_total 101",
  "#sluice_sent_bytes_total counter",
  "sluice_sent_bytes_total 202",
  "#sluice_dropped_frames_total counter",
  "sluice_dropped_frames_total 303",
  "#sluice_media_memory_bytes gauge",
  "sluice_media_memory_bytes 77",
  "#sluice_media_memory_limit_bytes gauge",
  "sluice_media_memory_limit_bytes 99",
  "#sluice_faults_total counter",
  'sluice_faults_total{subsystem="tick",plugin=""} 5',
  'sluice_faults_total{subsystem="plugin",plugin="jwt"} 6',
  "#sluice_plugin_faults_total counter",
  'sluice_plugin_faults_total{plugin="jwt"} 2',
  'sluice_plugin_faults_total{plugin="hooks"} 0',
  "#sluice_plugin_pending_hooks gauge",
  'sluice_plugin_pending_hooks{plugin="jwt"} 3',
  'sluice_plugin_pending_hooks{plugin="hooks"} 1',
  "#sluice_relays gauge",
  'sluice_relays{direction="pull",state="waiting"} 1',
  'sluice_relays{direction="push",state="publishing"} 2',
];

/** What each stream has: its values for the first two streams, and for the rest together. */
const STREAM: readonly [name: string, type: string, values: readonly number[]][] = [
  ["received_bytes_total", "counter", [10, 20, 120]],
  ["sent_bytes_total", "counter", [20, 40, 240]],
  ["dropped_frames_total", "counter", [30, 60, 360]],
  ["publishers", "gauge", [1, 0, 2]],
  ["players", "gauge", [1, 2, 12]],
  ["video_bytes_per_second", "gauge", [50.05, 100.1, 600.5999999999999]],
  ["audio_bytes_per_second", "gauge", [10.025, 20.05, 120.3]],
  ["video_frames_per_second", "gauge", [25, 50, 300]],
];

test("the metrics of a server are these, to the last line", async () => {
  const names = ["live,a", "live,b", "(other),(other)"].map((name) => name.split(","));
  const streams = STREAM.flatMap(([name, type, values]) => [
    `#sluice_stream_${name} ${type}`,
    ...values.map((value, at) => {
      const [app, stream] = names[at]!;
      return `sluice_stream_${name}{app="${app}",stream="${stream}"} ${Number(value.toFixed(6))}`;
    }),
  ]);
  const rounded = (await samplesOf(2)).map((line) =>
    line.replace(/ (\d+\.\d{7,})$/, (_, value) => ` ${Number(Number(value).toFixed(6))}`)
  );
  assert.deepEqual(rounded, [...SERVER, ...streams]);
});

test("where all streams have labels there is no rest, and where none has there is only that", async () => {
  const ofStreams = async (count: number) =>
    (await samplesOf(count)).filter((line) => line.startsWith("sluice_stream_players"));
  assert.deepEqual(await ofStreams(0), [
    'sluice_stream_players{app="(other)",stream="(other)"} 15',
  ]);
  assert.equal((await ofStreams(4)).length, 4);
});

test("a server without clients says so of RTMP, and nothing of streams, faults or plugins", async () => {
  const app = httpApp();
  Object.assign(app.server, { health: () => ({ ...health, plugins: [], faults: [] }) });
  const health = { status: "ok", version: "", runtime: "", uptimeMs: 0, mediaMemory: {} };
  const text = await (await app.ask("/metrics")).text();
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  assert.ok(text.includes('\nsluice_sessions{protocol="rtmp"} 0\n'));
  assert.deepEqual(families, [
    ...["sluice_build_info", "sluice_uptime_seconds", "sluice_health", "sluice_streams"],
    ...["sluice_sessions", "sluice_streams_begun_total", "sluice_received_bytes_total"],
    ...["sluice_sent_bytes_total", "sluice_dropped_frames_total", "sluice_media_memory_bytes"],
    "sluice_media_memory_limit_bytes",
  ]);
});

test("the statistics in XML are these, to the last line", async () => {
  const app = filled(0);
  const cam = streamView("live", "a");
  const audio = { codec: "aac", codecString: null, sampleRate: null, channels: null };
  app.server.streams = [
    {
      ...{ ...cam, uptimeMs: 1234, bytesIn: 5, bytesOut: 6, audioOffsetMs: -7 },
      video: { ...cam.video!, codec: "vp9", codecString: "vp09.00", width: null, frameRate: null },
      audio: { ...audio, bitDepth: null, bitrate: null },
    },
    { ...streamView("live", "b"), publisher: null },
    { ...streamView("vip", "c"), video: { ...cam.video!, codec: "hevc", codecString: null } },
  ];
  const [one, other] = [sessionView("s1"), sessionView("s2")];
  app.server.sessions = [
    { ...one, publishing: ["a"], playing: ["a", "b"], since: "2999-01-01T00:00:00.000Z" },
    { ...other, playing: ["a"], address: "[2001:db8::1]:5" },
    { ...other, app: "vip", playing: ["c"], address: "host" },
  ];
  const text = await (await app.ask("/stat")).text();
  const stream = (name: string, factor: number, ...numbers: number[]) => [
    `<stream>`,
    `<name>${name}</name>`,
    `<time>${numbers[0]}</time>`,
    `<bw_in>${Math.round(480.6 * factor)}</bw_in>`,
    `<bytes_in>${numbers[1]}</bytes_in>`,
    `<bw_out>${Math.round(960.6 * factor)}</bw_out>`,
    `<bytes_out>${numbers[2]}</bytes_out>`,
    `<bw_audio>${Math.round(80.2 * factor)}</bw_audio>`,
    `<bw_video>${Math.round(400.4 * factor)}</bw_video>`,
  ];
  const client = (id: string, address: string, sync: number, time: number, marks: string) =>
    `<client><id>${id}</id><address>${address}</address><time>T</time>` +
    `<flashver>LNX 9,0,124,2</flashver><dropped>0</dropped><avsync>${sync}</avsync>` +
    `<timestamp>${time}</timestamp>${marks}</client>`;
  const meta = (width: number, rate: number, codec: string, audio: string) =>
    `<meta><video><width>${width}</width><height>1080</height><frame_rate>${rate}</frame_rate>` +
    `<codec>${codec}</codec></video><audio>${audio}</audio></meta>`;
  const lines = text.replace(/<time>\d+<\/time><flash/g, "<time>T</time><flash").split("\n");
  assert.deepEqual(lines, [
    '<?xml version="1.0" encoding="utf-8" ?>',
    "<rtmp>",
    "<nginx_version>sluice 1.2.3</nginx_version>",
    "<nginx_rtmp_version>sluice 1.2.3</nginx_rtmp_version>",
    "<uptime>62</uptime>",
    "<naccepted>4</naccepted>",
    "<bw_in>7209</bw_in>",
    "<bytes_in>101</bytes_in>",
    "<bw_out>14409</bw_out>",
    "<bytes_out>202</bytes_out>",
    "<server>",
    "<application>",
    "<name>live</name>",
    "<live>",
    ...stream("a", 1, 1234, 5, 6),
    client("s1", "192.0.2.7", -7, 1234, "<publishing/><active/>"),
    client("s2", "2001:db8::1", -7, 1234, "<active/>"),
    meta(0, 0, "VP9", "<codec>AAC</codec><profile></profile>"),
    "<nclients>2</nclients>",
    "<publishing/>",
    "<active/>",
    "</stream>",
    ...stream("b", 2, 1000, 3, 6),
    client("s1", "192.0.2.7", 0, 1000, ""),
    "<nclients>1</nclients>",
    "</stream>",
    "<nclients>3</nclients>",
    "</live>",
    "</application>",
    "<application>",
    "<name>vip</name>",
    "<live>",
    ...stream("c", 0, 1000, 3, 6),
    client("s2", "host", 0, 1000, "<active/>"),
    meta(1920, 30, "H265", ""),
    "<nclients>1</nclients>",
    "<publishing/>",
    "<active/>",
    "</stream>",
    "<nclients>1</nclients>",
    "</live>",
    "</application>",
    "</server>",
    "</rtmp>",
    "",
  ]);
  assert.match(text, /<id>s1<\/id><address>192.0.2.7<\/address><time>0<\/time>/, "not below 0");
});

test("profiles of H.264 are told by their names, with their marks and levels", async () => {
  const rows: [codecString: string, told: string][] = [
    ["avc1.42c01e", "Baseline 192 3.0"],
    ["avc1.4D4028", "Main 64 4.0"],
    ["avc1.580033", "Extended 0 5.1"],
    ["avc1.64002a", "High 0 4.2"],
    ["avc1.7a0029", " 0 4.1"],
  ];
  for (const [codecString, told] of rows) {
    const app = httpApp();
    const cam = streamView("live", "a");
    app.server.streams = [{ ...cam, video: { ...cam.video!, codecString } }];
    const text = await (await app.ask("/stat")).text();
    const [, ...found] = /<profile>(.*)<\/profile><compat>(.*)<\/compat><level>(.*)<\/level>/.exec(
      text,
    )!;
    assert.equal(found.join(" "), told);
  }
});
