/** Addresses of streams, as the pages make and read them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webModule } from "../support/web_module.ts";

interface Stream {
  readonly app: string;
  readonly name: string;
}

/** The ports of RTMP. */
interface Ports {
  readonly rtmpPort: number;
  readonly rtmpsPort: number | null;
}

const { mediaUrls, streamOf, streamPath, waysToPublish, waysToWatch } = await webModule<{
  streamPath(stream: Stream): string;
  streamOf(href: string, root: URL): Stream;
  mediaUrls(stream: Stream, root: URL, query?: string): Record<string, string>;
  waysToWatch(stream: Stream, root: URL, ports: Ports): { label: string; text: string }[];
  waysToPublish(stream: Stream, root: URL, ports: Ports): { label: string; text: string }[];
}>("urls.js");

const ROOT = new URL("http://127.0.0.1:8080/");
const BELOW = new URL("https://example.org/sluice/");

test("a stream has one path, and its page finds the stream again, whatever it is called", () => {
  for (
    const [app, name, path] of [
      ["live", "demo", "live/demo"],
      ["", "demo", "demo"],
      ["a/b", "c", "a/b/c"],
      ["live", "<i>?#%", "live/%3Ci%3E%3F%23%25"],
    ] as const
  ) {
    assert.equal(streamPath({ app, name }), path);
    for (const root of [ROOT, BELOW]) {
      const { page } = mediaUrls({ app, name }, root);
      assert.deepEqual(streamOf(`${page}?token=x#way=hls`, root), { app, name });
    }
  }
  assert.deepEqual(streamOf(`${ROOT}live/%E0%A4`, ROOT), { app: "live", name: "%E0%A4" });
});

test("media is asked for where the page is, with the query of the page", () => {
  assert.deepEqual(mediaUrls({ app: "live", name: "demo" }, BELOW, "?token=x"), {
    flv: "https://example.org/sluice/live/demo.flv?token=x",
    ws: "wss://example.org/sluice/live/demo.flv?token=x",
    hls: "https://example.org/sluice/live/demo/index.m3u8?token=x",
    page: "https://example.org/sluice/live/demo?token=x",
  });
});

const PLAIN = { rtmpPort: 1935, rtmpsPort: null };

test("what is shown to copy names the host of the page and the port of RTMP", () => {
  const stream = { app: "live", name: "demo" };
  const watch = waysToWatch(stream, ROOT, PLAIN).map(({ text }) => text);
  assert.ok(watch.includes("rtmp://127.0.0.1/live/demo"));
  assert.ok(watch.includes("ws://127.0.0.1:8080/live/demo.flv"));
  const publish = waysToPublish(stream, BELOW, { rtmpPort: 1936, rtmpsPort: 443 });
  assert.deepEqual(publish.slice(0, 2).map(({ text }) => text), [
    "rtmp://example.org:1936/live",
    "demo",
  ]);
  assert.equal(publish.at(-1)!.text, "rtmps://example.org/live/demo");
  const secure = waysToWatch(stream, ROOT, { rtmpPort: 1935, rtmpsPort: 1936 });
  assert.ok(secure.some(({ text }) => text === "rtmps://127.0.0.1:1936/live/demo"));
  assert.ok(!watch.some((text) => text.startsWith("rtmps:")), "without such a port there is none");
  assert.equal(waysToPublish({ app: "", name: "demo" }, ROOT, PLAIN)[0]!.text, "rtmp://127.0.0.1");
});
