/** The variants of RTMP by real clients, in by one and out by another: the same frames. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CertificateFolder, pairFor } from "../support/certificates.ts";
import { clip } from "../support/clips.ts";
import { Decoder, FFMPEG_RTMPE, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { ANNOUNCE, startServer, type TestServer } from "../support/server.ts";

type Variant = "rtmp" | "rtmpe" | "rtmpt" | "rtmpte" | "rtmpts";

/** FFmpeg says no goodbye over RTMPT: players wait for it no longer than this. */
const SHORTLY = ["--reconnect-window-ms", "1000"];

/** With TLS on the port of HTTP beside plain HTTP; librtmp fails on TLS 1.3. */
const WITH_TLS = ["--http-tls", "both", "--http-tls-max-version", "1.2"];

/** One server for all runs, each of which has a name of its own. */
interface Shared extends AsyncDisposable {
  readonly server: TestServer;
}

let shared: Promise<Shared> | undefined;

async function share(): Promise<Shared> {
  const certificates = new CertificateFolder();
  const [cert, key] = certificates.pair("a", pairFor("localhost", "127.0.0.1"));
  const tls = ["--tls-cert", cert, "--tls-key", key, ...WITH_TLS];
  const server = await startServer([...ANNOUNCE, ...SHORTLY, ...tls]);
  return {
    server,
    async [Symbol.asyncDispose]() {
      await server.kill();
      certificates[Symbol.dispose]();
    },
  };
}

after(async () => {
  await (await shared?.catch(() => undefined))?.[Symbol.asyncDispose]();
});

/** The URL of a stream by a variant. */
function urlOf(server: TestServer, variant: Variant, stream: string): string {
  const plain = server.url("live", stream);
  if (variant === "rtmp") return plain;
  if (variant === "rtmpe") return plain.replace("rtmp:", "rtmpe:");
  return `${variant}://127.0.0.1:${server.httpPort}/live/${stream}`;
}

/** GStreamer's sink on librtmp, which knows them all. */
function sink(path: string, url: string): TestProcess {
  const text = `filesrc location=${path} ! flvdemux name=d flvmux name=m streamable=true ! ` +
    `rtmpsink location=${url} d.video ! queue ! m.video d.audio ! queue ! m.audio`;
  return new TestProcess("gst-launch-1.0", ["-q", ...text.split(" ")]);
}

async function publishBy(program: string, path: string, url: string): Promise<void> {
  await using publisher = program === "ffmpeg" ? publish(path, url) : sink(path, url);
  if (program === "ffmpeg") return await published(publisher);
  const { code, stderr } = await publisher.ended();
  assert.equal(code, 0, stderr);
}

const RUNS: readonly (readonly [by: string, from: Variant, to: Variant])[] = [
  ["ffmpeg", "rtmp", "rtmpe"],
  ["GStreamer", "rtmpe", "rtmp"],
  ["GStreamer", "rtmpe", "rtmpt"],
  ["ffmpeg", "rtmpt", "rtmpe"],
  ["GStreamer", "rtmpt", "rtmpte"],
  ["GStreamer", "rtmpte", "rtmpt"],
  ["ffmpeg", "rtmpts", "rtmp"],
  ["GStreamer", "rtmpt", "rtmpts"],
];

for (const [by, from, to] of RUNS) {
  const name = `published by ${by} over ${from}, played by rtmpdump over ${to}: the same frames`;
  const stream = `${from}-to-${to}-by-${by}`;
  test(...needs("librtmp", name), async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
    try {
      const { server } = await (shared ??= share());
      const path = await clip("av");
      const file = join(folder, "out.flv");
      await using player = new TestProcess("rtmpdump", [
        ...["-q", "--live", "-r", urlOf(server, to, stream), "-o", file],
      ]);
      await server.playRequested("live", stream);
      await publishBy(by, path, urlOf(server, from, stream));
      const { code, stderr } = await player.ended();
      assert.equal(code, 0, stderr);
      for (const track of ["v", "a"] as const) {
        const [played, source] = [await framesOf(file, track), await framesOf(path, track)];
        // FFmpeg sends nothing any more of what it has buffered when it closes RTMPT.
        const most = by === "ffmpeg" && /^rtmpt/.test(from)
          ? source.slice(0, played.length)
          : source;
        assert.ok(source.length - most.length <= 3, `${played.length} of ${source.length} frames`);
        assert.deepEqual(played.map(({ md5 }) => md5), most.map(({ md5 }) => md5), track);
      }
      server.assertHealthy();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("published and played by ffmpeg over RTMPT: the same frames", async () => {
  const { server } = await (shared ??= share());
  const path = await clip("av");
  const stream = "rtmpt-to-rtmpt";
  const url = urlOf(server, "rtmpt", stream);
  await using player = new Decoder(url);
  await server.playRequested("live", stream);
  await publishBy("ffmpeg", path, url);
  const [played, source] = [await player.frames(), await framesOf(path)];
  assert.ok(source.length - played.length <= 3, `${played.length} of ${source.length} frames`);
  const most = source.slice(0, played.length);
  assert.deepEqual(played.map(({ md5 }) => md5), most.map(({ md5 }) => md5));
  server.assertHealthy();
});

for (const [from, to] of [["rtmpe", "rtmpte"], ["rtmpte", "rtmpe"]] as const) {
  const name = `published by ffmpeg over ${from} and played by it over ${to}: the same frames`;
  const stream = `${from}-to-${to}`;
  test(...needs("ffmpegRtmpe", name), async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
    try {
      const { server } = await (shared ??= share());
      const path = await clip("av");
      const file = join(folder, "out.flv");
      await using player = new TestProcess(FFMPEG_RTMPE, [
        ...[
          "-v",
          "error",
          "-nostdin",
          "-i",
          urlOf(server, to, stream),
          "-map",
          "0",
          "-c",
          "copy",
          file,
        ],
      ]);
      await server.playRequested("live", stream);
      await using publisher = publish(path, urlOf(server, from, stream), { program: FFMPEG_RTMPE });
      await published(publisher);
      const { code, stderr } = await player.ended();
      assert.equal(code, 0, stderr);
      for (const track of ["v", "a"] as const) {
        const [played, source] = [await framesOf(file, track), await framesOf(path, track)];
        // The last ones stay in FFmpeg's buffer when it closes RTMPT.
        assert.ok(source.length - played.length <= (from === "rtmpte" ? 3 : 0), track);
        const most = source.slice(0, played.length);
        assert.deepEqual(played.map(({ md5 }) => md5), most.map(({ md5 }) => md5), track);
      }
      server.assertHealthy();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
