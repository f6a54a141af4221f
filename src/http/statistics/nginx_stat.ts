/**
 * `/stat`: statistics as nginx's RTMP module has them in XML, for what was made to read those.
 *
 * @module
 */
import { escapeControls } from "../../text.ts";
import type { Slices } from "../slices.ts";
import type { ServerView, SessionView, StreamMeasure, StreamView } from "../view.ts";

const ALL = { limit: Infinity, offset: 0 };

/** What nginx calls codecs; others are called as they are, in capitals. */
const VIDEO_NAMES: Readonly<Record<string, string>> = { avc: "H264", hevc: "H265" };
const PROFILES: Readonly<Record<number, string>> = {
  66: "Baseline",
  77: "Main",
  88: "Extended",
  100: "High",
};

/** Text between tags, without what XML cannot hold at all. */
export function xmlText(text: string): string {
  return escapeControls(text).replace(/[\uFFFE\uFFFF]/g, "").toWellFormed()
    .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

const tag = (name: string, value: string | number) =>
  `<${name}>${typeof value === "number" ? value : xmlText(value)}</${name}>`;

/** The address without the port. */
function host(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** The text, in pieces. */
export async function nginxStat(
  server: ServerView,
  slices: Slices,
  now: number,
): Promise<string[]> {
  const clients = new Map<string, SessionView[]>();
  await slices.each(server.listSessions(ALL).items, (session) => {
    for (const name of new Set([...session.publishing, ...session.playing])) {
      const key = keyOf(session.app, name);
      const known = clients.get(key);
      if (known === undefined) clients.set(key, [session]);
      else known.push(session);
    }
  });
  const measures = new Map<string, StreamMeasure>();
  let [bwIn, bwOut] = [0, 0];
  await slices.each(server.measures(), (measure) => {
    measures.set(keyOf(measure.app, measure.name), measure);
    bwIn += measure.videoBitrate + measure.audioBitrate;
    bwOut += measure.sentBitrate;
  });
  const apps = new Map<string, { readonly streams: string[]; clients: number }>();
  await slices.each(server.listStreams(ALL).items, (stream) => {
    const key = keyOf(stream.app, stream.name);
    const own = clients.get(key) ?? [];
    let app = apps.get(stream.app);
    if (app === undefined) apps.set(stream.app, app = { streams: [], clients: 0 });
    app.clients += own.length;
    app.streams.push(streamXml(stream, measures.get(key), own, now));
  });
  // Readers want one, as nginx has those that are configured.
  if (apps.size === 0) apps.set("", { streams: [], clients: 0 });
  const health = server.health();
  const totals = await slices.run(server.totals());
  const pieces = [
    [
      '<?xml version="1.0" encoding="utf-8" ?>',
      "<rtmp>",
      tag("nginx_version", `sluice ${health.version}`),
      tag("nginx_rtmp_version", `sluice ${health.version}`),
      tag("uptime", Math.round(health.uptimeMs / 1000)),
      tag("naccepted", health.sessions),
      tag("bw_in", Math.round(bwIn)),
      tag("bytes_in", totals.bytesIn),
      tag("bw_out", Math.round(bwOut)),
      tag("bytes_out", totals.bytesOut),
      "<server>\n",
    ].join("\n"),
  ];
  for (const [name, { streams, clients }] of apps) {
    pieces.push(`<application>\n${tag("name", name)}\n<live>\n`, ...streams);
    pieces.push(`${tag("nclients", clients)}\n</live>\n</application>\n`);
  }
  pieces.push("</server>\n</rtmp>\n");
  return pieces;
}

function keyOf(app: string, name: string): string {
  return `${app}\n${name}`;
}

function streamXml(
  stream: StreamView,
  measure: StreamMeasure | undefined,
  clients: readonly SessionView[],
  now: number,
): string {
  const { videoBitrate = 0, audioBitrate = 0, sentBitrate = 0 } = measure ?? {};
  const live = stream.publisher !== null;
  return [
    "<stream>",
    tag("name", stream.name),
    tag("time", stream.uptimeMs),
    tag("bw_in", Math.round(videoBitrate + audioBitrate)),
    tag("bytes_in", stream.bytesIn),
    tag("bw_out", Math.round(sentBitrate)),
    tag("bytes_out", stream.bytesOut),
    tag("bw_audio", Math.round(audioBitrate)),
    tag("bw_video", Math.round(videoBitrate)),
    ...clients.map((client) => clientXml(client, stream, now)),
    ...(live ? metaXml(stream) : []),
    tag("nclients", clients.length),
    ...(live ? ["<publishing/>", "<active/>"] : []),
    "</stream>\n",
  ].join("\n");
}

function clientXml(client: SessionView, stream: StreamView, now: number): string {
  const publishes = client.publishing.includes(stream.name);
  return [
    "<client>",
    tag("id", client.id),
    tag("address", host(client.address)),
    tag("time", Math.max(0, Math.round(now - Date.parse(client.since)))),
    tag("flashver", client.client),
    tag("dropped", 0),
    tag("avsync", stream.audioOffsetMs ?? 0),
    tag("timestamp", stream.uptimeMs),
    publishes ? "<publishing/>" : "",
    stream.publisher === null ? "" : "<active/>",
    "</client>",
  ].join("");
}

/** Readers want all of the pictures or nothing. */
function metaXml({ video, audio }: StreamView): string[] {
  if (video === null) return [];
  const [, profile, compat, level] =
    /^avc1\.([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(video.codecString ?? "") ?? [];
  const avc = profile === undefined ? [] : [
    tag("profile", PROFILES[parseInt(profile, 16)] ?? ""),
    tag("compat", parseInt(compat!, 16)),
    tag("level", (parseInt(level!, 16) / 10).toFixed(1)),
  ];
  return [
    [
      "<meta><video>",
      tag("width", video.width ?? 0),
      tag("height", video.height ?? 0),
      tag("frame_rate", video.frameRate ?? 0),
      tag("codec", VIDEO_NAMES[video.codec] ?? video.codec.toUpperCase()),
      ...avc,
      "</video><audio>",
      ...(audio === null ? [] : [
        tag("codec", audio.codec.toUpperCase()),
        tag("profile", audio.codecString === "mp4a.40.2" ? "LC" : ""),
        ...(audio.channels === null ? [] : [tag("channels", audio.channels)]),
        ...(audio.sampleRate === null ? [] : [tag("sample_rate", audio.sampleRate)]),
      ]),
      "</audio></meta>",
    ].join(""),
  ];
}
