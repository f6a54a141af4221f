import { test } from "node:test";
import assert from "node:assert/strict";
import { ProtocolError } from "../../../src/core/errors.ts";
import type { RtmpMessage } from "../../../src/core/rtmp/message/types.ts";
import {
  chunkStreamIdFor,
  MessageDecoderStream,
  MessageEncoderStream,
} from "../../../src/core/rtmp/streams.ts";
import { feedings } from "../../support/feed.ts";
import { bytes, concat, counting } from "./chunk/harness.ts";

function from<T>(items: T[]): ReadableStream<T> {
  return new ReadableStream<T>({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });
}

async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return items;
    items.push(value);
  }
}

const messages: RtmpMessage[] = [
  { type: 5, messageStreamId: 0, timestamp: 0, payload: bytes("002625a0") },
  { type: 20, messageStreamId: 0, timestamp: 0, payload: counting(300) },
  { type: 8, messageStreamId: 1, timestamp: 10, payload: counting(5) },
  { type: 9, messageStreamId: 1, timestamp: 10, payload: counting(9000) },
  { type: 8, messageStreamId: 1, timestamp: 30, payload: counting(5) },
];

test("messages pass through encoder and decoder streams, however the bytes are cut", async () => {
  const wire = concat(...await all(from(messages).pipeThrough(new MessageEncoderStream())));
  for (const segments of feedings(wire)) {
    const seen = await all(from(segments).pipeThrough(new MessageDecoderStream()));
    assert.deepEqual(seen, messages);
  }
});

test("the encoder stream announces its chunk size first and obeys later ones", async () => {
  const later: RtmpMessage = {
    type: 1,
    messageStreamId: 0,
    timestamp: 0,
    payload: bytes("00000003"),
  };
  const encoder = new MessageEncoderStream({ chunkSize: 65536 });
  const parts = await all(from([messages[3], later, messages[1]]).pipeThrough(encoder));
  assert.deepEqual(parts.map((part) => part.length), [16, 12 + 9000, 5, 12 + 300 + 99]);
  const seen = await all(from(parts).pipeThrough(new MessageDecoderStream()));
  assert.deepEqual(seen.slice(1), [messages[3], later, messages[1]]);
});

test("broken input errors the decoder stream with a ProtocolError", async () => {
  const broken = from([bytes("c3")]).pipeThrough(new MessageDecoderStream());
  await assert.rejects(all(broken), ProtocolError);
  const long = from([bytes("03 000000 000002 08 01000000 aabb")]);
  const strict = new MessageDecoderStream({ maxMediaBytes: 1 });
  await assert.rejects(all(long.pipeThrough(strict)), ProtocolError);
});

test("each kind of message has its chunk stream, which the caller may choose", async () => {
  const ids = [1, 2, 3, 4, 5, 6, 8, 9, 15, 16, 17, 18, 19, 20, 22].map((type) =>
    chunkStreamIdFor({ ...messages[0], type })
  );
  assert.deepEqual(ids, [2, 2, 2, 2, 2, 2, 4, 6, 5, 3, 3, 5, 3, 3, 6]);
  const encoder = new MessageEncoderStream({ chunkStreamId: () => 63 });
  const [first] = await all(from([messages[0]]).pipeThrough(encoder));
  assert.equal(first[0], 63);
});
