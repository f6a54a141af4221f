/** Shared objects of a real server, with clients on sockets. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { SharedObjectEvent } from "../../src/core/rtmp/message/shared_object.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";
import { change, heard, remove, say, sharedObject, USE } from "../support/shared_object_client.ts";

/** A client that is let in. */
async function open(port: number, app = "live"): Promise<RtmpClient> {
  const client = await RtmpClient.open(port);
  assert.equal((await client.connect(app)).code, "NetConnection.Connect.Success");
  return client;
}

function tell(
  client: RtmpClient,
  events: readonly SharedObjectEvent[],
  options: { type?: 16 | 19; persistent?: boolean } = {},
): void {
  client.send(options.type ?? 19, 0, 0, sharedObject("chat", events, options));
}

/** The next message about a shared object. */
async function hear(client: RtmpClient): Promise<string> {
  const about = await client.waitFor(({ type }) => type === 19 || type === 16, "a shared object");
  return heard(about.type, about.payload);
}

test("two clients converse through a shared object, and a late third hears what there is", async () => {
  await using server = await startServer(["--shared-objects"]);
  await using a = await open(server.rtmpPort);
  await using b = await open(server.rtmpPort);
  tell(a, [USE]);
  assert.equal(await hear(a), "chat@0 use clear");
  tell(b, [USE], { type: 16 });
  assert.equal(await hear(b), "chat@0 use clear");
  tell(a, [change("topic", "news")]);
  assert.equal(await hear(a), "chat@1 success:topic");
  assert.equal(await hear(b), "chat@1 change:topic=news");
  tell(b, [change("count", 2)], { type: 16 });
  assert.equal(await hear(b), "chat@2 success:count");
  assert.equal(await hear(a), "chat@2 change:count=2");
  tell(a, [say("line", "hello")]);
  assert.equal(await hear(a), "chat@2 message:line,hello");
  assert.equal(await hear(b), "chat@2 message:line,hello");
  tell(b, [remove("count")], { type: 16 });
  assert.equal(await hear(a), "chat@3 remove:count");
  assert.equal(await hear(b), "chat@3 remove:count");

  await using late = await open(server.rtmpPort);
  tell(late, [USE]);
  assert.equal(await hear(late), "chat@3 use clear change:topic=news");
  a.cut();
  await a.closed;
  tell(late, [change("topic", "sports")]);
  assert.equal(await hear(late), "chat@4 success:topic");
  assert.equal(await hear(b), "chat@4 change:topic=sports");

  await using elsewhere = await open(server.rtmpPort, "live/two");
  tell(elsewhere, [USE]);
  assert.equal(await hear(elsewhere), "chat@0 use clear", "of another application instance");
  server.assertHealthy();
});

test("a persistent object is there again after the server was stopped, as one file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-objects-"));
  try {
    const args = ["--shared-objects", "--shared-objects-folder", join(folder, "kept")];
    {
      await using server = await startServer(args);
      await using client = await open(server.rtmpPort);
      tell(client, [USE, change("topic", "news")], { persistent: true });
      assert.equal(await hear(client), "chat@0 use clear");
      assert.equal(await hear(client), "chat@1 success:topic");
      const { code } = await server.stop();
      assert.equal(code, 0);
    }
    assert.equal(readdirSync(join(folder, "kept")).length, 1);
    await using server = await startServer(args);
    await using client = await open(server.rtmpPort);
    tell(client, [USE], { persistent: true });
    assert.equal(await hear(client), "chat@1 use clear change:topic=news");
    server.assertHealthy();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a folder that cannot be written costs what is in it, and no session", async () => {
  // A file where the folder would have to be.
  const args = ["--shared-objects", "--shared-objects-folder", join("mod.ts", "below")];
  await using server = await startServer(args);
  await using client = await open(server.rtmpPort);
  tell(client, [USE], { persistent: true });
  assert.equal(await hear(client), "chat@0 status:SharedObject.ObjectCreationFailed");
  assert.ok(await client.createStream() > 0);
  const health = (await server.api("/health")).body as { faults: { subsystem: string }[] };
  assert.deepEqual(health.faults.map(({ subsystem }) => subsystem), ["store"]);
});
