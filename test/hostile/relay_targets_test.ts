/** E4: targets that do harm, beside one that does not and players of the source. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { definePlugin, refuse } from "../../mod.ts";
import type { RelayView } from "../../src/http/mod.ts";
import { encodeAmf } from "../support/amf0.ts";
import { writeMessage } from "../support/chunks.ts";
import { until } from "../support/deadline.ts";
import { figure, sized } from "../support/figure.ts";
import { RelayServer, TcpServer, TestPlayer } from "../support/relay_servers.ts";
import { startServer } from "../support/server.ts";
import { Beat, HealthySet, pictureOf } from "./healthy_set.ts";

const PACKET = 1536;

/** Sends whoever connects on to itself, for ever. */
function redirecting(socket: Socket, port: () => number): void {
  let [count, shaken, answered] = [0, false, false];
  socket.on("data", (bytes: Uint8Array) => {
    count += bytes.length;
    if (!shaken && count >= 1 + PACKET) {
      shaken = true;
      socket.write(Uint8Array.of(3));
      socket.write(new Uint8Array(2 * PACKET));
    }
    if (answered || count <= 1 + 2 * PACKET) return;
    answered = true;
    const redirect = `rtmp://127.0.0.1:${port()}/in`;
    const payload = encodeAmf("_error", 1, null, {
      ...{ level: "error", code: "NetConnection.Connect.Rejected", description: "elsewhere" },
      ex: { code: 302, redirect },
    });
    socket.write(writeMessage({ type: 20, streamId: 0, timestamp: 0, payload }, 3, 128));
  });
}

/** Answers so much of a handshake, then hangs up. */
function dropping(socket: Socket): void {
  socket.once("data", () => {
    socket.write(Uint8Array.of(3));
    socket.end(new Uint8Array(PACKET / 2));
  });
}

const garbage = (socket: Socket): void => {
  socket.on("data", () => {
    const noise = new Uint8Array(20_000);
    for (let at = 0; at < noise.length; at++) noise[at] = (at * 7919) >>> 3 & 255;
    noise[0] = 3;
    socket.write(noise);
  });
};

test("E4: targets that stop reading, refuse, drop, redirect or answer nonsense cost nobody else anything", async () => {
  await using source = await startServer([
    ...["--relay-allow-private", "--relay-timeout-ms", "2000", "--play-stall-ms", "3000"],
  ]);
  await using good = await RelayServer.start();
  await using refusing = await RelayServer.start({
    plugins: [definePlugin({ name: "no", onPublish: () => refuse("Not here") })],
  });
  await using stopping = await startServer();
  await using drops = await TcpServer.start(dropping);
  await using noise = await TcpServer.start(garbage);
  const sends: TcpServer = await TcpServer.start((socket) => redirecting(socket, () => sends.port));
  await using _ = sends;

  await using beat = await Beat.start(source.rtmpPort, "a", 100_000);
  await using healthy = await HealthySet.join(source.rtmpPort, "a", sized(2, 20));
  const push = async (port: number) => {
    const url = `rtmp://127.0.0.1:${port}/in/x`;
    const { status } = await source.api("/relays", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ app: "live", name: "a", url }),
    });
    assert.equal(status, 201);
  };
  await push(good.rtmpPort);
  await good.live("in", "x");
  await using player = await TestPlayer.start(good.url("in", "x"));
  await player.pictures(10);
  healthy.take();
  await beat.pass(sized(500, 5000));
  const before = healthy.take();

  for (const { rtmpPort } of [refusing, stopping]) await push(rtmpPort);
  for (const { port } of [drops, noise, sends]) await push(port);
  const at = async (port: number): Promise<RelayView | undefined> => {
    const { body } = await source.api("/relays");
    const { relays } = body as { relays: RelayView[] };
    // One that was sent on is where it was sent to.
    return relays.find(({ url }) => url.includes(`:${port}/`));
  };
  await until(async () => (await at(stopping.rtmpPort))?.state === "publishing", "it is published");
  stopping.signal("SIGSTOP");
  const said = async (port: number, kind: string) =>
    await until(async () => (await at(port))?.error?.kind === kind, `${kind} of ${port}`, 60_000);
  await said(refusing.rtmpPort, "refused");
  await said(drops.port, "closed");
  await said(noise.port, "protocol");
  await said(sends.port, "redirect");
  await said(stopping.rtmpPort, "stalled");
  await beat.pass(sized(500, 10_000));
  const during = healthy.take();
  assert.equal((await at(good.rtmpPort))?.state, "publishing");
  assert.equal((await at(good.rtmpPort))?.droppedFrames, 0);
  assert.equal(before.missing + during.missing, 0, "no player misses a picture");
  assert.ok(during.pictures > 0);

  const numbers = player.heard.flatMap(({ kind, payload }) => {
    const picture = kind === "video" ? pictureOf(9, payload) : undefined;
    return picture === undefined ? [] : [picture.number];
  });
  numbers.forEach((number, index) => {
    if (index > 0) assert.equal(number, numbers[index - 1]! + 1, "the good target has all of them");
  });
  figure({
    ...{ id: "E4", what: "p99 of players of the source with five bad targets, more than before" },
    ...{ value: Math.max(0, during.p99 - before.p99), unit: "ms", atMost: 20, by: "wall" },
  });
  stopping.signal("SIGCONT");
  source.assertHealthy();
});
