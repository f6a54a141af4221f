/** Events of a server as they happen: over RTMP, FLV and HLS, of recordings, and of what the API changed. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { within } from "../support/deadline.ts";
import { publish } from "../support/ffmpeg.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

type Happened = Record<string, unknown> & { readonly type: string; readonly id: string };

/** The events of a server, one at a time. */
async function* eventsOf(
  server: TestServer,
  signal: AbortSignal,
  after?: string,
): AsyncGenerator<Happened> {
  const headers: Record<string, string> = after === undefined ? {} : { "Last-Event-ID": after };
  const url = `http://127.0.0.1:${server.httpPort}/api/v1/events`;
  const response = await fetch(url, { headers, signal });
  assert.equal(response.status, 200);
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body!) {
    const texts = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = texts.pop()!;
    for (const text of texts) {
      const [, id, data] = /\nid: (\S+)\ndata: (.*)$/.exec(text) ?? [];
      if (id !== undefined) yield { id, ...JSON.parse(data!) };
      else if (text.startsWith("event: missed")) yield { type: "missed", id: "" };
    }
  }
}

/** Waits for an event of a type, and passes those before it. */
async function next(events: AsyncGenerator<Happened>, type: string): Promise<Happened> {
  return await within(
    (async () => {
      for (;;) {
        const { done, value } = await events.next();
        if (done) throw new Error("The events ended");
        if (value.type === type) return value;
      }
    })(),
    `the event ${type}`,
    20_000,
  );
}

test("what happens is told as it happens, and again to who comes back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-events-"));
  try {
    await using server = await startServer([
      "--record-folder",
      folder,
      "--record-streams",
      "live/*",
    ]);
    const abort = new AbortController();
    const events = eventsOf(server, abort.signal);
    // The first question opens it.
    const connected = next(events, "session.connected");
    await server.api("/health");
    await using publisher = publish(await clip("av"), server.url("live", "cam?key=s3cret"), {
      realTime: true,
      loop: true,
    });
    const { id, protocol } = await connected;
    assert.equal(protocol, "rtmp");
    const live = await next(events, "stream.live");
    assert.deepEqual([live.app, live.name], ["live", "cam"]);
    await next(events, "record.started");

    await using client = await RtmpClient.open(server.rtmpPort);
    await client.play("live", "cam");
    const played = await next(events, "play.started");
    assert.deepEqual([played.app, played.name], ["live", "cam"]);
    client.close();
    assert.equal((await next(events, "play.stopped")).session, played.session);

    const flv = await fetch(`http://127.0.0.1:${server.httpPort}/live/cam.flv`);
    const watched = await next(events, "play.started");
    assert.notEqual(watched.session, played.session);
    await flv.body!.cancel();
    await next(events, "play.stopped");

    assert.equal((await server.api("/streams/live/cam", { method: "DELETE" })).status, 204);
    const ended = await next(events, "stream.ended");
    assert.deepEqual([ended.name, ended.reason], ["cam", "kicked"]);
    await publisher.ended();

    // It comes back, and is told all that it had not seen yet.
    const again = eventsOf(server, abort.signal, id);
    const seen: Happened[] = [];
    while (
      !["api.changed", "record.finished", "stream.ended"].every((type) =>
        seen.some((one) => one.type === type)
      )
    ) {
      seen.push((await again.next()).value);
    }
    const changed = seen.find(({ type }) => type === "api.changed")!;
    assert.deepEqual([changed.caller, changed.path], ["local", "/streams/live/cam"]);
    assert.ok(!seen.some(({ type }) => type === "missed"));
    assert.ok(!JSON.stringify(seen).includes("s3cret"));
    await server.waitForLog("changed by the API", { caller: "local", method: "DELETE" });
    abort.abort();
    await again.return(undefined).catch(() => {});
    server.assertHealthy();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
