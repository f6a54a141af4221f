/** A client and the service of this project, without a socket and on a clock that stands still. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectWith, type RtmpClient } from "../../src/client/client.ts";
import {
  ClosedError,
  type ConnectOptions,
  type ReconnectEvent,
  RefusedError,
  type StatusEvent,
} from "../../src/client/mod.ts";
import { refuse } from "../../src/plugin/mod.ts";
import { AUDIO_HEADER, audioFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { MemoryConnection } from "../support/memory_connection.ts";
import { Rig } from "../support/rtmp_service.ts";
import { failure, settle } from "./scripted_server.ts";

/** One end of a connection whose other end is in the same process. */
class End extends MemoryConnection {
  other: End | undefined;

  constructor() {
    super((bytes) => queueMicrotask(() => this.other!.deliver(bytes)));
  }

  override end(): void {
    super.end();
    this.#tell();
  }

  override destroy(): void {
    super.destroy();
    this.#tell();
  }

  // Behind the bytes that are on their way.
  #tell(): void {
    queueMicrotask(() => queueMicrotask(() => this.other!.hangUp()));
  }
}

/** A client of a rig. */
function connect(rig: Rig, options: ConnectOptions = {}): Promise<RtmpClient> {
  const runtime = {
    clock: rig.clock,
    randomBytes: (length: number) => new Uint8Array(length),
    dialTcp: () => {
      const [ours, theirs] = [new End(), new End()];
      ours.other = theirs;
      theirs.other = ours;
      rig.service.accept(theirs);
      return Promise.resolve(ours);
    },
  };
  return connectWith(runtime, "rtmp://host/live/test", options);
}

test("what is published to the service is played from it, headers and metadata included", async () => {
  const rig = new Rig();
  const writer = (await (await connect(rig)).publish()).getWriter();
  await writer.write({ kind: "video", timestamp: 0, payload: VIDEO_HEADER });
  await writer.write({ kind: "audio", timestamp: 0, payload: AUDIO_HEADER });
  await writer.write({ kind: "video", timestamp: 0, payload: keyFrame(20_000, 3) });
  await settle();
  const reader = (await (await connect(rig)).play()).getReader();
  await writer.write({ kind: "audio", timestamp: 20, payload: audioFrame(20) });
  const got: Uint8Array[] = [];
  while (got.length < 4) got.push((await reader.read()).value!.payload);
  assert.deepEqual(got, [VIDEO_HEADER, AUDIO_HEADER, keyFrame(20_000, 3), audioFrame(20)]);
  await writer.close();
  assert.equal((await reader.read()).done, true);
});

test("a play waits for its publisher", async () => {
  const rig = new Rig();
  const playing = (await connect(rig)).play();
  await settle();
  const writer = (await (await connect(rig)).publish()).getWriter();
  const reader = (await playing).getReader();
  await writer.write({ kind: "video", timestamp: 0, payload: VIDEO_HEADER });
  await writer.write({ kind: "video", timestamp: 0, payload: keyFrame(100) });
  assert.deepEqual((await reader.read()).value!.payload, VIDEO_HEADER);
});

test("what a plugin refuses is refused with its words", async () => {
  const rig = new Rig({}, {
    name: "gate",
    onConnect: ({ app }) => app === "live" ? undefined : refuse("not here"),
    onPublish: () => refuse("nothing may be published"),
  });
  const error = await failure((await connect(rig)).publish());
  assert.ok(error instanceof RefusedError);
  assert.equal(error.code, "NetStream.Publish.Denied");
  assert.equal(error.description, "nothing may be published");
});

test("a client that follows is asked to reconnect, and one that is dismissed is told why", async () => {
  const rig = new Rig();
  const client = await connect(rig, { followsReconnect: true });
  const told: string[] = [];
  client.addEventListener("reconnect", (event) => {
    told.push(`reconnect to ${(event as ReconnectEvent).tcUrl}`);
  });
  client.addEventListener("status", (event) => told.push((event as StatusEvent).status.code));
  const [session] = [...rig.service.sessions.values()];
  session!.askToReconnect("rtmp://other/live");
  await settle();
  assert.deepEqual(told, [
    "NetConnection.Connect.ReconnectRequest",
    "reconnect to rtmp://other/live",
  ]);
  void rig.service.stop(1000);
  assert.ok(await client.closed instanceof ClosedError);
  assert.equal(told.at(-1), "NetConnection.Connect.AppShutdown");
});
