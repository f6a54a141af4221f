/** Reading FLV over HTTP from another server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../src/core/errors.ts";
import type { Failure } from "../../../src/service/outgoing/failure.ts";
import {
  HttpFlvSource,
  parseHttpUrl,
  shownHttpUrl,
} from "../../../src/service/outgoing/http_flv.ts";
import { SilentServers } from "../../../src/service/outgoing/silent_servers.ts";
import { Turns } from "../../../src/service/rtmp/turns.ts";
import { FakeClock } from "../../support/clock.ts";
import { flv, HEADERS } from "../../support/flv_files.ts";
import { keyFrame } from "../../support/media.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const OK = "HTTP/1.1 200 OK\r\n\r\n";

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** A source and all that becomes of it. */
class Reading {
  readonly clock = new FakeClock();
  readonly dialled: string[] = [];
  readonly connections: MemoryConnection[] = [];
  readonly requests: string[] = [];
  readonly looked: string[] = [];
  onDial = () => {};
  onConnection: (connection: MemoryConnection) => void = () => {};
  onTurn = () => {};
  readonly faults: unknown[] = [];
  readonly ends: Failure[] = [];
  readonly media: [type: number, timestamp: number, bytes: number][] = [];
  started = 0;
  turns = 0;
  /** What the owner does with media. */
  onMedia = () => {};
  readonly source: HttpFlvSource;

  constructor(url: string) {
    const dial = (how: string) => ({ hostname, port }: { hostname: string; port: number }) => {
      this.dialled.push(`${how} ${hostname}:${port}`);
      this.onDial();
      const index = this.requests.push("") - 1;
      const connection = new MemoryConnection((more) =>
        this.requests[index] += new TextDecoder().decode(more)
      );
      this.connections.push(connection);
      this.onConnection(connection);
      return Promise.resolve(connection);
    };
    this.source = new HttpFlvSource(
      {
        runtime: {
          clock: this.clock,
          randomBytes: (length) => new Uint8Array(length),
          lookup: (hostname) => {
            this.looked.push(hostname);
            return Promise.resolve([hostname === "in.test" ? "10.0.0.1" : "8.8.8.8"]);
          },
          dialTcp: dial("tcp"),
          dialTls: dial("tls"),
        },
        chunkSize: 128,
        turns: new Turns(this.clock),
        silent: new SilentServers(this.clock),
        allowPrivate: false,
        timeoutMs: 1000,
        maxMessageBytes: 10_000,
        onFault: (error) => this.faults.push(error),
      },
      parseHttpUrl(url),
      {
        onStarted: () => void this.started++,
        onMedia: (type, timestamp, payload) => {
          this.media.push([type, timestamp, payload.length]);
          this.onMedia();
        },
        onTurn: () => {
          this.turns++;
          this.onTurn();
        },
        onEnd: (failure) => this.ends.push(failure),
      },
    );
  }

  static async of(url = "http://one.test/a/b.flv"): Promise<Reading> {
    const reading = new Reading(url);
    reading.source.start();
    await settle();
    return reading;
  }

  get connection(): MemoryConnection {
    return this.connections.at(-1)!;
  }

  /** Bytes of the server. */
  async say(...parts: (string | Uint8Array)[]): Promise<void> {
    for (const part of parts) {
      this.connection.deliver(typeof part === "string" ? bytes(part) : part);
    }
    await settle();
  }
}

test("the request names the host, its credentials and nothing of them in what is shown", async () => {
  const reading = await Reading.of("https://me:" + "secret@one.test:8443/a/b.flv?x=1");
  assert.deepEqual(reading.dialled, ["tls 8.8.8.8:8443"]);
  const lines = reading.requests[0]!.split("\r\n");
  assert.equal(lines[0], "GET /a/b.flv?x=1 HTTP/1.1");
  assert.equal(lines[1], "Host: one.test:8443");
  assert.match(lines[2]!, /^User-Agent: Sluice\/\d/);
  assert.deepEqual(lines.slice(3), [
    "Accept: video/x-flv, */*",
    "Connection: close",
    `Authorization: Basic ${btoa("me:secret")}`,
    "",
    "",
  ]);
  assert.equal(reading.source.shown, "https://one.test:8443/a/***");
  const plain = await Reading.of("http://[2606:4700::1]/x");
  assert.deepEqual(plain.dialled, ["tcp 8.8.8.8:80"]);
  assert.deepEqual(plain.looked, ["2606:4700::1"]);
  assert.doesNotMatch(plain.requests[0]!, /Authorization/);
  assert.deepEqual((await Reading.of("https://one.test/x")).dialled, ["tls 8.8.8.8:443"]);
});

test("tags are handed out as they come, whatever came together", async () => {
  const reading = await Reading.of();
  const file = flv(...HEADERS, [9, 40, keyFrame(500)], [8, 60, keyFrame(20)]);
  await reading.say(OK);
  assert.equal(reading.started, 1);
  await reading.say(file.subarray(0, 100), file.subarray(100));
  assert.deepEqual(reading.media.slice(-2), [[9, 40, 500], [8, 60, 20]]);
  assert.equal(reading.media.length, 4);
  assert.equal(reading.turns, 3);
  assert.equal(reading.source.bytesIn, OK.length + file.length);
  reading.clock.advance(10_000);
  await settle();
  assert.deepEqual(reading.ends, []);
  assert.equal(reading.clock.pending, 0);
});

test("a server that does not answer in time is given up", async () => {
  const reading = await Reading.of();
  reading.clock.advance(999);
  await settle();
  assert.deepEqual(reading.ends, []);
  reading.clock.advance(1);
  await settle();
  assert.deepEqual(reading.ends, [{
    kind: "timeout",
    message: "The server did not answer in 1000 ms",
  }]);
  assert.equal(reading.connection.closing, "destroy");
});

test("what the server does tells why it ended, once", async () => {
  const file = flv(...HEADERS);
  const cases: [string, string | Uint8Array, Failure | RegExp][] = [
    ["HTTP/1.1 404 Not Found\r\n\r\n", "", {
      kind: "refused",
      message: "The server answered 404",
    }],
    ["HTTP/1.1 302 Found\r\n\r\n", "", { kind: "refused", message: "The server answered 302" }],
    ["HTTP/1.1 304 Not\r\nLocation: ftp://x.test/\r\n\r\n", "", {
      kind: "redirect",
      message: "The server sends us where nobody can go",
    }],
    [`HTTP/1.1 200 OK\r\nContent-Length: ${file.length}\r\n\r\n`, file, {
      kind: "ended",
      message: "The server ended the stream",
    }],
    [OK, "this is no FLV at all, whoever says so", {
      kind: "protocol",
      message: "The server sends no FLV",
    }],
    ["SSH-2.0\r\n\r\n", "", { kind: "protocol", message: "The server does not speak HTTP" }],
  ];
  for (const [head, body, failure] of cases) {
    const reading = await Reading.of();
    await reading.say(head);
    if (body !== "") await reading.say(body);
    reading.connection.hangUp();
    await settle();
    assert.deepEqual(reading.ends, [failure]);
    assert.deepEqual(reading.faults, []);
  }
});

test("a connection that closes is told by what had come", async () => {
  const early = await Reading.of();
  early.connection.hangUp();
  await settle();
  const closed = { kind: "closed", message: "The server closed the connection" } as const;
  assert.deepEqual(early.ends, [closed]);
  const late = await Reading.of();
  await late.say(OK);
  late.connection.hangUp();
  await settle();
  assert.deepEqual(late.ends, [closed]);
});

test("a tag that is too long is not waited for", async () => {
  const reading = await Reading.of();
  const file = flv([9, 0, new Uint8Array(20_000)]);
  await reading.say(OK, file.subarray(0, 13 + 10_000 + 1024));
  assert.deepEqual(reading.ends, []);
  await reading.say(file.subarray(13 + 10_000 + 1024, 13 + 10_000 + 1025));
  assert.deepEqual(reading.ends, [{
    kind: "protocol",
    message: "The server sends a tag that is too long",
  }]);
});

test("redirects are followed three times, also by relative places, and never away from TLS", async () => {
  const reading = await Reading.of();
  const go = (to: string) =>
    `HTTP/1.1 301 Moved\r\nLocation: ${to}\r\nContent-Length: 3\r\n\r\nabc`;
  await reading.say(go("/c/d.flv"));
  assert.equal(reading.connections[0]!.closing, "destroy");
  await reading.say(go("https://two.test/x"));
  await reading.say(go("y?z"));
  assert.deepEqual(reading.dialled, [
    "tcp 8.8.8.8:80",
    "tcp 8.8.8.8:80",
    "tls 8.8.8.8:443",
    "tls 8.8.8.8:443",
  ]);
  assert.deepEqual(reading.requests.map((text) => text.split(" ")[1]), [
    "/a/b.flv",
    "/c/d.flv",
    "/x",
    "/y?z",
  ]);
  assert.equal(reading.source.shown, "https://two.test/***");
  await reading.say(OK, flv(...HEADERS));
  assert.equal(reading.media.length, 2);
  assert.deepEqual(reading.ends, []);
  const down = await Reading.of("https://one.test/x");
  await down.say(go("http://one.test/x"));
  assert.equal(down.ends[0]?.kind, "redirect");
  const round = await Reading.of();
  for (let time = 0; time < 4; time++) await round.say(go("/again"));
  assert.equal(round.ends[0]?.kind, "redirect");
  assert.equal(round.dialled.length, 4);
  const inside = await Reading.of();
  await inside.say(go("http://in.test/x"));
  assert.equal(inside.ends[0]?.kind, "address");
});

test("of the redirects all are followed that have a place, and nothing else is", async () => {
  const at = async (status: number) => {
    const reading = await Reading.of();
    await reading.say(`HTTP/1.1 ${status} Any\r\nLocation: /x\r\n\r\n`);
    return reading.ends[0]?.message ?? `dialled ${reading.dialled.length}`;
  };
  assert.equal(await at(299), "The server answered 299");
  assert.equal(await at(300), "dialled 2");
  assert.equal(await at(399), "dialled 2");
  assert.equal(await at(400), "The server answered 400");
  assert.equal(await at(201), "The server answered 201");
});

test("each answer has its own time, and a connection that was left says nothing", async () => {
  const reading = await Reading.of();
  reading.clock.advance(900);
  await reading.say("HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n");
  reading.connections[0]!.hangUp();
  reading.clock.advance(999);
  await settle();
  assert.deepEqual(reading.ends, []);
  assert.equal(reading.turns, 0);
  reading.clock.advance(1);
  await settle();
  assert.deepEqual(reading.ends.map(({ kind }) => kind), ["timeout"]);
});

test("a connection that comes too late is closed", async () => {
  const reading = new Reading("http://one.test/x");
  reading.onDial = () => reading.source.close();
  reading.source.start();
  await settle();
  assert.equal(reading.connection.closing, "destroy");
  assert.deepEqual(reading.requests, [""]);
});

test("what an owner throws behind a turn is a fault, and does not end the source", async () => {
  const reading = await Reading.of();
  const error = new TypeError("oops");
  reading.onTurn = () => {
    throw error;
  };
  await reading.say(OK, flv(...HEADERS));
  assert.deepEqual(reading.faults, [error, error]);
  assert.equal(reading.media.length, 2);
  assert.deepEqual(reading.ends, []);
});

test("one that was closed says and takes nothing any more", async () => {
  const reading = await Reading.of();
  await reading.say(OK);
  reading.onMedia = () => reading.source.close();
  await reading.say(flv(...HEADERS, [9, 40, keyFrame(50)]));
  assert.equal(reading.media.length, 1, "closed by the first one");
  assert.equal(reading.turns, 1, "that of the head");
  const { bytesIn } = reading.source;
  assert.equal(reading.connection.closing, "destroy");
  await reading.say("more");
  assert.equal(reading.source.bytesIn, bytesIn);
  assert.deepEqual(reading.ends, []);
  // While it connects.
  const early = new Reading("http://one.test/x");
  early.source.start();
  early.source.close();
  await settle();
  assert.deepEqual(early.ends, []);
  assert.ok(early.connections.every(({ closed }) => closed));
  assert.equal(early.clock.pending, 0);
  // While it waits for the answer.
  const waiting = await Reading.of();
  waiting.source.close();
  await settle();
  assert.equal(waiting.clock.pending, 0);
  // While it is sent elsewhere.
  const between = await Reading.of();
  between.connection.deliver(bytes("HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n"));
  between.source.close();
  await settle();
  assert.equal(between.dialled.length, 1);
});

test("what the owner throws is a fault of ours, and ends the source", async () => {
  const reading = await Reading.of();
  const error = new TypeError("oops");
  reading.onMedia = () => {
    throw error;
  };
  await reading.say(OK, flv(...HEADERS));
  assert.deepEqual(reading.faults, [error]);
  assert.deepEqual(reading.ends.map(({ kind }) => kind), ["internal"]);
});

test("URLs are those of HTTP, and shown without what is secret", () => {
  assert.equal(
    shownHttpUrl(parseHttpUrl("http://u:" + "p@h.test/live/key.flv?t=1")),
    "http://h.test/live/***",
  );
  assert.equal(shownHttpUrl(parseHttpUrl("http://h.test/live/")), "http://h.test/live/");
  assert.throws(() => parseHttpUrl("nonsense"), UsageError);
  assert.throws(() => parseHttpUrl("ftp://h.test/"), UsageError);
  assert.equal(parseHttpUrl("https://h.test/x").protocol, "https:");
});

test("a connection that throws is a fault of ours, and leaves nothing", async () => {
  for (const method of ["start", "write"] as const) {
    const reading = new Reading("http://one.test/a/b.flv");
    const error = new Error(method);
    reading.onConnection = (connection) => {
      connection[method] = () => {
        throw error;
      };
    };
    reading.source.start();
    await settle();
    reading.clock.advance(0);
    await settle();
    assert.deepEqual(reading.faults, [error]);
    assert.deepEqual(reading.ends.map(({ kind }) => kind), ["internal"]);
    assert.equal(reading.connection.closing, "destroy");
    assert.equal(reading.clock.pending, 0);
  }
});

test("credentials are those that a URL can only say escaped", async () => {
  for (
    const [said, meant] of [
      ["a%40b:c%2Fd", "a@b:c/d"],
      ["me:100%25", "me:100%"],
      ["me:caf%C3%A9", "me:café"],
      ["me:%zz", "me:%zz"],
    ] as const
  ) {
    const reading = await Reading.of(`http://${said}@one.test/x`);
    const [, sent] = /Authorization: Basic (\S+)/.exec(reading.requests[0]!)!;
    const bytes = Uint8Array.from(atob(sent!), (sign) => sign.charCodeAt(0));
    assert.equal(new TextDecoder().decode(bytes), meant);
  }
});
