/** The plugin `users`: passwords as ffmpeg sends them over RTMP, and in every way to play. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { Decoder, publish } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { inAllWays, playInAllWays } from "../support/ways.ts";

const PASSWORD = "correct-horse-battery";
const PLUGIN = ["--plugin", "plugins/users.ts", "--log-level", "trace"];

function envOf(ask: "encoders" | "everybody") {
  const users = { ann: { password: PASSWORD, publish: ["live/ann"] }, bob: { password: PASSWORD } };
  return { SLUICE_PLUGIN_USERS: JSON.stringify({ users, ask }) };
}

/** The URL of a stream with a user and a password in it. */
function urlOf(server: TestServer, user: string, password: string, name: string): string {
  const url = new URL(server.url("live", name));
  return url.href.replace("//", `//${[user, password].join(":")}@`);
}

test("ffmpeg publishes with its password, and whoever has another one or none does not", async () => {
  await using server = await startServer(PLUGIN, envOf("encoders"));
  const path = await clip("av");
  const wrong = [
    server.url("live", "ann"),
    urlOf(server, "ann", "another-password", "ann"),
    urlOf(server, "eve", PASSWORD, "ann"),
    urlOf(server, "bob", PASSWORD, "ann"),
    urlOf(server, "ann", PASSWORD, "bob"),
  ];
  for (const url of wrong) {
    await using refused = publish(path, url, { realTime: true });
    assert.notEqual((await refused.ended()).code, 0, url);
  }
  const refusals = server.logs.filter(({ message }) => / refused$/.test(message));
  assert.deepEqual(
    refusals.map(({ message, properties: { plugin, reason } }) => [message, plugin, reason]),
    [
      ["connect refused", undefined, "No such user, or another password"],
      ["connect refused", undefined, "No such user, or another password"],
      ["publish refused", "users", "The *** may not publish this"],
      ["publish refused", "users", "The *** may not publish this"],
    ],
  );
  await using _publisher = publish(path, urlOf(server, "ann", PASSWORD, "ann"), {
    ...{ realTime: true, loop: true },
  });
  await server.waitForLog("publishing", { app: "live", name: "ann" });
  // Players are not asked who they are.
  assert.deepEqual(await playInAllWays(server, "live", "ann"), inAllWays("played"));
  assert.ok(!server.output.includes(PASSWORD));
  assert.ok(!/response=(?!\*\*\*)/.test(server.output), "what proves it is not logged");
  server.assertHealthy();
});

/** What publishes a clip with GStreamer, through these elements. */
function gstreamer(path: string, ...sink: string[]): TestProcess {
  const source = `filesrc location=${path} ! flvdemux name=d flvmux name=m streamable=true ! `;
  const rest = " d.video ! queue ! m.video d.audio ! queue ! m.audio";
  const args = [...source.trim().split(" "), ...sink, ...rest.trim().split(" ")];
  return new TestProcess("gst-launch-1.0", ["-q", ...args]);
}

test(...needs("gstRtmp2", "GStreamer publishes with its password only"), async () => {
  await using server = await startServer(PLUGIN, envOf("encoders"));
  const path = await clip("av");
  const sink = (password: string) => [
    ...["rtmp2sink", `location=${server.url("live", "ann")}`, "username=ann"],
    `password=${password}`,
  ];
  await using refused = gstreamer(path, ...sink("another-password"));
  assert.notEqual((await refused.ended()).code, 0);
  await server.waitForLog("connect refused", { reason: "No such user, or another password" });
  await using publisher = gstreamer(path, ...sink(PASSWORD));
  await server.waitForLog("publishing", { app: "live", name: "ann" });
  assert.equal((await publisher.ended()).code, 0);
  server.assertHealthy();
});

test("where everybody has to log in, players do, with Basic over HTTP", async () => {
  await using server = await startServer(PLUGIN, envOf("everybody"));
  await using _publisher = publish(await clip("av"), urlOf(server, "ann", PASSWORD, "ann"), {
    ...{ realTime: true, loop: true },
  });
  await server.waitForLog("publishing", { app: "live", name: "ann" });
  const Authorization = `Basic ${Buffer.from(["bob", PASSWORD].join(":")).toString("base64")}`;
  const challenge = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
  assert.deepEqual(await playInAllWays(server, "live", "ann", "", { Authorization }), {
    ...inAllWays("played"),
    rtmp: challenge,
  });
  assert.deepEqual(await playInAllWays(server, "live", "ann"), {
    ...inAllWays("A user and a password are required"),
    rtmp: challenge,
  });
  await using player = new Decoder(urlOf(server, "bob", PASSWORD, "ann"));
  await player.firstFrame();
  const http = `http://127.0.0.1:${server.httpPort}/live/ann`;
  for (const end of [".flv", "/index.m3u8"]) {
    const refused = await fetch(http + end);
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get("WWW-Authenticate") ?? "", /^Basic realm="Sluice"/);
    await refused.body?.cancel();
    // Sends its password once it is asked for it.
    await using player = new Decoder(
      (http + end).replace("//", `//${["bob", PASSWORD].join(":")}@`),
    );
    await player.firstFrame();
  }
  assert.ok(!server.output.includes(Authorization.slice(6)));
  server.assertHealthy();
});

test("each step of a login closes its connection, and a challenge is answered once", async () => {
  await using server = await startServer(PLUGIN, envOf("encoders"));
  const flashVer = "FMLE/3.0 (compatible; FMSc/1.0)";
  const connect = async (query: string) => {
    await using client = await RtmpClient.open(server.rtmpPort);
    const { code, level, description = "" } = await client.connect(`live${query}`, { flashVer });
    if (level !== "error") return code;
    assert.equal(code, "NetConnection.Connect.Rejected");
    await client.closed;
    return description;
  };
  assert.match(await connect("") ?? "", /\[ code=403 need auth; authmod=adobe \] : $/);
  const asked = await connect("?authmod=adobe&user=ann") ?? "";
  assert.match(asked, /\?reason=needauth&user=ann&salt=/);
  const { adobeAuthStep } = await import("../../src/service/outgoing/adobe_auth.ts");
  const step = adobeAuthStep(asked, { user: "ann", password: PASSWORD }, true, "0badcafe");
  assert.ok(step !== undefined && "query" in step);
  assert.equal(await connect(`?${step.query}`), "NetConnection.Connect.Success");
  assert.match(await connect(`?${step.query}`) ?? "", /\?reason=authfailed/);
  server.assertHealthy();
});
