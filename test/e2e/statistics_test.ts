/** Statistics as other programs read them from a server with a stream. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { Decoder, publish } from "../support/ffmpeg.ts";
import { noalbs } from "../support/noalbs.ts";
import { unusedPort } from "../support/nginx.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const TOKEN = "a-token-of-the-operator";
const BASIC = { headers: { Authorization: `Basic ${btoa(`noalbs:${TOKEN}`)}` } };
/** What Prometheus answers a query. */
interface QueryData {
  readonly result?: readonly { readonly value?: readonly [number, string] }[];
}

const AGAIN = { realTime: true, loop: true };

test("NOALBS reads from /stat that a stream is there, how good it is, and that it ended", async () => {
  await using server = await startServer([], { SLUICE_API_TOKEN: TOKEN });
  const url = `http://127.0.0.1:${server.httpPort}/stat`;
  assert.equal((await fetch(url)).status, 401);
  const scene = async (low: number, offline: number) => {
    const response = await fetch(url, BASIC);
    assert.equal(response.status, 200);
    return noalbs(await response.text(), "live", "cam", { low, offline });
  };
  assert.equal(await scene(1, 0), "offline");
  await using publisher = publish(await clip("av"), server.url("live", "cam"), AGAIN);
  await until(async () => await scene(1, 0) === "normal", "it is measured as good");
  assert.equal(await scene(1_000_000, 0), "low");
  assert.equal(await scene(2_000_000, 1_000_000), "offline");
  publisher.signal("SIGTERM");
  await until(async () => await scene(1, 0) === "offline", "it is offline behind its end");
  server.assertHealthy();
});

test(
  ...needs(
    "prometheus",
    "a Prometheus scrapes the server with its token, and knows what it measures",
  ),
  async () => {
    await using server = await startServer([], { SLUICE_API_TOKEN: TOKEN });
    await using _publisher = publish(await clip("av"), server.url("live", "cam"), AGAIN);
    await server.waitForLog("publishing", { name: "cam" });
    await using player = new Decoder(server.url("live", "cam"));
    await player.firstFrame();
    const work = mkdtempSync(join(tmpdir(), "sluice-prometheus-"));
    try {
      const port = await unusedPort();
      const config = join(work, "prometheus.json");
      const job = {
        job_name: "sluice",
        authorization: { credentials: TOKEN },
        static_configs: [{ targets: [`127.0.0.1:${server.httpPort}`] }],
      };
      const settings = { global: { scrape_interval: "1s" }, scrape_configs: [job] };
      writeFileSync(config, JSON.stringify(settings));
      await using _prometheus = new TestProcess("prometheus", [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(work, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ]);
      const ask = async (query: string) => {
        try {
          const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
          const { data } = await (await fetch(url)).json() as { data?: QueryData };
          return data?.result?.[0]?.value?.[1];
        } catch {
          return undefined;
        }
      };
      const stream = '{app="live",stream="cam"}';
      const grown = `increase(sluice_stream_received_bytes_total${stream}[10s])`;
      await until(
        async () => Number(await ask(grown)) > 1000,
        "it is scraped, and grows",
        60_000,
        250,
      );
      assert.equal(await ask("up"), "1");
      assert.equal(await ask("sluice_streams"), "1");
      assert.equal(await ask(`sluice_stream_players${stream}`), "1");
      assert.equal(await ask('sum(sluice_sessions{protocol="rtmp"})'), "2");
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    server.assertHealthy();
  },
);
