/** The program behind balancers, which say who their clients are; and behind those who only pretend to. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import type { Address } from "../../src/ports.ts";
import { CertificateFolder, pairFor } from "../support/certificates.ts";
import { until, within } from "../support/deadline.ts";
import { head, rawHttp } from "../support/raw_http.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

const TOKEN = "0123456789abcdef";
const PLUGIN = ["--plugin", "test/support/plugins/addresses.ts", "--api-token", TOKEN];
const ask = (path: string, ...headers: string[]) =>
  head(`GET ${path}`, `Authorization: Bearer ${TOKEN}`, "Connection: close", ...headers);
const TRUSTED = ["--proxy-trusted", "127.0.0.0/8"];
const PROTOCOL = [...TRUSTED, "--proxy-rtmp", "protocol", "--proxy-http", "protocol"];

const line = (address: string, port = 4711) =>
  new TextEncoder().encode(`PROXY TCP4 ${address} 192.0.2.1 ${port} 1935\r\n`);

/** Version 2, with a field of its own behind the addresses. */
function binary(address: string, port = 4711): Uint8Array {
  const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
  const addresses = [...address.split(".").map(Number), 192, 0, 2, 1];
  const ports = [port >> 8, port & 255, 1935 >> 8, 1935 & 255];
  return Uint8Array.of(...signature, 0x21, 0x11, 0, 16, ...addresses, ...ports, 4, 0, 1, 0);
}

interface Session {
  readonly address: string;
  readonly protocol: string;
}

/** What comes back of bytes, up to the end of the connection: the JSON in it, or the status. */
async function answerTo(port: number, bytes: string): Promise<unknown> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (more: string) => text += more).on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(bytes);
  await within(closed, "the connection ends");
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  return status === "200" ? JSON.parse(/\{.*\}/s.exec(text)![0]) : status;
}

async function sessionsOf(
  server: TestServer,
  port = server.httpPort,
  ahead = "",
): Promise<Session[]> {
  const { sessions } = await answerTo(port, ahead + ask("/sessions")) as { sessions: Session[] };
  return sessions;
}

/** Who the server takes a client for, that sends this ahead of its request. */
async function me(port: number, ahead: string, ...headers: string[]): Promise<string> {
  const answer = await answerTo(port, ahead + ask("/plugins/addresses/me", ...headers));
  if (typeof answer !== "object") return String(answer);
  const { hostname, port: from } = answer as Address;
  return `${hostname} ${from}`;
}

const rtmpsPortOf = (server: TestServer) =>
  Number(
    /:(\d+)$/.exec(String(
      server.logs.find(({ message }) => message === "listening")!.properties.rtmps,
    ))![1],
  );

test("limits, logs, plugins and the API see the clients of a balancer, in RTMP and in RTMPS", async () => {
  using folder = new CertificateFolder();
  const [cert, key] = folder.pair("local", pairFor("localhost", "127.0.0.1"));
  const tls = ["--tls-cert", cert, "--tls-key", key, "--rtmps-port", "0"];
  const rtmpOnly = [...TRUSTED, "--proxy-rtmp", "protocol"];
  const limits = ["--max-connections-per-address", "1"];
  await using server = await startServer([...PLUGIN, ...rtmpOnly, ...tls, ...limits]);
  const rtmps = rtmpsPortOf(server);
  for (
    const [port, options, plain] of [[server.rtmpPort, {}, "rtmp"], [
      rtmps,
      { tls: true },
      "rtmps",
    ]] as const
  ) {
    const [first, second] = plain === "rtmp"
      ? ["203.0.113.1", "203.0.113.2"]
      : ["203.0.113.3", "203.0.113.4"];
    await using one = await RtmpClient.open(port, { ...options, ahead: line(first) });
    await one.publish("live", `${plain}-1`);
    await using two = await RtmpClient.open(port, { ...options, ahead: binary(second, 65535) });
    await two.publish("live", `${plain}-2`);
    const sessions = (await sessionsOf(server)).filter(({ protocol }) => protocol === plain);
    assert.deepEqual(sessions.map(({ address }) => address).sort(), [
      `${first}:4711`,
      `${second}:65535`,
    ]);
    assert.match(server.output, new RegExp(`connected from: ${RegExp.escape(first)}:4711\n`));
    assert.ok(
      server.logs.some(({ properties }) => String(properties.peer).startsWith(`${second}:`)),
    );
    // Each has had its one connection; the balancer may have any number.
    await assert.rejects(RtmpClient.open(port, { ...options, ahead: line(second, 9) }));
    await server.waitForLog("connection refused: too many of its address", { peer: `${second}:9` });
  }
  server.assertHealthy();
});

test("a balancer that begins without a header is turned away, and one that speaks for itself is let in", async () => {
  await using server = await startServer([...PLUGIN, ...PROTOCOL, "--rtmp-timeout-ms", "1000"]);
  await assert.rejects(RtmpClient.open(server.rtmpPort));
  await server.waitForLog("balancer turned away", { why: "there is no PROXY header" });
  assert.equal(
    (await rawHttp(server.httpPort, [ask("/health")])).status,
    undefined,
  );
  // Late, however steadily it drips.
  const late = [...line("203.0.113.1")].map((byte) => Uint8Array.of(byte));
  const { status, ms } = await rawHttp(server.rtmpPort, late, 100);
  assert.ok(status === undefined && ms >= 900, `${status} after ${ms} ms`);
  await server.waitForLog("balancer turned away", { why: "its PROXY header is late" });
  await using local = await RtmpClient.open(server.rtmpPort, {
    ahead: new TextEncoder().encode("PROXY UNKNOWN\r\n"),
  });
  await local.publish("live", "own");
  const [own] = await sessionsOf(server, server.httpPort, "PROXY UNKNOWN\r\n");
  assert.equal(own!.address, `127.0.0.1:${local.localPort}`);
});

test("a header of the PROXY protocol may come in pieces, and with what follows", async () => {
  await using server = await startServer([...PLUGIN, ...PROTOCOL]);
  const header = "PROXY TCP6 2001:db8::1 ::1 80 443\r\n";
  const { text } = await rawHttp(server.httpPort, [...header + ask("/plugins/addresses/me")]);
  assert.match(text, /"hostname":"2001:db8::1","port":80/);
  assert.equal(await me(server.httpPort, header), "2001:db8::1 80");
});

test("who is somewhere else is not taken for this machine", async () => {
  await using server = await startServer(PROTOCOL);
  const request = head("GET /sessions", "Connection: close");
  const statusOf = async (header: string) =>
    (await rawHttp(server.httpPort, [header + request])).status;
  assert.equal(await statusOf("PROXY TCP4 203.0.113.1 192.0.2.1 1 2\r\n"), 403);
  assert.equal(await statusOf("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n"), 200);
});

test("on one port for all the header comes ahead of RTMP, of HTTP and of TLS", async () => {
  using folder = new CertificateFolder();
  const [cert, key] = folder.pair("local", pairFor("localhost", "127.0.0.1"));
  const one = ["--rtmp-one-port", "--tls-cert", cert, "--tls-key", key];
  await using server = await startServer([
    ...PLUGIN,
    ...TRUSTED,
    "--proxy-rtmp",
    "protocol",
    ...one,
  ]);
  assert.equal(
    await me(server.rtmpPort, "PROXY TCP4 203.0.113.1 192.0.2.1 1 2\r\n"),
    "203.0.113.1 1",
  );
  for (const tls of [false, true]) {
    await using client = await RtmpClient.open(server.rtmpPort, {
      tls,
      ahead: binary("203.0.113.2"),
    });
    await client.publish("live", `tls-${tls}`);
    await until(
      async () => (await sessionsOf(server)).some(({ address }) => address === "203.0.113.2:4711"),
      "it is seen",
    );
  }
});

test("X-Forwarded-For and Forwarded count from proxies that are trusted, and the one that is configured alone", async () => {
  for (const header of ["x-forwarded-for", "forwarded"]) {
    await using server = await startServer([...PLUGIN, ...TRUSTED, "--proxy-http", header]);
    const [plain, forwarded] = [
      "X-Forwarded-For: 127.0.0.1, 203.0.113.7",
      'Forwarded: for=127.0.0.1, for="203.0.113.8:99"',
    ];
    const wanted = header === "forwarded" ? "203.0.113.8 99" : "203.0.113.7 0";
    assert.equal(await me(server.httpPort, "", plain, forwarded), wanted);
    assert.match(
      await me(server.httpPort, "", header === "forwarded" ? plain : forwarded),
      /^127\.0\.0\.1 /,
    );
  }
});

test("what somebody says who is not trusted changes nothing", async () => {
  const others = ["--proxy-trusted", "192.0.2.0/24"];
  const limits = ["--max-connections-per-address", "1"];
  for (const http of ["protocol", "x-forwarded-for", "forwarded"]) {
    await using server = await startServer([
      ...[...PLUGIN, ...others, ...limits, "--proxy-rtmp", "protocol", "--proxy-http", http],
    ]);
    const headers = ["X-Forwarded-For: 203.0.113.1", "Forwarded: for=203.0.113.1"];
    assert.match(await me(server.httpPort, "", ...headers), /^127\.0\.0\.1 /);
    assert.equal(await me(server.httpPort, "PROXY TCP4 203.0.113.1 192.0.2.1 1 2\r\n"), "400");
    for (const ahead of [line("203.0.113.1"), binary("203.0.113.1")]) {
      await assert.rejects(RtmpClient.open(server.rtmpPort, { ahead }));
    }
    await using client = await RtmpClient.open(server.rtmpPort);
    await client.publish("live", "plain");
    const sessions = await sessionsOf(server);
    assert.deepEqual(sessions.map(({ address }) => address), [`127.0.0.1:${client.localPort}`]);
    assert.doesNotMatch(server.output, /203\.0\.113\.1/);
  }
});

test("connections that wait for their header make room, and are gone when the server stops", async () => {
  await using server = await startServer([...PROTOCOL, "--max-connections", "2"]);
  const ahead = new TextEncoder().encode("PROXY TCP4 ");
  const silent = [1, 2, 3].map(() =>
    RtmpClient.open(server.rtmpPort, { ahead: ahead.slice(0, 5) }).catch(() => "gone")
  );
  await within(Promise.race(silent), "one of them has to go");
  await server.stop();
  assert.deepEqual(await within(Promise.all(silent), "all are gone"), ["gone", "gone", "gone"]);
});
