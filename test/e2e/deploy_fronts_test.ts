/** The proxies of `deploy/` in front of the program, as their files are but for ports and paths. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { until, within } from "../support/deadline.ts";
import { publish } from "../support/ffmpeg.ts";
import { answers, unusedPort } from "../support/nginx.ts";
import { ROOT, TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { WebSocketClient } from "../support/websocket_client.ts";

const TOKEN = "0123456789abcdef";
/** An address of this machine that nothing else here comes from. */
const VIEWER = "127.0.0.9";

/** A file of `deploy/` with each of these texts, which must stand there, replaced wherever it stands. */
function configOf(name: string, changes: readonly (readonly [from: string, to: string])[]): string {
  let text = readFileSync(join(ROOT, "deploy", name), "utf8");
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `${name} has ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** A folder that goes with the test. */
class Work implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "sluice-front-"));
  readonly socket = join(this.path, "http.sock");

  constructor() {
    // Workers of nginx are another user.
    chmodSync(this.path, 0o755);
  }

  write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function get(port: number, path: string, host = "localhost"): Promise<IncomingMessage> {
  const options = { host: "127.0.0.1", port, path, localAddress: VIEWER, headers: { Host: host } };
  return within(
    new Promise((resolve, reject) => {
      request({ ...options, agent: false }, resolve).on("error", reject).end();
    }),
    `an answer to ${path}`,
  );
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of answer.setEncoding("utf8")) text += part;
  return text;
}

async function addresses(server: TestServer): Promise<string[]> {
  const { body } = await server.api("/sessions", { headers: { Authorization: `Bearer ${TOKEN}` } });
  return (body as { sessions: { address: string }[] }).sessions.map(({ address }) => address);
}

/** FLV, HLS, WebSockets and the API by a proxy's port, all of them as of the client itself. */
async function assertHttp(server: TestServer, port: number): Promise<void> {
  const flv = await get(port, "/live/demo.flv");
  const [first] = await within(
    (async () => {
      for await (const part of flv) return [part as Uint8Array];
      return [];
    })(),
    "FLV comes",
  );
  assert.deepEqual([...first!.subarray(0, 3)], [0x46, 0x4c, 0x56]);
  flv.destroy();

  const playing = await get(port, "/live/demo.flv");
  playing.resume();
  await until(
    async () => (await addresses(server)).some((address) => address.startsWith(`${VIEWER}:`)),
    "the viewer is known by its own address",
  );
  playing.destroy();

  const hls = await get(port, "/live/demo/index.m3u8");
  assert.match(await textOf(hls), /^#EXTM3U/);
  using socket = await new WebSocketClient(port, "/live/demo.flv").opened();
  await until(() => Promise.resolve(socket.frames.length > 0), "frames come by WebSocket");
  // A proxy opens nothing to strangers, and hides nothing from who looks whether it is well.
  assert.equal((await get(port, "/streams")).resume().statusCode, 401);
  assert.equal((await get(port, "/health/ready")).resume().statusCode, 204);
}

const HTTP = ["--proxy-http", "x-forwarded-for", "--proxy-trusted", "127.0.0.1"];
const PLAIN = ["--api-token", TOKEN, "--http-max-connections", "100", ...HTTP];

async function started(program: TestProcess, ...ports: number[]): Promise<void> {
  for (const port of ports) {
    await until(async () => {
      assert.ok(!await ended(program), program.describe());
      return await answers(port);
    }, "the proxy listens");
  }
}

const ended = (program: TestProcess) =>
  Promise.race([program.exit.then(() => true), Promise.resolve(false)]);

/** Ends a proxy whose children end with it only when it is asked. */
function asked(program: TestProcess): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      program.signal("SIGTERM");
      await program.ended();
    },
  };
}

test(...needs("nginxStream", "nginx passes RTMP and HTTP on, and keeps HLS for all"), async () => {
  using work = new Work();
  const args = [...PLAIN, "--proxy-rtmp", "protocol", "--hls-addresses", "shared"];
  const socket = ["--http-socket", work.socket, "--http-socket-mode", "666"];
  await using server = await startServer([...args, ...socket]);
  const [rtmp, http] = [await unusedPort(), await unusedPort()];
  mkdirSync(join(work.path, "cache"), { mode: 0o777 });
  const config = configOf("nginx.conf", [
    ["modules/ngx_stream_module.so", "/usr/lib/nginx/modules/ngx_stream_module.so"],
    ["listen 1935;", `listen 127.0.0.1:${rtmp};`],
    ["127.0.0.1:1936", `127.0.0.1:${server.rtmpPort}`],
    ["listen 80;", `listen 127.0.0.1:${http};`],
    ["/run/sluice/http.sock", work.socket],
    ["/var/cache/nginx-sluice", join(work.path, "cache")],
    ["worker_connections 8192", "worker_connections 512"],
  ]);
  const head = `daemon off;\npid ${work.path}/nginx.pid;\nerror_log stderr notice;\n`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${work.path}/${name};`).join(" ");
  const file = work.write("nginx.conf", head + config.replace("http {", `http { ${temporary}`));
  const nginx = new TestProcess("nginx", ["-c", file, "-e", "stderr"]);
  await using _ = asked(nginx);
  await started(nginx, rtmp, http);
  const url = `rtmp://127.0.0.1:${rtmp}/live/demo`;
  await using publisher = publish(await clip("av"), url, { realTime: true, loop: true });
  await server.waitForLog("publishing");
  await assertHttp(server, http);

  const master = await textOf(await get(http, "/live/demo/index.m3u8"));
  const playlist = master.split("\n").find((line) => /^[^#].*\.m3u8/.test(line))!;
  const lines = (await textOf(await get(http, `/live/demo/${playlist}`))).split("\n");
  const map = /URI="([^"]+)"/.exec(lines.find((line) => line.startsWith("#EXT-X-MAP"))!)![1]!;
  const base = `/live/demo/${playlist.replace(/[^/]*$/, "")}`;
  const seen: unknown[] = [];
  for (const _ of [1, 2]) {
    seen.push(
      (await get(http, new URL(map, `http://a${base}`).pathname)).resume().headers["x-cache"],
    );
  }
  assert.deepEqual(seen, ["MISS", "HIT"]);
  assert.equal(await ended(publisher), false, publisher.describe());
});

test(...needs("haproxy", "HAProxy passes RTMP and HTTP on to a server that is well"), async () => {
  using work = new Work();
  await using server = await startServer([...PLAIN, "--proxy-rtmp", "protocol"]);
  const [rtmp, http] = [await unusedPort(), await unusedPort()];
  const file = work.write(
    "haproxy.cfg",
    configOf("haproxy.cfg", [
      ["bind :1935", `bind 127.0.0.1:${rtmp}`],
      ["bind :80", `bind 127.0.0.1:${http}`],
      ["10.0.0.2:1935", `127.0.0.1:${server.rtmpPort}`],
      ["10.0.0.2:8080", `127.0.0.1:${server.httpPort}`],
      ["check port 8080", `check port ${server.httpPort}`],
      ["maxconn 20000", "maxconn 100"],
    ]),
  );
  const haproxy = new TestProcess("haproxy", ["-db", "-f", file]);
  await using _ = asked(haproxy);
  await started(haproxy, rtmp, http);
  const url = `rtmp://127.0.0.1:${rtmp}/live/demo`;
  await using _publisher = publish(await clip("av"), url, { realTime: true, loop: true });
  await server.waitForLog("publishing");
  await assertHttp(server, http);
});

test(...needs("caddy", "Caddy passes all of HTTP on to the socket"), async () => {
  using work = new Work();
  const socket = ["--http-socket", work.socket, "--http-socket-mode", "666"];
  await using server = await startServer([...PLAIN, ...socket]);
  const http = await unusedPort();
  const site = configOf("Caddyfile", [
    ["live.example.com {", `http://:${http} {\n\tbind 127.0.0.1`],
    ["/run/sluice/http.sock", work.socket],
  ]);
  const file = work.write("Caddyfile", `{\n\tadmin off\n}\n${site}`);
  const env = { HOME: work.path, XDG_DATA_HOME: work.path, XDG_CONFIG_HOME: work.path };
  await using caddy = new TestProcess(
    "caddy",
    ["run", "--config", file, "--adapter", "caddyfile"],
    {
      env,
    },
  );
  await started(caddy, http);
  const url = server.url("live", "demo");
  await using _publisher = publish(await clip("av"), url, { realTime: true, loop: true });
  await server.waitForLog("publishing");
  await assertHttp(server, http);
});
