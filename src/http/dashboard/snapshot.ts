/**
 * The whole server as the dashboard shows it, made once for all who watch.
 *
 * @module
 */
import type { Slices } from "../slices.ts";
import type { HealthView, RelayView, ServerView, SessionView, StreamView } from "../view.ts";
import { type Recent, SAMPLE_MS, type SampleHistory, streamKey } from "./history.ts";
import { type Problem, problemsOf } from "./problems.ts";

/** Streams of one snapshot; the API has the others. */
export const MAX_STREAMS = 300;
/** Sessions of one snapshot. */
export const MAX_SESSIONS = 200;
/** Relays of one snapshot. */
export const MAX_RELAYS = 200;
/** Streams whose samples of the past go to who begins to watch. */
export const MAX_CHARTS = 100;

/** A stream; `GET /streams/{app}/{name}` has the tracks and the metadata that are left out here. */
export interface StreamRow extends Omit<StreamView, "tracks" | "metadata"> {
  /** Who watches, by protocol. */
  readonly viewers: Readonly<Record<string, number>>;
  /** What is measured now. */
  readonly sample: {
    readonly video: number;
    readonly audio: number;
    readonly frameRate: number;
  };
  readonly problems: readonly Problem[];
}

/** The ports of RTMP, without and in TLS. */
export interface RtmpPorts {
  readonly rtmp: number;
  readonly rtmps: number | null;
}

/** The server at one moment. */
export interface Snapshot {
  readonly at: string;
  readonly server: Omit<HealthView, "plugins" | "faults"> & {
    /** The port that RTMP is published to and played from. */
    readonly rtmpPort: number;
    /** The same in TLS; `null` when there is none. */
    readonly rtmpsPort: number | null;
  };
  readonly streams: readonly StreamRow[];
  readonly sessions: readonly SessionView[];
  readonly relays: readonly RelayView[];
}

/** What streams measured before. */
export interface Charts {
  /** Distance of two samples (ms). */
  readonly intervalMs: number;
  readonly charts: readonly ({ readonly app: string; readonly name: string } & Recent)[];
}

/** Everything, from the first one on. */
const ALL = { limit: Number.MAX_SAFE_INTEGER, offset: 0 };

/** Makes a snapshot in slices. */
export async function snapshotOf(
  server: ServerView,
  history: SampleHistory,
  slices: Slices,
  { rtmp: rtmpPort, rtmps: rtmpsPort }: RtmpPorts,
  at: string,
): Promise<Snapshot> {
  const viewers = new Map<string, Record<string, number>>();
  const sessions: SessionView[] = [];
  await slices.each(server.listSessions(ALL).items, (session) => {
    if (sessions.length < MAX_SESSIONS) sessions.push(session);
    for (const name of session.playing) {
      const key = streamKey({ app: session.app, name });
      const counts = viewers.get(key) ?? {};
      counts[session.protocol] = (counts[session.protocol] ?? 0) + 1;
      viewers.set(key, counts);
    }
  });
  const streams: StreamRow[] = [];
  await slices.each(server.listStreams({ limit: MAX_STREAMS, offset: 0 }).items, (stream) => {
    streams.push(rowOf(stream, history.recent(stream), viewers.get(streamKey(stream)) ?? {}));
  });
  const relays: RelayView[] = [];
  await slices.each(server.listRelays({ limit: MAX_RELAYS, offset: 0 }).items, (relay) => {
    relays.push(relay);
  });
  const { plugins: _, faults: __, ...health } = server.health();
  return { at, server: { ...health, rtmpPort, rtmpsPort }, streams, sessions, relays };
}

function rowOf(stream: StreamView, recent: Recent, viewers: Record<string, number>): StreamRow {
  const { tracks: _, metadata: __, ...row } = stream;
  return {
    ...row,
    viewers,
    sample: {
      video: recent.video.at(-1) ?? 0,
      audio: recent.audio.at(-1) ?? 0,
      frameRate: recent.frameRate.at(-1) ?? 0,
    },
    problems: problemsOf(stream, recent),
  };
}

/** What the streams of a snapshot measured until now. */
export function chartsOf({ streams }: Snapshot, history: SampleHistory): Charts {
  const charts = streams.slice(0, MAX_CHARTS).map(({ app, name }) => ({
    app,
    name,
    ...history.recent({ app, name }),
  }));
  return { intervalMs: SAMPLE_MS, charts };
}
