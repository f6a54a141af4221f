/** The program with certificates, and independent clients over TLS. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { promisify } from "node:util";
import { ExitCode } from "../../src/config/mod.ts";
import { joined } from "../../src/core/bytes/join.ts";
import { makePair } from "../../src/tls/make.ts";
import { CertificateFolder, pairFor } from "../support/certificates.ts";
import { clip } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { ANNOUNCE, runProgram, startServer, type TestServer } from "../support/server.ts";

const run = promisify(execFile);

/** A server with a certificate for this machine, and where RTMPS is. */
async function startSecure(
  folder: CertificateFolder,
  args: readonly string[] = [],
): Promise<{ readonly server: TestServer; readonly url: string; readonly port: number }> {
  const [cert, key] = folder.pair("local", pairFor("localhost", "127.0.0.1"));
  const server = await startServer([
    ...ANNOUNCE,
    ...["--tls-cert", cert, "--tls-key", key, "--rtmps-port", "0"],
    ...args,
  ]);
  const { properties } = server.logs.find(({ message }) => message === "listening")!;
  const port = Number(/:(\d+)$/.exec(String(properties.rtmps))![1]);
  return { server, url: `rtmps://127.0.0.1:${port}/live/a`, port };
}

const md5s = (frames: readonly { readonly md5: string }[]) => frames.map(({ md5 }) => md5);

for (const version of ["1.2", "1.3"]) {
  const bounds = ["--tls-min-version", version, "--rtmps-max-version", version];

  test(`ffmpeg publishes and plays over RTMPS in TLS ${version}, frame for frame`, async () => {
    using folder = new CertificateFolder();
    const { server, url } = await startSecure(folder, bounds);
    await using _ = server;
    const path = await clip("av");
    await using player = new Decoder(url);
    await server.playRequested("live", "a");
    const { body } = await server.api("/sessions");
    const { sessions: [session] } = body as { sessions: Record<string, unknown>[] };
    assert.deepEqual([session!.protocol, session!.secure], ["rtmps", true]);
    await using publisher = publish(path, url);
    await published(publisher);
    assert.deepEqual(md5s(await player.frames()), md5s(await framesOf(path)));
    server.assertHealthy();
  });

  test(
    ...needs("gstRtmp2", `GStreamer publishes over RTMPS in TLS ${version}, frame for frame`),
    async () => {
      using folder = new CertificateFolder();
      const { server, url } = await startSecure(folder, bounds);
      await using _ = server;
      const path = await clip("av");
      await using player = new Decoder(url);
      await server.playRequested("live", "a");
      const text = `filesrc location=${path} ! flvdemux name=d flvmux name=m streamable=true ! ` +
        `rtmp2sink location=${url} tls-validation-flags=0 ` +
        `d.video ! queue ! m.video d.audio ! queue ! m.audio`;
      await using publisher = new TestProcess("gst-launch-1.0", ["-q", ...text.split(" ")]);
      const { code, stderr } = await publisher.ended();
      assert.equal(code, 0, stderr);
      assert.deepEqual(md5s(await player.frames()), md5s(await framesOf(path)));
      server.assertHealthy();
    },
  );
}

test(
  ...needs("gstRtmp2", "GStreamer plays over RTMPS what ffmpeg publishes"),
  async () => {
    using folder = new CertificateFolder();
    const { server, url } = await startSecure(folder);
    await using _ = server;
    const path = await clip("av");
    const file = join(folder.path, "out.flv");
    const text = `rtmp2src location=${url} tls-validation-flags=0 ! filesink location=${file}`;
    await using player = new TestProcess("gst-launch-1.0", ["-q", ...text.split(" ")]);
    await server.playRequested("live", "a");
    await using publisher = publish(path, url);
    await published(publisher);
    const { code, stderr } = await player.ended();
    assert.equal(code, 0, stderr);
    const played = md5s(await framesOf(file));
    assert.ok(played.length > 0);
    // When a stream ends, rtmp2src drops the messages that it has not handed on yet.
    assert.deepEqual(played, md5s(await framesOf(path)).slice(0, played.length));
    server.assertHealthy();
  },
);

test(
  ...needs(
    "rtmpdump",
    "rtmpdump, which cannot do with TLS 1.3, records over RTMPS where 1.2 is the newest",
  ),
  async () => {
    using folder = new CertificateFolder();
    const { server, url } = await startSecure(folder, ["--rtmps-max-version", "1.2"]);
    await using _ = server;
    const path = await clip("av");
    const file = join(folder.path, "out.flv");
    await using player = new TestProcess("rtmpdump", ["-q", "--live", "-r", url, "-o", file]);
    await server.playRequested("live", "a");
    await using publisher = publish(path, url);
    await published(publisher);
    const { code, stderr } = await player.ended();
    assert.equal(code, 0, stderr);
    assert.deepEqual(md5s(await framesOf(file)), md5s(await framesOf(path)));
    server.assertHealthy();
  },
);

test(
  ...needs(
    "openssl",
    "openssl agrees on the versions that are offered, and trusts the certificate it is told to",
  ),
  async () => {
    using folder = new CertificateFolder();
    const { server, port } = await startSecure(folder);
    await using _ = server;
    for (const version of ["1.2", "1.3"]) {
      const { stdout } = await run("sh", [
        "-c",
        `echo | openssl s_client -tls${version.replace(".", "_")} -connect 127.0.0.1:${port} ` +
        `-CAfile ${folder.path}/local.crt -verify_hostname localhost -verify_return_error 2>&1`,
      ]);
      assert.match(stdout, new RegExp(`TLSv${version.replace(".", "\\.")}`));
      assert.match(stdout, /Verify return code: 0 \(ok\)/);
    }
    server.assertHealthy();
  },
);

test(
  ...needs(
    "curl",
    "curl has API, media and playlists over HTTPS, at the HTTP port and at the one for all",
  ),
  async () => {
    using folder = new CertificateFolder();
    const { server } = await startSecure(folder, ["--http-tls", "both", "--rtmp-one-port"]);
    await using _ = server;
    const path = await clip("av");
    const one = server.rtmpPort;
    await using player = new Decoder(`rtmps://127.0.0.1:${one}/live/a`);
    await server.playRequested("live", "a");
    const file = join(folder.path, "out.flv");
    const ca = ["-sS", "--fail", "--max-time", "60", "--cacert", join(folder.path, "local.crt")];
    const media = run("curl", [...ca, "-o", file, `https://localhost:${one}/live/a.flv`]);
    await server.playRequested("live", "a", 2);
    for (const port of [server.httpPort, one]) {
      const secure = await run("curl", [...ca, `https://localhost:${port}/sessions`]);
      assert.match(secure.stdout, /"protocol":"rtmps","secure":true/);
      assert.match(secure.stdout, /"protocol":"http-flv","secure":true/);
      assert.match((await run("curl", ["-sS", `http://localhost:${port}/health`])).stdout, /"ok"/);
    }
    await using publisher = publish(path, `rtmp://127.0.0.1:${one}/live/a`);
    await published(publisher);
    const source = md5s(await framesOf(path));
    assert.deepEqual(md5s(await player.frames()), source);
    await media;
    assert.deepEqual(md5s(await framesOf(file)), source);
    server.assertHealthy();
  },
);

test("a WebSocket over TLS is sent FLV", async () => {
  using folder = new CertificateFolder();
  const { server } = await startSecure(folder, ["--http-tls", "on"]);
  await using _ = server;
  const socket = tls.connect({
    host: "127.0.0.1",
    port: server.httpPort,
    rejectUnauthorized: false,
  });
  const said: Uint8Array[] = [];
  socket.on("error", () => {});
  socket.on("data", (bytes: Uint8Array) => void said.push(bytes.slice()));
  const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.write(
    "GET /live/a.flv HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await server.playRequested("live", "a");
  await using publisher = publish(await clip("av"), server.url("live", "a"));
  await published(publisher);
  // The end of the stream is said goodbye to, and that is all this peer waits for.
  await ended;
  const text = new TextDecoder("latin1").decode(joined(said));
  assert.match(text, /^HTTP\/1\.1 101 /);
  assert.ok(text.includes("FLV\x01"), "the head of FLV is in it");
  assert.ok(text.length > 10_000, String(text.length));
  server.assertHealthy();
});

test("certificates are reloaded while the server runs, and kept when the new ones are wrong", async () => {
  using folder = new CertificateFolder();
  const { server, port } = await startSecure(folder);
  await using _ = server;
  const subject = async () => {
    const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.on("secureConnect", () => resolve()));
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };
  assert.equal(await subject(), "localhost");
  folder.pair("local", pairFor("new.example"));
  await server.waitForLog("certificates reloaded", {}, 20_000);
  assert.equal(await subject(), "new.example");
  folder.write("local.key", pairFor("other.example").key);
  await server.waitForLog("certificates not reloaded, the old ones are kept", {}, 20_000);
  assert.equal(await subject(), "new.example");
});

test("a pair that does not fit, and one that has expired, are refused at the start and by --check", async () => {
  using folder = new CertificateFolder();
  const [cert, key] = folder.pair("a", pairFor("a.example"));
  const [other] = folder.pair("b", pairFor("b.example"));
  const old = makePair(["old.example"], 10, Date.now() - 20 * 86_400_000);
  const [oldCert, oldKey] = folder.pair("old", old);
  const cases: [cert: string, key: string, said: RegExp][] = [
    [other, key, /tls\.key: .*a\.key.* is not the key of the certificate/],
    [oldCert, oldKey, /tls\.cert: .*old\.crt.* has expired/],
    [join(folder.path, "none"), key, /tls\.cert: .*none.* there is no such file/],
  ];
  const ports = ["--rtmp-port", "0", "--http-port", "0", "--rtmps-port", "0"];
  for (const [cert, key, said] of cases) {
    const args = [...ports, "--tls-cert", cert, "--tls-key", key];
    const { code, stderr } = await runProgram(args);
    assert.equal(code, ExitCode.Config, stderr);
    assert.match(stderr, said);
  }
  const checked = await runProgram([...ports, "--check", "--tls-cert", other, "--tls-key", key]);
  assert.equal(checked.code, ExitCode.Config);
  const right = await runProgram([...ports, "--check", "--tls-cert", cert, "--tls-key", key]);
  assert.equal(right.code, 0, right.stderr);
  const bare = await runProgram([...ports, "--check"]);
  assert.match(bare.stderr, /rtmps\.port: TLS needs a certificate/);
});

test("the program makes a certificate that it then starts with, and replaces none unasked", async () => {
  using folder = new CertificateFolder();
  const files = ["--cert", join(folder.path, "c.pem"), "--key", join(folder.path, "k.pem")];
  const made = await runProgram(["cert", "localhost", ...files]);
  assert.equal(made.code, 0, made.stderr);
  const again = await runProgram(["cert", "localhost", ...files]);
  assert.equal(again.code, ExitCode.Config);
  assert.match(again.stderr, /is there already/);
  const wrong = await runProgram(["cert", "not a name", "--force", ...files]);
  assert.match(wrong.stderr, /is no name of a host/);
  const args = ["--tls-cert", files[1]!, "--tls-key", files[3]!, "--rtmps-port", "0", "--check"];
  const { code, stderr } = await runProgram(args);
  assert.equal(code, 0, stderr);
});
