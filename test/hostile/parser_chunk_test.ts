import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { cpuSeconds } from "../../bench/process_stat.ts";
import { ProtocolError } from "../../src/core/errors.ts";
import { ChunkEncoder } from "../../src/core/rtmp/chunk/encoder.ts";
import { ChunkDecoder } from "../../src/core/rtmp/chunk/decoder.ts";
import { encodeMessage } from "../../src/core/rtmp/chunk/stateless_encoder.ts";
import { bytes, concat, counting, decodeEveryWay, hex } from "../core/rtmp/chunk/harness.ts";
import { figure, sized } from "../support/figure.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { Rig } from "../support/rtmp_service.ts";
import { startTuned, type TestServer } from "../support/server.ts";
import { SessionPeer } from "../support/session_peer.ts";

const DEAF = { onMessage: () => true };

function setChunkSize(body: string): Uint8Array {
  const length = (body.length / 2).toString(16).padStart(2, "0");
  return bytes(`02 000000 0000${length} 01 00000000 ${body}`);
}

/** The error that ends a session of the server's settings over `input`; undefined if it lives. */
function fate(input: Uint8Array, settings = {}): ProtocolError | undefined {
  const client = new Rig(settings).client().connected();
  client.write(input);
  return client.session.core.error;
}

test("A3: chunk sizes that mean nothing, or are below the floor, end the session with the reason", () => {
  const refused: [string, "control" | "limit"][] = [
    ["00000000", "control"],
    ["80000000", "control"],
    ["80000001", "control"],
    ["ffffffff", "control"],
    ["", "control"],
    ["01", "control"],
    ["0100", "control"],
    ["010000", "control"],
    ["00000001", "limit"],
    ["0000007f", "limit"],
  ];
  for (const [body, code] of refused) {
    const error = fate(setChunkSize(body));
    assert.equal(error?.code, code, body);
    assert.match(error!.message, /^(Chunk size \d+ is|Set Chunk Size has \d bytes)/);
  }
  for (const body of ["00000080", "00010000", "00ffffff", "01000000", "7fffffff", "0000100099"]) {
    assert.equal(fate(setChunkSize(body)), undefined, body);
  }
});

test("A3: with the floor at 1 a chunk size of 1 or 127 is obeyed", () => {
  for (const body of ["00000001", "0000007f"]) {
    assert.equal(fate(setChunkSize(body), { minChunkSize: 1 }), undefined, body);
  }
});

test("A3: the largest chunk sizes allocate nothing until payload comes", () => {
  const decoder = new ChunkDecoder();
  decoder.decode(setChunkSize("7fffffff"), 0, DEAF);
  decoder.decode(bytes("06 000000 7fffff 09 01000000"), 0, DEAF);
  assert.equal(decoder.assemblyBytes, 0);
  decoder.decode(bytes("aa"), 0, DEAF);
  assert.ok(decoder.assemblyBytes <= 32);
});

test("A3: a chunk size changed in the middle of a message on another chunk stream splits neither", () => {
  for (const size of ["00000001", "00000007", "000000c8", "7fffffff"]) {
    const chunk = Math.min(parseInt(size, 16), 272);
    const payload = counting(400);
    const rest: Uint8Array[] = [];
    for (let at = 128; at < 400; at += chunk) {
      rest.push(Uint8Array.of(0xc6), payload.subarray(at, Math.min(400, at + chunk)));
    }
    const input = concat(
      bytes("06 000000 000190 09 01000000"),
      payload.subarray(0, 128),
      setChunkSize(size),
      ...rest,
    );
    assert.deepEqual(decodeEveryWay(input).map(({ payload }) => payload), [size, hex(payload)]);
  }
});

/** Half a megabyte of video in chunks of `chunkSize`, to be sent again and again. */
function video(encoder: ChunkEncoder): Uint8Array {
  const payload = counting(16_000);
  payload[0] = 0x27;
  const parts: Uint8Array[] = [];
  for (let size = 0; size < 500_000; size += parts.at(-1)!.length) {
    const message = { type: 9, messageStreamId: 1, timestamp: 0, payload };
    parts.push(encoder.encode(message, 6));
  }
  return concat(...parts);
}

/** CPU seconds per MB that the decoder alone takes, at its best of some rounds. */
function decoderCpu(chunkSize: number, megabytes: number): number {
  const encoder = new ChunkEncoder();
  const decoder = new ChunkDecoder({ lendPayloads: true });
  decoder.decode(encoder.setChunkSize(chunkSize), 0, DEAF);
  const input = video(encoder);
  const rounds = Math.ceil(megabytes * 1e6 / input.length / 8);
  let best = Infinity;
  for (let round = 0; round < 10; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < rounds; i++) decoder.decode(input, 0, DEAF);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6 / (rounds * input.length / 1e6));
  }
  return best;
}

test("A3: the decoder reads a megabyte in chunks of one byte in little time", () => {
  const value = decoderCpu(1, sized(50, 400)) * 1000;
  const rounded = Number(value.toFixed(2));
  figure({
    ...{ id: "A3", what: "CPU of the decoder per MB at chunk size 1", value: rounded, unit: "ms" },
    ...{ atMost: 2, by: "cpu", slack: 5 },
  });
});

/** CPU seconds per MB that the server takes for a publisher. */
async function serverCpu(server: TestServer, chunkSize: number, megabytes: number) {
  await using client = await RtmpClient.open(server.rtmpPort);
  await client.publish("live", `size${chunkSize}`);
  // It tells how much it has read.
  client.send(5, 0, 0, Uint8Array.of(0, 0x26, 0x25, 0xa0));
  const encoder = new ChunkEncoder();
  client.sendBytes(encoder.setChunkSize(chunkSize));
  const input = video(encoder);
  let sent = 0;
  let read = 0;
  const send = async (count: number) => {
    for (let i = 0; i < count; i++) {
      client.sendBytes(input);
      sent += input.length;
      while (sent - read > 2_500_000) {
        const { payload } = await client.waitFor(({ type }) => type === 3, "what was sent is read");
        read = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
      }
    }
  };
  await send(20);
  const before = cpuSeconds([server.pid]);
  const count = Math.ceil(megabytes * 1e6 / input.length);
  await send(count);
  return (cpuSeconds([server.pid]) - before) / (count * input.length / 1e6);
}

test("A3: chunks of one byte cost the server no more than five times the CPU of chunks of 4096", async () => {
  const megabytes = sized(40, 800);
  await using server = await startTuned({ minChunkSize: 1 });
  const normal = await serverCpu(server, 4096, megabytes);
  const tiny = await serverCpu(server, 1, megabytes);
  server.assertHealthy();
  // Where the operating system does not say what a process used there is nothing to compare.
  if (normal === 0) return;
  const id = "A3";
  const ms = Number((tiny * 1000).toFixed(2));
  figure({ id, what: "CPU of the server per MB at chunk size 1", value: ms, unit: "ms" });
  const value = Number((tiny / normal).toFixed(2));
  figure({ id, what: "the same against chunk size 4096", value, unit: "x", atMost: 5, slack: 2 });
});

test("A4: a message whose length, type or stream changes on its way is begun anew, on its own", () => {
  const first = counting(128, 7);
  let cases = 0;
  for (const format of [0, 1, 2]) {
    for (const length of [0, 1, 128, 129, 200, 300]) {
      for (const type of [8, 9, 18]) {
        const head = concat(
          Uint8Array.of(format << 6 | 6),
          bytes("000005"),
          format < 2 ? Uint8Array.of(0, length >> 8, length & 255, type) : bytes(""),
          format < 1 ? bytes("02000000") : bytes(""),
        );
        const now = format < 2 ? length : 200;
        const payload = counting(now);
        const chunks = [payload.subarray(0, 128)];
        for (let at = 128; at < now; at += 128) {
          chunks.push(bytes("c6"), payload.subarray(at, at + 128));
        }
        const other = bytes("04 000000 000002 08 01000000 beef");
        const input = concat(
          bytes("06 000000 0000c8 09 01000000"),
          first,
          other,
          head,
          ...chunks,
          other,
        );
        const seen = decodeEveryWay(input);
        assert.deepEqual(seen.map(({ payload }) => payload), ["beef", hex(payload), "beef"]);
        assert.equal(seen[1]!.type, format < 2 ? type : 9);
        cases++;
      }
    }
  }
  figure({ id: "A4", what: "changes inside a message", value: cases, unit: "cases", atLeast: 50 });
});

test("A4: a first header that leans on an earlier one is refused, on every kind of chunk stream id", () => {
  let cases = 0;
  for (const format of [2, 3]) {
    for (const id of ["00", "06", "3f", "00|00", "00|ff", "01|0000", "01|ffff"]) {
      const basic = bytes(id.replace("|", ""));
      basic[0] |= format << 6;
      for (const before of ["", "04 000000 000002 08 01000000 beef"]) {
        const input = concat(bytes(before), basic, bytes("000005 aabb"));
        // 00 and 01 alone are the beginnings of longer ids.
        if (id === "00") continue;
        assert.throws(
          () => decodeEveryWay(input),
          (error) => error instanceof ProtocolError && error.code === "chunk",
          `${format} ${id}`,
        );
        cases++;
      }
    }
  }
  assert.ok(cases >= 24);
});

test("A4: an Abort drops what is unfinished on its chunk stream, and is ignored for any other", () => {
  const half = concat(bytes("06 000000 0000c8 09 01000000"), counting(128));
  const rest = concat(bytes("c6"), counting(72, 128));
  const abort = (id: string) => bytes(`02 000000 000004 02 00000000 ${id}`);
  for (const id of ["00000000", "00000001", "00000004", "00000063", "7fffffff", "ffffffff"]) {
    const seen = decodeEveryWay(concat(half, abort(id), rest));
    assert.deepEqual(seen.map(({ type }) => type), [2, 9], id);
    assert.equal(seen[1]!.payload, hex(counting(200)));
  }
  const whole = concat(half, rest);
  const again = concat(bytes("c6"), counting(128), rest);
  assert.equal(decodeEveryWay(concat(half, abort("00000006"), again)).length, 2);
  // Twice, before anything came, and behind a whole message.
  const odd = concat(abort("00000006"), abort("00000006"), whole, abort("00000006"), whole);
  assert.deepEqual(decodeEveryWay(odd).map(({ type }) => type), [2, 2, 9, 2, 9]);
  for (const short of ["", "00", "000006"]) {
    const length = `0${short.length / 2}`;
    const input = bytes(`02 000000 0000${length} 02 00000000 ${short}`);
    assert.throws(() => decodeEveryWay(input), ProtocolError);
  }
});

test("A4: an aggregate of aggregates, of lies and of a million nothings splits without end nowhere", () => {
  const tag = (type: number, length: number, ...body: number[]) => [
    ...[type, length >> 16, (length >> 8) & 255, length & 255, 0, 0, 0, 0, 0, 0, 0],
    ...[...body, 0, 0, 0, 11 + body.length],
  ];
  const sent = (...tags: number[][]) => {
    const peer = new SessionPeer().publishing();
    const body = Uint8Array.from(tags.flat());
    peer.write(encodeMessage(22, 1, 1000, body, 6, 128));
    return peer;
  };
  const inner = tag(22, 15, ...tag(9, 0));
  assert.deepEqual(sent(inner, tag(8, 1, 0xaf)).takeEvents(), ["media 1 8 at 1000: af"]);
  assert.deepEqual(sent(tag(9, 0xffffff, 1, 2)).takeEvents(), []);
  assert.deepEqual(sent(tag(8, 1, 0xaf), tag(9, 5, 1)).takeEvents(), [
    "media 1 8 at 1000: af",
    "media 1 9 at 1000: 010000000c",
  ]);
  const many = sent(...Array.from({ length: 10_000 }, () => tag(8, 0)));
  assert.equal(many.error?.code, "limit");
});
