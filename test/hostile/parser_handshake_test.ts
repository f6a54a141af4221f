import { test } from "node:test";
import assert from "node:assert/strict";
import { random } from "../support/feed.ts";
import { figure, sized } from "../support/figure.ts";
import { BLIND_HANDSHAKE, RawClient } from "../support/raw_client.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";

/** The deadline of the server in these tests (ms); deadlines are looked at twice a second. */
const HANDSHAKE_MS = 500;
const TICK_MS = 500;

const ascii = (text: string) => new TextEncoder().encode(text);

function noise(length: number, seed: number, first?: number): Uint8Array {
  const next = random(seed);
  const bytes = Uint8Array.from({ length }, () => Math.floor(next() * 256));
  if (first !== undefined) bytes[0] = first;
  return bytes;
}

/** The beginning of a TLS 1.3 connection: record header, ClientHello, random bytes. */
function clientHello(): Uint8Array {
  return Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...noise(505, 7));
}

/** C0 and C1 with a version that asks for a digest, which is wrong, and C2. */
function wrongDigest(seed: number): Uint8Array {
  const bytes = noise(1 + 2 * 1536, seed, 3);
  bytes.set([0, 0, 0, 1, 0x80, 0, 7, 2], 1);
  return bytes;
}

/** What scanners and broken programs send, and whether it is no handshake from its first bytes. */
const JUNK: [what: string, bytes: Uint8Array][] = [
  ["nothing", new Uint8Array(0)],
  ["one byte of a handshake", Uint8Array.of(3)],
  ["half a handshake", BLIND_HANDSHAKE.subarray(0, 800)],
  ["a handshake without C2", BLIND_HANDSHAKE.subarray(0, 1537)],
  ["version 0", Uint8Array.of(0, ...BLIND_HANDSHAKE.subarray(1))],
  ["version 2", Uint8Array.of(2, ...BLIND_HANDSHAKE.subarray(1))],
  ["version 6, RTMPE", noise(3073, 1, 6)],
  ["version 32", noise(3073, 2, 32)],
  ["version 255", noise(3073, 3, 255)],
  ["an HTTP request", ascii("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  ["an RTMPT request", ascii("POST /open/1 HTTP/1.1\r\nContent-Length: 1\r\n\r\n\0")],
  ["an RTSP request", ascii("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")],
  ["TLS", clientHello()],
  ["SSH", ascii("SSH-2.0-OpenSSH_9.6\r\n")],
  ["an FLV file", Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0)],
  ["a handshake, then noise", Uint8Array.of(...BLIND_HANDSHAKE, ...noise(4000, 4))],
  ["a handshake, then HTTP", Uint8Array.of(...BLIND_HANDSHAKE, ...ascii("GET / HTTP/1.1\r\n\r\n"))],
  ["a wrong digest, then noise", Uint8Array.of(...wrongDigest(5), ...noise(4000, 6))],
  ...Array.from({ length: sized(20, 200) }, (_, i): [string, Uint8Array] => [
    `noise ${i}`,
    noise(1 + 97 * i, 100 + i),
  ]),
];

test("A9: whatever is no handshake is closed by the deadline, with one line in the log at most", async () => {
  const args = ["--rtmp-timeout-ms", `${HANDSHAKE_MS}`];
  await using server = await startServer(args);
  const clients: [string, RawClient][] = [];
  for (const [what, bytes] of JUNK) {
    const client = await RawClient.open(server.rtmpPort);
    client.send(bytes);
    clients.push([what, client]);
  }
  const lived: number[] = [];
  for (const [what, client] of clients) {
    await client.closed();
    lived.push(client.livedMs);
    // Of a handshake that is right up to there, the answer; else nothing is said.
    if (!/handshake|digest/.test(what)) assert.ok(client.received <= 3073, what);
  }
  await using honest = await RtmpClient.open(server.rtmpPort);
  assert.equal((await honest.publish("live", "test")).info.code, "NetStream.Publish.Start");
  const lines = clients.map(([what, { port }]) => {
    const count = server.logs.filter(({ properties }) =>
      properties.peer === `127.0.0.1:${port}`
    ).length;
    assert.ok(count <= 1, `${what}: ${count} lines`);
    return count;
  });
  lived.sort((a, b) => a - b);
  const p99 = lived[Math.min(lived.length - 1, Math.floor(lived.length * 0.99))]!;
  figure({
    ...{ id: "A9", what: `close time, p99, with a deadline of ${HANDSHAKE_MS} ms` },
    ...{ value: Math.round(p99), unit: "ms", by: "wall" },
    atMost: HANDSHAKE_MS + 100 + 2 * TICK_MS,
  });
  figure({
    ...{ id: "A9", what: "log lines per attempt, most", value: Math.max(...lines) },
    ...{ unit: "lines", atMost: 1 },
  });
  server.assertHealthy();
});

test("A9: junk that can be told by its first bytes is closed at once", async () => {
  await using server = await startServer(["--rtmp-timeout-ms", "600000"]);
  const told = JUNK.filter(([what]) => /HTTP request|TLS|SSH|RTSP|RTMPT|FLV/.test(what));
  assert.ok(told.length >= 6);
  for (const [what, bytes] of told) {
    await using client = await RawClient.open(server.rtmpPort);
    client.send(bytes);
    await client.closed();
    assert.ok(client.received === 0, what);
  }
});

test("A9: a wrong digest or a wrong C2 is no reason to turn a client away", async () => {
  await using server = await startServer();
  for (const seed of [1, 2, 3]) {
    await using client = await RawClient.open(server.rtmpPort);
    client.send(wrongDigest(seed));
    await using honest = await RtmpClient.open(server.rtmpPort);
    await honest.connect("live");
    assert.equal(client.isOpen, true);
    assert.equal(client.received, 3073);
  }
});
