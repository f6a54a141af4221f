/** The server as the control API shows it: what is looked at when, and what is remembered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AmfEcmaArray, type AmfValue, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import type { LiveStream } from "../../src/hub/mod.ts";
import { interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { Rig, type RigClient } from "../support/rtmp_service.ts";

function sayMetadata(client: RigClient, members: Record<string, AmfValue>): void {
  const body = encodeAmf0("@setDataFrame", "onMetaData", new AmfEcmaArray(Object.entries(members)));
  client.message(MessageType.DataAmf0, 1, 0, body);
}

/** Counts how often the stored metadata and the headers of a stream's tracks are looked at. */
function watch(stream: LiveStream): { readonly looks: number } {
  const counter = { looks: 0 };
  const { description } = stream;
  const data = description.data.bind(description);
  description.data = (handler) => {
    counter.looks++;
    return data(handler);
  };
  return counter;
}

test("a page is cut before anything of its streams is looked at", () => {
  const rig = new Rig();
  const counters = Array.from({ length: 20 }, (_, index) => {
    const publisher = rig.publisher(`s${index}`);
    sayMetadata(publisher, { width: 640, height: index + 100 });
    return watch(rig.registry.get({ app: "live", name: `s${index}` })!);
  });
  const { items, total } = rig.view().listStreams({ limit: 2, offset: 5 });
  assert.equal(total, 20);
  const looked = () => counters.flatMap(({ looks }, index) => looks > 0 ? [index] : []);
  assert.deepEqual(looked(), []);
  const iterator = items[Symbol.iterator]();
  assert.equal(iterator.next().value!.name, "s5");
  assert.deepEqual(looked(), [5]);
  assert.equal(iterator.next().value!.metadata!.height, 106);
  assert.equal(iterator.next().done, true);
  assert.deepEqual(looked(), [5, 6]);
});

test("metadata and headers are read once for each change, counters are of the moment", () => {
  const rig = new Rig();
  const view = rig.view();
  const publisher = rig.publisher("cam");
  const show = () => view.getStream("live", "cam")!;
  sayMetadata(publisher, { width: 640, height: 360, encoder: "obs" });
  publisher.message(MessageType.Video, 1, 0, VIDEO_HEADER);
  publisher.message(MessageType.Video, 1, 0, keyFrame(100));

  const stream = rig.registry.get({ app: "live", name: "cam" })!;
  const [track] = stream.description.tracks(9);
  let reads = 0;
  const frame = track!.header!;
  track!.header = {
    ...frame,
    get payload() {
      reads++;
      return frame.payload;
    },
  };
  const first = show();
  assert.equal(first.publisher!.client, "obs");
  assert.ok(reads > 0);
  const once = reads;
  rig.clock.advance(1000);
  publisher.message(MessageType.Video, 1, 40, interFrame(100));
  const second = show();
  assert.equal(reads, once, "the header is read again");
  assert.equal(second.metadata, first.metadata, "the metadata is read again");
  assert.ok(second.bytesIn > first.bytesIn);
  assert.ok(second.uptimeMs >= first.uptimeMs + 1000);
  assert.deepEqual(second.tracks.video[0]!.codec, "avc");

  sayMetadata(publisher, { width: 1280, height: 720, framerate: 50 });
  const third = show();
  assert.equal(third.metadata!.width, 1280);
  assert.equal(third.metadata!.framerate, 50);
  assert.notEqual(third.publisher!.client, "obs");
  const hevc = VIDEO_HEADER.slice();
  hevc[0] = 0x1c;
  publisher.message(MessageType.Video, 1, 80, hevc);
  assert.equal(show().video!.codec, "hevc");
  // Another publisher takes over.
  sayMetadata(rig.publisher("cam"), {});
  assert.deepEqual(show().metadata, {});
  assert.equal(show().video, null);
});

test("a client is asked to reconnect when its turn comes", () => {
  const rig = new Rig();
  const view = rig.view();
  for (let count = 0; count < 3; count++) rig.client().connected();
  const asked = view.reconnectAll();
  assert.deepEqual([...asked], [false, false, false]);
});
