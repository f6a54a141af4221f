/** Chunks of a session as messages on flows: which flow, for how long, and how many there may be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Outgoing } from "../../../src/core/rtmfp/outgoing.ts";
import type { SendFlow } from "../../../src/core/rtmfp/send_flow.ts";
import { ChunkEncoder } from "../../../src/core/rtmp/chunk/encoder.ts";
import { FRAME_MS, OutFlows } from "../../../src/service/rtmfp/out_flows.ts";

/** Notes what is opened and written. */
class Witness extends Outgoing {
  readonly lines: string[] = [];
  readonly opened: SendFlow[] = [];

  override open(metadata: Uint8Array, association: number, critical: boolean): SendFlow {
    const flow = super.open(metadata, association, critical);
    this.opened.push(flow);
    const write = flow.write.bind(flow);
    flow.write = (bytes, deadline = Infinity) => {
      const about = deadline === Infinity ? "kept" : `until ${deadline}`;
      this.lines.push(`flow ${flow.id} type ${bytes[0]} ${bytes.length - 5} bytes, ${about}`);
      write(bytes, deadline);
    };
    return flow;
  }

  take(): string[] {
    return this.lines.splice(0);
  }
}

function setUp() {
  const outgoing = new Witness();
  const pings: number[] = [];
  const flows = new OutFlows(outgoing, 2, (time) => pings.push(time));
  const encoder = new ChunkEncoder();
  const write = (type: number, streamId: number, payload: number[], now = 0) =>
    flows.write(
      encoder.encode(
        { type, messageStreamId: streamId, timestamp: 40, payload: Uint8Array.from(payload) },
        6,
      ),
      now,
    );
  return { outgoing, flows, pings, write };
}

test("sound, pictures and all else of a stream have flows of their own, the connection has one", () => {
  const { outgoing, write } = setUp();
  write(20, 0, [1]);
  write(4, 0, [0, 0, 0, 0, 0, 1]);
  write(20, 1, [1]);
  write(8, 1, [0xaf, 1]);
  write(9, 1, [0x27, 1]);
  write(18, 1, [1]);
  write(9, 2, [0x27, 1]);
  write(9, 1, [0x27, 1]);
  assert.deepEqual(
    outgoing.take().map((line) => line.replace(/ \d+ bytes.*/, "")),
    [
      ...["flow 2 type 20", "flow 2 type 4", "flow 3 type 20", "flow 4 type 8", "flow 5 type 9"],
      ...["flow 3 type 18", "flow 6 type 9", "flow 5 type 9"],
    ],
  );
  assert.deepEqual(outgoing.opened.map(({ timeCritical }) => timeCritical), [
    false,
    false,
    true,
    true,
    true,
  ]);
  assert.ok(outgoing.opened.every(({ association }) => association === 2));
});

test("frames of a live stream are given up after a while, what others need is not, nor a recording", () => {
  const { outgoing, write } = setUp();
  write(9, 1, [0x17, 0, 0, 0, 0, 1], 100);
  write(9, 1, [0x17, 1, 0, 0, 0, 1], 100);
  write(9, 1, [0x27, 1, 0, 0, 0, 1], 100);
  write(8, 1, [0xaf, 0, 18], 100);
  write(8, 1, [0xaf, 1, 2], 100);
  const late = `until ${100 + FRAME_MS}`;
  assert.deepEqual(
    outgoing.take().map((line) => line.split(", ")[1]),
    ["kept", "kept", late, "kept", late],
  );
  write(4, 0, [0, 4, 0, 0, 0, 1], 100);
  write(9, 1, [0x27, 1, 0, 0, 0, 1], 100);
  write(9, 2, [0x27, 1, 0, 0, 0, 1], 100);
  write(4, 0, [0, 1, 0, 0, 0, 1], 100);
  write(9, 1, [0x27, 1, 0, 0, 0, 1], 100);
  assert.deepEqual(
    outgoing.take().filter((line) => line.includes("type 9")).map((line) => line.split(", ")[1]),
    ["kept", late, late],
  );
});

test("what chunks need goes to nobody, and a ping is that of the session below", () => {
  const { outgoing, pings, write } = setUp();
  for (const type of [3, 5]) write(type, 0, [0, 0, 16, 0]);
  write(6, 0, [0, 0, 16, 0, 2]);
  write(4, 0, [0, 6, 0, 0, 1, 0]);
  assert.deepEqual([outgoing.take(), pings], [[], [256]]);
  write(4, 0, [0, 6, 0, 0, 1]);
  assert.equal(outgoing.take().length, 1, "what is cut short is the client's to read");
});

test("there are flows up to a number; one that the client refuses may come again in another", () => {
  const { outgoing, flows, write } = setUp();
  write(9, 1, [0x27, 1]);
  const [first] = outgoing.opened;
  flows.refused(first!);
  write(9, 1, [0x27, 1]);
  assert.equal(outgoing.opened.length, 2);
  for (let stream = 2; outgoing.flowCount < 128; stream++) write(9, stream, [0x27, 1]);
  assert.throws(() => write(9, 500, [0x27, 1]), { code: "limit" });
});
