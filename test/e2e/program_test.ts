import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { StreamView } from "../../src/http/mod.ts";
import { until } from "../support/deadline.ts";
import { disposeAll } from "../support/dispose.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { runProgram, startProgram, startServer } from "../support/server.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} tells the clients, closes the ports and exits 0`, async () => {
    await using server = await startServer();
    await using publisher = await RtmpClient.open(server.rtmpPort);
    await publisher.publish("live", "a");
    await using player = await RtmpClient.open(server.rtmpPort);
    await player.play("live", "a");
    await player.statusOf("NetStream.Play.Start");
    const { code, stderr } = await server.stop(signal);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    await Promise.all([publisher.closed, player.closed]);
    await player.statusOf("NetStream.Play.UnpublishNotify");
    await assert.rejects(RtmpClient.open(server.rtmpPort), /closed the connection/);
    server.assertHealthy();
  });
}

/** A server that cannot write all it has to a player that reads nothing. */
async function serverWithStuckPlayer(shutdownMs: number) {
  const server = await startServer(["--shutdown-ms", `${shutdownMs}`, "--log-level", "debug"]);
  const publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame());
  const player = await RtmpClient.open(server.rtmpPort);
  await player.play("live", "a");
  await player.waitFor(({ type }) => type === Type.Video, "video");
  player.pause();
  // More than the buffers of both sockets hold.
  for (let count = 0; count < 400; count++) publisher.send(Type.Video, id, count, keyFrame(65_536));
  await until(async () => {
    const { body } = await server.api("/streams/live/a");
    return (body as StreamView).bytesIn > 26_000_000;
  }, "the server has the video");
  return { server, publisher, player };
}

test("a player that reads nothing keeps the server no longer than shutdown.ms", async () => {
  const { server, publisher, player } = await serverWithStuckPlayer(500);
  await using _all = disposeAll(server, publisher, player);
  const { code } = await server.stop();
  assert.equal(code, 0);
});

test("a second signal ends the server at once", async () => {
  const { server, publisher, player } = await serverWithStuckPlayer(600_000);
  await using _all = disposeAll(server, publisher, player);
  server.signal("SIGTERM");
  await server.waitForLog("stopping");
  await publisher.closed;
  const { code } = await server.stop();
  assert.equal(code, 128 + 15);
});

for (const [flag, port] of [["--rtmp-port", "rtmpPort"], ["--http-port", "httpPort"]] as const) {
  test(`a port in use (${flag}) exits 75 and says which`, async () => {
    await using server = await startServer();
    const taken = server[port];
    const other = flag === "--rtmp-port" ? "--http-port" : "--rtmp-port";
    const { code, stdout, stderr } = await runProgram([flag, `${taken}`, other, "0"]);
    assert.equal(code, 75);
    assert.match(stderr, new RegExp(`^sluice: 127\\.0\\.0\\.1:${taken} is in use.*${flag}.*\\n$`));
    assert.equal(stdout, "");
  });
}

test("an address that is not of this machine exits 78 and says so", async () => {
  // 192.0.2.0/24 is for documentation: nobody has it.
  const { code, stderr } = await runProgram(
    ["--host", "192.0.2.1", "--allow-anonymous", "--rtmp-port", "0", "--http-port", "0"],
  );
  assert.equal(code, 78);
  assert.match(stderr, /^sluice: 192\.0\.2\.1:0 is not an address of this machine.*--host/);
});

test("a host that others can reach needs somebody who decides who may publish", async () => {
  const ports = ["--rtmp-port", "0", "--http-port", "0"];
  for (const more of [[], ["--check"], ["--plugin", "test/support/plugins/announce.ts"]]) {
    const { code, stderr } = await runProgram(["--host", "0.0.0.0", ...ports, ...more]);
    assert.equal(code, 78);
    assert.match(stderr, /host: 0\.0\.0\.0 can be reached from other machines/);
    assert.match(stderr, /--plugin/);
    assert.match(stderr, /--allow-anonymous/);
  }
});

test("such a host is served when everybody is let in, or a plugin decides", async () => {
  await using open = await startServer(["--host", "0.0.0.0", "--allow-anonymous"]);
  await using client = await RtmpClient.open(open.rtmpPort);
  assert.equal((await client.publish("live", "a")).info.code, "NetStream.Publish.Start");
  await using guarded = await startServer(
    ["--host", "0.0.0.0", "--plugin", "plugins/token_auth.ts"],
    { SLUICE_TOKEN_SECRET: "0123456789abcdef" },
  );
  await using stranger = await RtmpClient.open(guarded.rtmpPort);
  assert.notEqual((await stranger.publish("live", "a")).info.code, "NetStream.Publish.Start");
});

test("every mistake on the command line and in the environment is named at once: exit 78", async () => {
  const { code, stdout, stderr } = await runProgram(
    ["--rtmp-prot", "1936", "--http-port", "70000", "--log-level", "loud", "extra"],
    { SLUICE_GOP_CACHE_MS: "soon" },
  );
  assert.equal(code, 78);
  assert.equal(stdout, "");
  const lines = stderr.trimEnd().split("\n");
  assert.equal(lines.length, 7, stderr);
  assert.equal(lines[0], "sluice: 5 configuration mistakes:");
  for (
    const said of [
      /--rtmp-prot: unknown flag, did you mean --rtmp-port\?/,
      /--http-port: .*from 0 to 65535.*70000/,
      /--log-level: .*warning.*"loud"/,
      /unexpected argument "extra"/,
      /SLUICE_GOP_CACHE_MS: .*"soon"/,
    ]
  ) assert.match(stderr, said);
  assert.match(lines[6]!, /--help/);
});

test("mistakes in a configuration file are named with line and column: exit 78", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  try {
    const file = join(folder, "sluice.jsonc");
    writeFileSync(
      file,
      '// mine\n{\n  "rtmp": {"port": "1936"},\n  "httpPort": 1,\n  "hots": "::1",\n}\n',
    );
    const { code, stderr } = await runProgram(["--config", file]);
    assert.equal(code, 78);
    assert.ok(stderr.includes(`${file}:3:20: rtmp.port: `), stderr);
    assert.ok(stderr.includes(`${file}:4:3: httpPort is now http.port\n`), stderr);
    assert.ok(stderr.includes(`${file}:5:3: hots: unknown setting, did you mean host?`), stderr);
    writeFileSync(file, "{");
    assert.match((await runProgram(["--config", file])).stderr, /jsonc:1:2: /);
    assert.match((await runProgram(["--config", folder])).stderr, /--config: .*a directory/);
    assert.match((await runProgram(["--config", `${file}x`])).stderr, /--config: .*no such file/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("--check says what is set and where, and does not start", async () => {
  const { code, stdout, stderr } = await runProgram(
    ["--check", "--rtmp-port", "1936", "--plugin", "plugins/token_auth.ts"],
    { SLUICE_TOKEN_SECRET: "0123456789abcdef", SLUICE_API_TOKEN: "a-very-secret-token" },
  );
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /^The configuration is valid\.\n/);
  assert.match(stdout, /rtmp\.port: 1936 \(command line\)/);
  assert.match(stdout, /api\.token: \*\*\* \(environment\)/);
  assert.ok(!stdout.includes("secret"), stdout);
});

test("a plugin that cannot be loaded is named with cause and cure, by --check too: exit 78", async () => {
  for (const more of [[], ["--check"]]) {
    const { code, stderr } = await runProgram(["--plugin", "plugins/gone.ts", ...more]);
    assert.equal(code, 78);
    assert.match(stderr, /plugins\/gone\.ts/);
    const secretless = await runProgram(["--plugin", "plugins/token_auth.ts", ...more]);
    assert.equal(secretless.code, 78);
    assert.match(secretless.stderr, /SLUICE_TOKEN_SECRET is not set/);
  }
});

test("--version and --help print to the standard output, whatever else is wrong", async () => {
  const version = await runProgram(["--version", "--nonsense"]);
  assert.equal(version.code, 0);
  const runtime = "Deno" in globalThis ? "deno" : "bun";
  assert.match(
    version.stdout,
    new RegExp(`^sluice \\d+\\.\\d+\\.\\d+ \\(${runtime} [\\d.]+\\)\\n$`),
  );
  const help = await runProgram(["--help"]);
  assert.equal(help.code, 0);
  assert.equal(help.stderr, "");
  for (const said of ["--rtmp-port", "SLUICE_RTMP_PORT", "--plugin", "75", "78"]) {
    assert.ok(help.stdout.includes(said), said);
  }
  assert.ok(!help.stdout.includes("\x1b"), "no colours without a terminal");
});

test("a person is shown where it listens and commands to copy", async () => {
  await using server = startProgram(["--rtmp-port", "0", "--http-port", "0"]);
  const port = await server.waitForLine(
    (line) => /RTMP +rtmp:\/\/localhost:(\d+)\//.exec(line)?.[1],
    "the RTMP address",
  );
  await server.waitForLine((line) => line.includes("ffplay") || undefined, "a command to play");
  assert.ok(!server.stdout.includes("\x1b"), "no colours without a terminal");
  await using client = await RtmpClient.open(Number(port));
  assert.equal((await client.connect("live")).code, "NetConnection.Connect.Success");
});
