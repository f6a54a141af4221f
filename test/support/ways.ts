/**
 * Every way to play a stream, and what comes of trying: for tests of plugins that decide.
 *
 * @module
 */
import { RtmpClient } from "./rtmp_client.ts";
import type { TestServer } from "./server.ts";
import { WebSocketClient } from "./websocket_client.ts";

/** What came of playing, in each way: `played`, or what the client was told. */
export type Outcomes = Readonly<Record<"rtmp" | "http-flv" | "ws-flv" | "hls", string>>;

/** What came of playing in every way, where it is the same in all. */
export function inAllWays(outcome: string): Outcomes {
  return { rtmp: outcome, "http-flv": outcome, "ws-flv": outcome, hls: outcome };
}

/** Plays a stream in every way, one after the other, and leaves it. `query` begins with `?`, if it is one. */
export async function playInAllWays(
  server: TestServer,
  app: string,
  name: string,
  query = "",
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcomes> {
  const path = `/${app}/${name}`;
  const http = `http://127.0.0.1:${server.httpPort}`;
  return {
    rtmp: await playByRtmp(server, app, `${name}${query}`),
    "http-flv": await fetched(`${http}${path}.flv${query}`, headers),
    "ws-flv": await playByWebSocket(server, `${path}.flv${query}`, headers),
    hls: await fetched(`${http}${path}/index.m3u8${query}`, headers),
  };
}

async function playByRtmp(server: TestServer, app: string, name: string): Promise<string> {
  await using client = await RtmpClient.open(server.rtmpPort);
  // As a player, who does not say that it will publish.
  const info = await client.connect(app, { type: null });
  if (info.level === "error") return String(info.description);
  const id = await client.createStream();
  client.command(id, "play", null, name);
  for (;;) {
    const { code = "", level, description } = await client.status();
    if (code === "NetStream.Play.Start") return "played";
    if (level === "error") return String(description);
  }
}

async function fetched(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const stop = new AbortController();
  try {
    const response = await fetch(url, { headers, signal: stop.signal });
    if (response.status === 200) return "played";
    const { error } = await response.json() as { error: { message: string } };
    return error.message;
  } finally {
    stop.abort();
  }
}

async function playByWebSocket(
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  using client = new WebSocketClient(server.httpPort, path, headers);
  if (await client.status() === 101) return "played";
  await client.until(() => client.closed, "the end of the answer");
  const body = client.text.slice(client.text.indexOf("{"), client.text.lastIndexOf("}") + 1);
  return (JSON.parse(body) as { error: { message: string } }).error.message;
}
