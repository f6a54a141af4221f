/** Messages on flows as chunks that a session reads, and flows that wait for one another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGE_ROOM } from "../../../src/core/rtmfp/assembly.ts";
import { ReceiveFlow } from "../../../src/core/rtmfp/receive_flow.ts";
import { metadataOf } from "../../../src/core/rtmfp/tc_message.ts";
import { ChunkDecoder } from "../../../src/core/rtmp/chunk/decoder.ts";
import { InFlows, WHOLE_MESSAGES } from "../../../src/service/rtmfp/in_flows.ts";

const flowOf = (stream: number, id = 2) =>
  new ReceiveFlow(id, metadataOf(stream), undefined, 1 << 20);

/** A message behind its room, as a flow gives it. */
function message(type: number, time: number, payload: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_ROOM + 5 + payload.length).fill(0xdd, 0, MESSAGE_ROOM);
  bytes[MESSAGE_ROOM] = type;
  new DataView(bytes.buffer).setUint32(MESSAGE_ROOM + 1, time);
  bytes.set(payload, MESSAGE_ROOM + 5);
  return bytes;
}

const fail = () => assert.fail("nothing was held");

/** What a session makes of chunks. */
function read(chunks: readonly (Uint8Array | undefined)[]): string[] {
  const lines: string[] = [];
  const decoder = new ChunkDecoder({ maxMediaBytes: 0xffffff, maxCommandBytes: 0xffffff });
  for (const chunk of [WHOLE_MESSAGES, ...chunks]) {
    if (chunk === undefined) continue;
    decoder.decode(chunk, 0, {
      onMessage(type, streamId, timestamp, payload) {
        lines.push(`${type} ${streamId} ${timestamp} ${payload.length}:${payload.at(-1)}`);
        return true;
      },
    });
  }
  return lines.slice(1);
}

test("each message is one chunk of its stream, with a time of any size", () => {
  const flows = new InFlows();
  const flow = flowOf(0x12345);
  const times = [0, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff];
  const chunks = times.map((time) =>
    flows.chunkOf(flow, message(9, time, new Uint8Array(70_000).fill(3)), fail)
  );
  assert.deepEqual(read(chunks), times.map((time) => `9 74565 ${time} 70000:3`));
});

test("what is for the layer below, is cut short, or is too long, is no message of the session", () => {
  const flows = new InFlows();
  const flow = flowOf(0);
  for (const type of [1, 2, 3, 5, 6]) {
    assert.equal(flows.chunkOf(flow, message(type, 0, [0, 0, 0, 1]), fail), undefined);
  }
  assert.equal(
    flows.chunkOf(flow, message(20, 0, []).subarray(0, MESSAGE_ROOM + 4), fail),
    undefined,
  );
  const long = new Uint8Array(MESSAGE_ROOM + 5 + 0x1000000);
  long[MESSAGE_ROOM] = 9;
  assert.equal(flows.chunkOf(flow, long, fail), undefined);
  assert.deepEqual(read([flows.chunkOf(flow, message(20, 0, []), fail)]), ["20 0 0 0:undefined"]);
});

/** A message that has its flow wait until `count` flows have come to it. */
const sync = (id: number, count: number) => message(4, 0, [0, 34, 0, 0, 0, id, 0, 0, 0, count]);

test("flows wait for one another where they say so, and go on together", () => {
  const flows = new InFlows();
  const [a, b, c] = [flowOf(1, 2), flowOf(1, 3), flowOf(1, 4)];
  assert.equal(flows.chunkOf(a, sync(7, 3), fail), undefined);
  assert.equal(flows.chunkOf(b, sync(7, 3), fail), undefined);
  assert.deepEqual([a, b, c].map((flow) => flows.isHeld(flow)), [true, true, false]);
  let released = 0;
  flows.chunkOf(c, sync(7, 3), () => released++);
  assert.deepEqual([a, b, c].map((flow) => flows.isHeld(flow)), [false, false, false]);
  assert.equal(released, 1);
});

test("a flow alone waits for nobody, nor where too many waits are under way, nor for one that is over", () => {
  const flows = new InFlows();
  const flow = flowOf(1);
  flows.chunkOf(flow, sync(1, 1), fail);
  flows.chunkOf(flow, sync(1, 0), fail);
  assert.equal(flows.isHeld(flow), false);
  const many = Array.from({ length: 9 }, (_, index) => flowOf(1, 10 + index));
  many.forEach((one, index) => flows.chunkOf(one, sync(10 + index, 2), fail));
  assert.equal(many.filter((one) => flows.isHeld(one)).length, 8);
  flows.forget(many[0]!);
  assert.equal(flows.isHeld(many[0]!), false);
  // There is room for one more wait.
  flows.chunkOf(many[8]!, sync(40, 2), fail);
  assert.ok(flows.isHeld(many[8]!));
});

test("an event of the session's own goes to it, however short it is cut", () => {
  const flows = new InFlows();
  const events = [[0, 3, 0, 0, 0, 1, 0, 0, 1, 0], [0, 34, 0, 0, 0, 1], [0]];
  const chunks = events.map((event) => flows.chunkOf(flowOf(0), message(4, 0, event), fail));
  assert.deepEqual(read(chunks), ["4 0 0 10:0", "4 0 0 6:1", "4 0 0 1:0"]);
});
