/** What is so before anything has happened: whoever looks early sees nothing of nobody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EnhancedReader } from "../../src/core/media/mod.ts";
import { AssemblyBudget } from "../../src/core/rtmp/chunk/assembly_budget.ts";
import { ChunkStream, ChunkStreamTable } from "../../src/core/rtmp/chunk/chunk_stream.ts";
import { ChunkDecoder } from "../../src/core/rtmp/chunk/decoder.ts";
import { ChunkHeaderReader } from "../../src/core/rtmp/chunk/header.ts";
import { DEFAULT_CHUNK_DECODER_LIMITS } from "../../src/core/rtmp/chunk/limits.ts";
import { AggregateCursor } from "../../src/core/rtmp/message/aggregate.ts";
import { ClientStream } from "../../src/core/rtmp/session/client/client_stream.ts";
import { NetStream } from "../../src/core/rtmp/session/net_stream.ts";
import { Replies } from "../../src/core/rtmp/session/replies.ts";

test("a reader that has opened no message has no track", () => {
  assert.deepEqual({ ...new EnhancedReader() }, {
    frameType: 0,
    packetType: 0,
    tracks: 0,
    prefixLength: 0,
    trackId: 0,
    fourCc: 0,
    start: 0,
    end: 0,
    cut: false,
  });
});

test("a chunk stream without a header has no message, and a decoder no chunk stream", () => {
  assert.deepEqual({ ...new ChunkStream(7) }, {
    id: 7,
    timestamp: 0,
    delta: 0,
    length: 0,
    type: 0,
    messageStreamId: 0,
    extended: false,
    extendedValue: 0,
    received: 0,
    split: false,
    assembly: undefined,
  });
  const decoder = new ChunkDecoder();
  const { chunkSize, chunkStreams, discardedMessages, assemblyBytes, spareBytes } = decoder;
  assert.deepEqual(
    [chunkSize, chunkStreams, discardedMessages, assemblyBytes, spareBytes],
    [128, 0, 0, 0, 0],
  );
  const { starts, stream, streams } = new ChunkHeaderReader(DEFAULT_CHUNK_DECODER_LIMITS);
  assert.deepEqual([starts, stream, streams.size], [false, undefined, 0]);
  assert.equal(new ChunkStreamTable().get(7), undefined);
});

test("who has taken no memory has none, and is not let in", () => {
  const holder = new AssemblyBudget(1000).holder(() => {});
  const { isLetIn, isDoomed, held, unread } = holder;
  assert.deepEqual([isLetIn, isDoomed, held, unread], [false, false, 0, 0]);
});

test("in front of the first message of an aggregate all of it is left", () => {
  const cursor = new AggregateCursor(new Uint8Array(30), 5, 1);
  const { type, timestamp, start, end, left, payload } = cursor;
  assert.deepEqual([type, timestamp, start, end, left], [0, 0, 0, 0, 30]);
  assert.equal(payload.length, 0);
});

test("a stream that was just created does nothing, for either side", () => {
  const { id, name, announced, requestId, state, isPending } = new ClientStream();
  assert.deepEqual(
    { id, name, announced, requestId, state, isPending },
    { id: 0, name: "", announced: undefined, requestId: 0, state: "creating", isPending: false },
  );
  const stream = new NetStream(3);
  const { bufferMs, paused, receiveAudio, receiveVideo, lost } = stream;
  assert.deepEqual(
    { bufferMs, paused, receiveAudio, receiveVideo, lost, state: stream.state },
    {
      bufferMs: 0,
      paused: false,
      receiveAudio: true,
      receiveVideo: true,
      lost: false,
      state: "idle",
    },
  );
  assert.equal(new Replies({ send() {} }).chunkSize, 128);
});
