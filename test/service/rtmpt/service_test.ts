/** Requests of RTMPT: which are answered, with what, and how long a session lasts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpBytes } from "../../../src/ports.ts";
import { TunnelService } from "../../../src/service/rtmpt/mod.ts";
import type { Tunnel } from "../../../src/service/rtmpt/tunnel.ts";
import { FakeClock } from "../../support/clock.ts";
import { Rig } from "../../support/rtmp_service.ts";

const REMOTE = { hostname: "192.0.2.7", port: 5000 };

class TunnelRig extends Rig {
  readonly tunnels: TunnelService;
  #ids = 0;

  constructor(settings: ConstructorParameters<typeof Rig>[0] = {}) {
    super(settings);
    this.tunnels = new TunnelService({
      runtime: {
        clock: this.clock,
        randomBytes: (length) => new Uint8Array(length).fill(++this.#ids),
      },
      hub: this.hub,
      accept: (tunnel, secure) => this.service.accept(tunnel, { secure, tunnelled: true }),
    });
  }

  /** Posts `body`; `headers` besides. Gives status and body. */
  async post(
    path: string,
    body = new Uint8Array(1),
    headers: Record<string, string> = { "Content-Length": `${body.length}` },
  ): Promise<{ status: number; body: Uint8Array; headers: Readonly<Record<string, string>> }> {
    const request = new Request(`http://127.0.0.1:8080${path}`, {
      method: "POST",
      headers,
      body: body.slice(),
    });
    const pending = this.tunnels.handle(request, REMOTE);
    // Requests for nothing wait for some time, which passes by hand here.
    let answer: unknown;
    void Promise.resolve(pending).then((given) => answer = given);
    for (let turns = 0; answer === undefined && turns < 100; turns++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.clock.advance(5);
    }
    assert.ok(answer instanceof HttpBytes, `${path} is for somebody else`);
    const { status, chunks } = answer;
    return { status, body: chunks[0]!, headers: answer.headers };
  }

  /** The secret of a new session. */
  async open(): Promise<string> {
    const { status, body } = await this.post("/open/1");
    assert.equal(status, 200);
    const text = new TextDecoder().decode(body);
    assert.ok(text.endsWith("\n"));
    return text.slice(0, -1);
  }
}

/** Sessions that nobody but the test has to do with, and requests as they come. */
class PlainRig {
  readonly clock = new FakeClock();
  readonly opened: Tunnel[] = [];
  readonly secure: boolean[] = [];
  readonly tunnels: TunnelService;
  #ids = 0;

  constructor() {
    this.tunnels = new TunnelService({
      runtime: {
        clock: this.clock,
        randomBytes: (length) => new Uint8Array(length).fill(++this.#ids),
      },
      hub: new Rig().hub,
      accept: (tunnel, secure) => {
        this.opened.push(tunnel);
        this.secure.push(secure);
      },
    });
  }

  /** The secret of a new session. */
  open(url = "http://127.0.0.1/open/1"): string {
    const headers = { "Content-Length": "0" };
    const answer = this.tunnels.handle(new Request(url, { method: "POST", headers }), REMOTE);
    assert.ok(answer instanceof HttpBytes);
    return new TextDecoder().decode(answer.chunks[0]).trim();
  }

  /** What a request is answered at once; `false` when it is for somebody else. */
  ask(
    target: string,
    body: string | undefined,
    { method = "POST", headers = {} }: {
      method?: "GET" | "POST";
      headers?: Record<string, string>;
    } = {},
    onAnswer: (answer: HttpBytes) => void = () => {},
  ): HttpBytes | false | undefined {
    let answered: HttpBytes | undefined;
    const taken = this.tunnels.plain({
      method,
      target,
      header: (name) => headers[name],
      body: (take) => take(body === undefined ? undefined : new TextEncoder().encode(body)),
    }, (answer) => {
      answered = answer;
      onAnswer(answer);
    });
    return taken === false ? false : answered;
  }
}

test("a session over TLS is one", () => {
  const rig = new PlainRig();
  rig.open();
  rig.open("https://127.0.0.1/open/1");
  assert.deepEqual(rig.secure, [false, true]);
  assert.deepEqual([rig.opened[0]!.remote, rig.opened[0]!.local], [
    REMOTE,
    { hostname: "", port: 0 },
  ]);
});

const hello = Uint8Array.of(3, ...new Uint8Array(1536));

test("a session is opened, and its handshake goes through requests", async () => {
  const rig = new TunnelRig();
  const id = await rig.open();
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(rig.service.sessions.size, 1);
  const { status, body, headers } = await rig.post(`/send/${id}/0`, hello);
  assert.deepEqual([status, body[0], body[1], body.length], [200, 1, 3, 1 + 1 + 2 * 1536]);
  assert.equal(headers["Content-Type"], "application/x-fcs");
  assert.deepEqual([...(await rig.post(`/idle/${id}/1`)).body], [1]);
  const [session] = rig.service.sessions.values();
  const { address, protocol, secure } = session!.describe();
  assert.deepEqual([address, protocol, secure], ["192.0.2.7:5000", "rtmpt", false]);
  assert.deepEqual([...(await rig.post(`/close/${id}/2`)).body], [0]);
  assert.equal((await rig.post(`/idle/${id}/3`)).status, 404);
  rig.clock.advance(0);
  assert.equal(rig.service.sessions.size, 0);
  assert.equal(rig.tunnels.size, 0);
});

test("whatever is no request of a session that there is gets the status that says why", async () => {
  const rig = new TunnelRig();
  const id = await rig.open();
  const status = async (...args: Parameters<TunnelRig["post"]>) => (await rig.post(...args)).status;
  assert.equal(await status("/send/unknown/0"), 404);
  assert.equal(await status("/fcs/ident2"), 404);
  const page = { "Content-Length": "1", "Origin": "https://example.org" };
  assert.equal(await status("/open/1", new Uint8Array(1), page), 403, "a web page");
  assert.equal(await status(`/send/${id}/0`, hello, {}), 411);
  const noNumber = { "Content-Length": "1.5" };
  assert.equal(await status(`/send/${id}/0`, hello, noNumber), 411);
  const tooLong = { "Content-Length": `${1024 * 1024 + 1}` };
  assert.equal(await status(`/send/${id}/0`, hello, tooLong), 413);
  assert.equal(await status(`/send/${id}/0`, hello), 200, "and nothing was lost");
  assert.equal(await status(`/send/${id}/1099`), 404, "far ahead");
  for (const path of [`/send/${id}`, "/open/1/2", "/streams"]) {
    const request = new Request(`http://127.0.0.1${path}`, { method: "POST" });
    assert.equal(rig.tunnels.handle(request, REMOTE), undefined, path);
  }
  assert.equal(rig.tunnels.handle(new Request("http://127.0.0.1/open/1"), REMOTE), undefined);
});

test("a session without requests ends after half a minute, and one with them does not", async () => {
  const rig = new TunnelRig({ openingTimeoutMs: 600_000 });
  const [silent, busy] = [await rig.open(), await rig.open()];
  for (let sequence = 0; sequence < 4; sequence++) {
    await rig.post(`/send/${busy}/${sequence}`);
    rig.clock.advance(10_000);
  }
  assert.equal(rig.tunnels.size, 1);
  assert.equal((await rig.post(`/idle/${silent}/0`)).status, 404);
  assert.equal((await rig.post(`/send/${busy}/4`)).status, 200);
});

test("a session is gone with the first look behind half a minute, and nobody looks when there is none", async () => {
  const rig = new PlainRig();
  rig.open();
  rig.open();
  assert.equal(rig.clock.pending, 1, "of all together");
  rig.clock.advance(34_999);
  assert.equal(rig.tunnels.size, 2);
  rig.clock.advance(1);
  assert.equal(rig.tunnels.size, 0);
  assert.equal(rig.clock.pending, 0);
  rig.open();
  rig.tunnels.stop();
  await Promise.resolve();
  assert.equal(rig.clock.pending, 0);
});

test("requests of a session are answered as they came, without being made into others", async () => {
  const rig = new PlainRig();
  const id = rig.open();
  const [tunnel] = rig.opened;
  const read: string[] = [];
  tunnel!.start({
    onData: (bytes) => void read.push(new TextDecoder().decode(bytes)),
    onWritable: () => {},
    onClose: () => {},
  });
  tunnel!.write(new TextEncoder().encode("abc"));
  const first = rig.ask(`/send/${id}/0`, "hello");
  assert.deepEqual(read, ["hello"]);
  assert.ok(first instanceof HttpBytes);
  assert.deepEqual([first.status, first.size, ...first.chunks[0]!], [200, 4, 1, 97, 98, 99]);
  assert.equal(first.headers["Connection"], "Keep-Alive");
  assert.equal(first.headers["Cache-Control"], "no-cache");
  const gone = rig.ask(`/send/${id}/1099`, "x");
  assert.ok(gone instanceof HttpBytes);
  assert.deepEqual([gone.status, gone.size, gone.chunks[0]!.length], [404, 0, 0]);
  const late = rig.ask(`/send/${id}/1`, undefined);
  assert.ok(late instanceof HttpBytes);
  assert.equal(late.status, 408);
  assert.deepEqual(read, ["hello"]);
  for (const path of ["/open/1", "/fcs/ident", "/fcs/ident2", "/send/unknown/1", "/streams"]) {
    assert.equal(rig.ask(path, "x"), false, path);
  }
  assert.equal(rig.ask(`/send/${id}/1`, "x", { method: "GET" }), false);
  assert.equal(rig.ask(`/send/${id}/1`, "x", { headers: { origin: "null" } }), false);
  assert.deepEqual(read, ["hello"]);
  await Promise.resolve();
});

test("with many sessions answers that were only asked for hold more", () => {
  const rig = new PlainRig();
  /** How long the second of two answers with something to say is kept back. */
  const waits = () => {
    const id = rig.open();
    const tunnel = rig.opened.at(-1)!;
    tunnel.start({ onData: () => {}, onWritable: () => {}, onClose: () => {} });
    tunnel.write(Uint8Array.of(1));
    rig.ask(`/idle/${id}/0`, "");
    const start = rig.clock.now();
    tunnel.write(Uint8Array.of(2));
    let answered = false;
    rig.ask(`/idle/${id}/1`, "", {}, () => answered = true);
    while (!answered) rig.clock.advance(1);
    return rig.clock.now() - start;
  };
  for (let session = 1; session < 49; session++) rig.open();
  assert.equal(waits(), 100);
  assert.equal(rig.tunnels.size, 49);
  assert.equal(waits(), 333);
});

test("the body of a request has ten seconds, and one that breaks off is none", async () => {
  const rig = new PlainRig();
  const id = rig.open();
  const ask = (sequence: number) => {
    let source!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (source = given) });
    const init = { method: "POST", body, duplex: "half", headers: { "Content-Length": "1048576" } };
    const request = new Request(`http://127.0.0.1/send/${id}/${sequence}`, init as RequestInit);
    return { source, answer: Promise.resolve(rig.tunnels.handle(request, REMOTE)) };
  };
  const late = ask(0);
  let answered = false;
  void late.answer.then(() => answered = true);
  rig.clock.advance(9999);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assert.equal(answered, false);
  rig.clock.advance(1);
  assert.equal((await late.answer as HttpBytes).status, 408);
  const broken = ask(0);
  broken.source.error(new Error("reset"));
  assert.equal((await broken.answer as HttpBytes).status, 408);
  rig.tunnels.stop();
  await Promise.resolve();
  assert.equal(rig.clock.pending, 0, "and nothing is waited for");
});

test("who is not let in is told so at once", async () => {
  const rig = new TunnelRig({ maxConnections: 1 });
  rig.client().connected().publish(1, "demo");
  assert.equal((await rig.post("/open/1")).status, 503);
  assert.equal(rig.tunnels.size, 0);
});

test("a stop ends all sessions", async () => {
  const rig = new TunnelRig();
  await rig.open();
  rig.tunnels.stop();
  assert.equal(rig.tunnels.size, 0);
});

test("sessions that are opened and say nothing end soon, and an address has no more than of others", async () => {
  const rig = new TunnelRig({ openingTimeoutMs: 2000, maxConnectionsPerAddress: 3 });
  const opened = [];
  for (let count = 0; count < 5; count++) opened.push((await rig.post("/open/1")).status);
  assert.deepEqual(opened, [200, 200, 200, 503, 503]);
  assert.equal(rig.tunnels.size, 3);
  for (let turns = 0; turns < 25; turns++) rig.clock.advance(100);
  assert.deepEqual([rig.tunnels.size, rig.service.sessions.size], [0, 0]);
  assert.equal((await rig.post("/open/1")).status, 200);
});
