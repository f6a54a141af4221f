/** Media and everything else that is no command, on its way through a session. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { hex, SessionPeer } from "../../../support/session_peer.ts";

const { Audio, Video, DataAmf0, Aggregate } = MessageType;

/** A message inside an aggregate: an FLV tag with its back-pointer. */
function tag(type: number, timestamp: number, body: number[], pointer = true): number[] {
  const length = body.length;
  const time = [timestamp >>> 16 & 255, timestamp >>> 8 & 255, timestamp & 255, timestamp >>> 24];
  const back = [0, 0, (length + 11) >>> 8, (length + 11) & 255];
  return [type, 0, length >>> 8, length & 255, ...time, 7, 7, 7, ...body, ...(pointer ? back : [])];
}

test("audio and video arrive with their bytes and times, zero-length ones too", () => {
  const peer = new SessionPeer().publishing();
  peer.message(Audio, 1, 0, Uint8Array.of(0xaf, 0, 0x12, 0x10));
  peer.message(Video, 1, 0xffffffff, Uint8Array.of(0x17, 0));
  peer.message(Audio, 1, 3, new Uint8Array(0));
  peer.message(Video, 1, 4, new Uint8Array(0));
  assert.deepEqual(peer.takeEvents(), [
    "media 1 8 at 0: af001210",
    "media 1 9 at 4294967295: 1700",
    "media 1 8 at 3: ",
    "media 1 9 at 4: ",
  ]);
});

test("an aggregate is split, its first message at its own time, on its own message stream", () => {
  const peer = new SessionPeer().publishing();
  const text = [...encodeAmf0("onTextData", 1)];
  const meta = [...encodeAmf0("@setDataFrame", "onMetaData", null)];
  peer.message(
    Aggregate,
    1,
    1000,
    Uint8Array.from([
      ...tag(Video, 500, [0x17, 1]),
      ...tag(Audio, 510, [0xaf, 1]),
      ...tag(DataAmf0, 520, text),
      ...tag(DataAmf0, 530, meta),
      ...tag(Video, 540, [0x27, 1], false),
    ]),
  );
  assert.deepEqual(peer.takeEvents(), [
    "media 1 9 at 1000: 1701",
    "media 1 8 at 1010: af01",
    `media 1 18 at 1020: ${hex(Uint8Array.from(text))}`,
    `set 1 onMetaData at 1030: ${hex(encodeAmf0("onMetaData", null))}`,
    "media 1 9 at 1040: 2701",
  ]);
});

test("an aggregate's times wrap, and what is truncated or no media in it is left out", () => {
  const peer = new SessionPeer().publishing();
  const command = [...encodeAmf0("deleteStream", 0, null, 1)];
  peer.message(
    Aggregate,
    1,
    0xfffffff0,
    Uint8Array.from([
      ...tag(Audio, 0, [1]),
      ...tag(MessageType.CommandAmf0, 8, command),
      ...tag(1, 9, [0x80, 0, 0, 0]),
      ...tag(Audio, 0x20, [2]),
      ...tag(Audio, 0x30, [3]).slice(0, 11),
    ]),
  );
  assert.deepEqual(peer.takeEvents(), ["media 1 8 at 4294967280: 01", "media 1 8 at 16: 02"]);
  peer.command(1, "closeStream", 0, null);
  peer.message(Aggregate, 1, 0, Uint8Array.from(tag(Audio, 0, [1])));
  assert.equal(peer.session.strayMessages, 1, "nobody publishes");
});

test("types that nobody knows are read past, whatever they hold", () => {
  const peer = new SessionPeer().publishing();
  const junk = Uint8Array.from({ length: 300 }, (_, index) => index * 37);
  const known = new Set<number>(Object.values(MessageType));
  const unknown = Array.from({ length: 256 }, (_, type) => type).filter((type) => !known.has(type));
  for (const type of unknown) {
    for (const body of [junk, new Uint8Array(0)]) {
      peer.message(type, 0, 0, body);
      peer.message(type, 1, 0, body);
    }
  }
  assert.deepEqual(peer.takeEvents(), []);
  assert.deepEqual(peer.take(), []);
  peer.message(Audio, 1, 7, Uint8Array.of(1));
  assert.deepEqual(peer.takeEvents(), ["media 1 8 at 7: 01"], "and what follows is read");
});

/** A type 0 chunk header. */
const header = (csid: number, type: number, length: number, id: number) => [
  ...[csid, 0, 0, 0, length >>> 16, length >>> 8 & 255, length & 255, type, id, 0, 0, 0],
];

test("Abort drops the unfinished message it names, and what comes behind it is whole", () => {
  const peer = new SessionPeer().publishing();
  const body = new Array(128).fill(0xaa);
  peer.write(Uint8Array.from([...header(4, Audio, 200, 1), ...body]));
  peer.write(Uint8Array.from([...header(2, MessageType.Abort, 4, 0), 0, 0, 0, 4]));
  peer.write(Uint8Array.from([...header(4, Audio, 2, 1), 1, 2]));
  assert.deepEqual(peer.takeEvents(), ["media 1 8 at 0: 0102"]);
});

test("Set Chunk Size in the middle of a message counts from the next chunk on", () => {
  const peer = new SessionPeer().publishing();
  const first = new Array(128).fill(0xaa);
  const rest = new Array(172).fill(0xbb);
  peer.write(Uint8Array.from([...header(4, Audio, 300, 1), ...first]));
  peer.write(Uint8Array.from([...header(2, MessageType.SetChunkSize, 4, 0), 0, 0, 1, 0]));
  peer.write(Uint8Array.from([0xc4, ...rest]));
  assert.deepEqual(peer.takeEvents(), [
    `media 1 8 at 0: ${"aa".repeat(128)}${"bb".repeat(172)}`,
  ]);
});

test("a message longer than its limit ends the session before it is there", () => {
  const limits: [type: number, length: number][] = [
    [Audio, 200_001],
    [Video, 200_001],
    [Aggregate, 200_001],
    [DataAmf0, 100_001],
    [MessageType.CommandAmf0, 100_001],
    [99, 100_001],
  ];
  for (const [type, length] of limits) {
    const start = (bytes: number) => {
      const peer = new SessionPeer({ maxMediaBytes: 200_000, maxCommandBytes: 100_000 });
      peer.publishing().write(Uint8Array.from(header(4, type, bytes, 1)));
      return peer;
    };
    assert.equal(start(length - 1).session.phase, "connected", `type ${type} at its limit`);
    const peer = start(length);
    assert.equal(peer.session.error?.code, "limit", `type ${type}`);
    assert.deepEqual(peer.takeEvents(), ["unpublish 1 test", "end: limit"]);
  }
});

for (const [mode, time] of [["timestamp", 52], ["zero", 26]] as const) {
  test(`a type 3 header behind a type 0 header at 26 means time ${time} when set to ${mode}`, () => {
    const peer = new SessionPeer({ fmt3AfterFmt0: mode }).publishing();
    // Chunk stream 8, type 0: time 26, length 1, audio, message stream 1; then type 3.
    peer.session.receive(
      Uint8Array.of(8, 0, 0, 26, 0, 0, 1, 8, 1, 0, 0, 0, 0x55, 0xc8, 0x66),
    );
    assert.deepEqual(peer.takeEvents(), ["media 1 8 at 26: 55", `media 1 8 at ${time}: 66`]);
  });
}
