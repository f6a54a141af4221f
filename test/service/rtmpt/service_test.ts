/** Requests of RTMPT: which are answered, with what, and how long a session lasts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpBytes } from "../../../src/ports.ts";
import { TunnelService } from "../../../src/service/rtmpt/mod.ts";
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
