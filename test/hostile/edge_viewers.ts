/**
 * Viewers of an edge by RTMP, HTTP-FLV and low-latency HLS, who count what they are shown and never give up by
 * themselves.
 *
 * @module
 */
import { get, type IncomingMessage } from "node:http";
import { until } from "../support/deadline.ts";
import { TestPlayer } from "../support/relay_servers.ts";
import type { TestServer } from "../support/server.ts";

/** Bytes of a tag of FLV that is sound or a picture, rather than a header. */
const MEDIA_TAG_BYTES = 100;

/** A viewer. */
export interface Viewer {
  readonly protocol: "rtmp" | "http-flv" | "hls";
  /** What it was shown so far: messages, bytes or parts. */
  readonly shown: number;
  /** Whether it was sent away. */
  readonly over: boolean;
  close(): void;
}

async function rtmp(server: TestServer, app: string, name: string): Promise<Viewer> {
  const player = await TestPlayer.start(server.url(app, name));
  let over = false;
  player.over.then(() => void (over = true));
  return {
    protocol: "rtmp",
    get shown() {
      return player.heard.filter(({ kind }) => kind === "video").length;
    },
    get over() {
      return over;
    },
    close: () => void player[Symbol.asyncDispose]().catch(() => {}),
  };
}

function flv(server: TestServer, app: string, name: string): Promise<Viewer> {
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${server.httpPort}/${app}/${name}.flv`;
    const request = get(url, { agent: false }, (response: IncomingMessage) => {
      if (response.statusCode !== 200) return reject(new Error(`${response.statusCode}`));
      let [bytes, over] = [0, false];
      response.on("data", (chunk: Uint8Array) => void (bytes += chunk.length));
      response.on("close", () => void (over = true));
      response.on("error", () => void (over = true));
      resolve({
        protocol: "http-flv",
        get shown() {
          return Math.floor(bytes / MEDIA_TAG_BYTES);
        },
        get over() {
          return over;
        },
        close: () => void response.destroy(),
      });
    });
    request.on("error", reject);
  });
}

/** The directives for the part behind the last one of a playlist. */
function nextPart(list: string): string {
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(list)![1]);
  const whole = list.split("#EXTINF:").length - 1;
  const open = list.slice(list.lastIndexOf("#EXTINF:") + 1).split("#EXT-X-PART:").length - 1;
  return `?_HLS_msn=${first + whole}&_HLS_part=${open}`;
}

async function hls(server: TestServer, app: string, name: string): Promise<Viewer> {
  const main = `http://127.0.0.1:${server.httpPort}/${app}/${name}/index.m3u8`;
  const answer = await fetch(main);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  const variant = (await answer.text()).split("\n").find((line) => /^[^#]/.test(line))!;
  const list = new URL(variant, main);
  const abort = new AbortController();
  let [parts, over, closed, last] = [0, false, false, ""];
  const read = async (query: string): Promise<string> => {
    const response = await fetch(new URL(query, list), { signal: abort.signal });
    const text = await response.text();
    if (response.status === 404 || text.includes("#EXT-X-ENDLIST")) over = true;
    return response.status === 200 ? text : "";
  };
  const watch = async () => {
    let text = "";
    while (!closed && !over) {
      // One that waited in vain asks for what there is, as players do.
      text = await read(text === "" ? list.search : nextPart(text));
      const newest = [...text.matchAll(/#EXT-X-PART:.*?URI="([^"]+)"/g)].at(-1)?.[1];
      if (newest === undefined || newest === last) continue;
      last = newest;
      const part = await fetch(new URL(newest, list), { signal: abort.signal });
      if ((await part.arrayBuffer()).byteLength > 0 && part.status === 200) parts++;
    }
  };
  watch().catch(() => void (over = true));
  return {
    protocol: "hls",
    get shown() {
      return parts;
    },
    get over() {
      return over;
    },
    close: () => {
      closed = true;
      abort.abort();
    },
  };
}

/** All who watch one stream of an edge. */
export class Viewers implements Disposable {
  readonly all: readonly Viewer[];

  private constructor(all: readonly Viewer[]) {
    this.all = all;
  }

  /** So many, by all protocols in turn. */
  static async join(
    server: TestServer,
    app: string,
    name: string,
    count: number,
  ): Promise<Viewers> {
    const ways = [rtmp, flv, hls];
    const joining = Array.from(
      { length: count },
      (_, index) => ways[index % 3]!(server, app, name),
    );
    return new Viewers(await Promise.all(joining));
  }

  /** Those that were sent away. */
  get gone(): readonly Viewer[] {
    return this.all.filter(({ over }) => over);
  }

  /** Waits until each is shown something more. */
  async seeMore(ms: number): Promise<void> {
    const before = this.all.map(({ shown }) => shown);
    const waiting = () => this.all.filter(({ shown }, index) => shown <= before[index]!);
    await until(() => Promise.resolve(waiting().length === 0), "all are shown more", ms)
      .catch((error) => {
        const by = waiting().map(({ protocol, over }) => `${protocol}${over ? " over" : ""}`);
        throw new Error(`${error.message}: ${by.join(", ")} are not`);
      });
  }

  [Symbol.dispose](): void {
    for (const viewer of this.all) viewer.close();
  }
}
