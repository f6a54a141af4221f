/** Viewers by WebSocket of a real server: who is let in, to what, and what many attempts leave behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionView } from "../../src/http/mod.ts";
import { clip } from "../support/clips.ts";
import { publish } from "../support/ffmpeg.ts";
import { startServer } from "../support/server.ts";
import { type Handshake, WebSocketClient } from "../support/websocket_client.ts";

/** Attempts in all, and how many are under way at once. */
const ATTEMPTS = 1000;
const AT_ONCE = 50;

test("a viewer by WebSocket is refused in the plugin's words, or led to what the plugin names", async () => {
  await using server = await startServer(["--plugin", "test/support/plugins/members.ts"]);
  await using _publisher = publish(await clip("av"), server.url("live", "cam"), {
    loop: true,
    realTime: true,
  });
  await server.waitForLog("publishing");
  const ask = (path: string) => new WebSocketClient(server.httpPort, path);
  using refused = ask("/live/cam.flv");
  assert.equal(await refused.status(), 403);
  await refused.until(() => refused.closed, "the end of the answer");
  assert.match(refused.text, /"<b>members<\/b> only"/);
  for (const path of ["/live/cam.flv?member=yes", "/live/k3y.flv"]) {
    using viewer = await ask(path).opened();
    await viewer.until(() => viewer.frames.length > 3, "media");
    assert.deepEqual([...viewer.frames[0]!.payload.subarray(0, 3)], [0x46, 0x4c, 0x56], "FLV");
    const { sessions } = (await server.api("/sessions")).body as { sessions: SessionView[] };
    const viewers = sessions.filter(({ protocol }) => protocol === "ws-flv");
    assert.deepEqual(viewers.map(({ playing }) => playing), [["cam"]], path);
    await server.api(`/sessions/${viewers[0]!.id}`, { method: "DELETE" });
    await viewer.until(() => viewer.closed, "its end");
  }
  server.assertHealthy();
});

test("a thousand attempts to become a WebSocket leave nothing behind, and the next one plays", async () => {
  await using server = await startServer();
  await using _publisher = publish(await clip("av"), server.url("live", "cam"), {
    loop: true,
    realTime: true,
  });
  await server.waitForLog("publishing");
  const kinds: readonly [path: string, headers: Handshake, status: number | undefined][] = [
    ["/live/none.flv?wait=0", {}, 404],
    ["/live/cam.flv", { "Sec-WebSocket-Version": "12" }, 426],
    ["/live/cam.flv", { "Sec-WebSocket-Key": "short" }, 400],
    ["/streams", {}, undefined],
    // Goes while it waits for its stream, and while it is sent one.
    ["/live/later.flv", {}, 0],
    ["/live/cam.flv", {}, 101],
  ];
  let attempts = 0;
  const attempt = async () => {
    while (attempts < ATTEMPTS) {
      const [path, headers, wanted] = kinds[attempts++ % kinds.length]!;
      using client = new WebSocketClient(server.httpPort, path, headers);
      if (wanted === 0) continue;
      const status = await client.status();
      if (wanted === undefined) assert.notEqual(status, 101);
      else assert.equal(status, wanted, path);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, attempt));
  for (;;) {
    const { sessions } = (await server.api("/sessions")).body as { sessions: SessionView[] };
    if (sessions.length === 1) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  using viewer = await new WebSocketClient(server.httpPort, "/live/cam.flv").opened();
  await viewer.until(() => viewer.frames.length > 3, "media");
  server.assertHealthy();
});
