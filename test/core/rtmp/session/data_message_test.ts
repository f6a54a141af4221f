/** The outer part of data messages: what is stored, what is relayed, and that no byte changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AmfEcmaArray,
  amfObject,
  type AmfValue,
  encodeAmf0,
  encodeAmf3,
} from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { parseDataMessage } from "../../../../src/core/rtmp/session/data_message.ts";
import { hex, SessionPeer } from "../../../support/session_peer.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_HANDLER_LENGTH = 63;

const { DataAmf0, DataAmf3, CommandAmf0, CommandAmf3 } = MessageType;
const METADATA = new AmfEcmaArray([["width", 320], ["encoder", "x"]]);
/** A body, plainly in AMF0. */
const amf0 = (...values: AmfValue[]) => Uint8Array.from(encodeAmf0(...values));
const joined = (...parts: (Uint8Array | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const NUMBERS = [0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0];

/** What a publisher's message of this type leads to, on message stream `id`. */
function published(type: number, payload: Uint8Array, id = 1): string[] {
  const peer = new SessionPeer().publishing();
  peer.message(type, id, 40, payload);
  assert.equal(peer.session.phase, "connected");
  assert.deepEqual(peer.take(), []);
  return peer.takeEvents();
}

const STORED = [`set 1 onMetaData at 40: ${hex(amf0("onMetaData", METADATA))}`];

test("@setDataFrame is taken off, and what is behind it stored as it was encoded", () => {
  assert.deepEqual(published(DataAmf0, amf0("@setDataFrame", "onMetaData", METADATA)), STORED);
  assert.deepEqual(published(DataAmf0, amf0("@setDataFrame", "onOther", 1)), [
    `set 1 onOther at 40: ${hex(amf0("onOther", 1))}`,
  ]);
});

test("onMetaData without @setDataFrame is stored as well", () => {
  assert.deepEqual(published(DataAmf0, amf0("onMetaData", METADATA)), STORED);
});

test("metadata on message stream 0 belongs to the only publisher", () => {
  assert.deepEqual(published(DataAmf0, amf0("@setDataFrame", "onMetaData", METADATA), 0), STORED);
});

test("metadata sent as a command, of either type and on message stream 0, is metadata", () => {
  for (const id of [0, 1]) {
    for (
      const body of [amf0("@setDataFrame", "onMetaData", METADATA), amf0("onMetaData", METADATA)]
    ) {
      assert.deepEqual(published(CommandAmf0, body, id), STORED);
      assert.deepEqual(published(CommandAmf3, joined([0], body), id), STORED);
    }
    const body = amf0("@clearDataFrame", "onMetaData");
    assert.deepEqual(published(CommandAmf0, body, id), ["clear 1 onMetaData"]);
  }
});

test("a transaction id and a null behind @setDataFrame, as in a command, are skipped", () => {
  const body = amf0("@setDataFrame", 0, null, "onMetaData", METADATA);
  assert.deepEqual(published(CommandAmf0, body), STORED);
});

test("metadata in a command may be longer than commands may be", () => {
  const long = new AmfEcmaArray([["xmp", "x".repeat(30_000)]]);
  const [event] = published(CommandAmf0, amf0("@setDataFrame", "onMetaData", long));
  assert.equal(event, `set 1 onMetaData at 40: ${hex(amf0("onMetaData", long))}`);
});

test("two numbers in front of @setDataFrame, as cameras send them, are skipped", () => {
  const body = joined(NUMBERS, amf0("@setDataFrame", "onMetaData", METADATA));
  assert.deepEqual(published(DataAmf0, body), STORED);
  assert.deepEqual(published(DataAmf0, joined([5, 6, 1, 1], amf0("onMetaData", METADATA))), STORED);
});

test("type 15 has a format byte, which is taken off, or leaves it out", () => {
  const body = amf0("@setDataFrame", "onMetaData", METADATA);
  assert.deepEqual(published(DataAmf3, joined([0], body)), STORED);
  assert.deepEqual(published(DataAmf3, body), STORED);
  assert.deepEqual(published(DataAmf3, joined([0], NUMBERS, body)), STORED);
});

test("type 15 may switch to AMF3 behind the name, and that becomes AMF0", () => {
  const behind = joined([0x11], encodeAmf3(amfObject({ width: 320 })));
  const body = joined([0], amf0("onMetaData"), behind);
  assert.deepEqual(published(DataAmf3, body), [
    `set 1 onMetaData at 40: ${hex(encodeAmf0("onMetaData", amfObject({ width: 320 })))}`,
  ]);
});

test("type 15 whose name itself is AMF3 is brought to AMF0, which players understand", () => {
  const object = amfObject({ width: 320 });
  const switched = joined(
    [0, 0x11],
    encodeAmf3("@setDataFrame"),
    [0x11],
    encodeAmf3("onMetaData"),
    [
      0x11,
    ],
    encodeAmf3(object),
  );
  const expected = [`set 1 onMetaData at 40: ${hex(amf0("onMetaData", object))}`];
  assert.deepEqual(published(DataAmf3, switched), expected);
  const bare = joined(encodeAmf3("onMetaData"), encodeAmf3(object));
  assert.deepEqual(published(DataAmf3, bare), expected);
});

test("@clearDataFrame names what is to be forgotten", () => {
  assert.deepEqual(published(DataAmf0, amf0("@clearDataFrame", "onMetaData")), [
    "clear 1 onMetaData",
  ]);
});

test("data that nobody knows is relayed byte for byte, with its time", () => {
  const bodies = [
    amf0("onTextData", amfObject({ text: "hi" })),
    amf0("onCuePoint"),
    joined(amf0("onFI"), [0xff, 0xfe, 1, 2, 3]),
    joined(amf0("|RtmpSampleAccess"), [1, 1, 1, 1]),
    joined(amf0("__proto__"), [0x08, 0xff, 0xff, 0xff, 0xff]),
  ];
  for (const body of bodies) {
    assert.deepEqual(published(DataAmf0, body), [`media 1 18 at 40: ${hex(body)}`]);
  }
});

test("data without a name is dropped and counted: FFmpeg ends its play over it", () => {
  const bodies = [
    [],
    [0, 0, 0, 1],
    [0x0a, 0, 0, 0, 0],
    [2],
    [2, 0],
    [2, 0, 9, 0x78],
    NUMBERS,
    [...NUMBERS, ...NUMBERS, ...NUMBERS, ...amf0("onMetaData")],
    [...amf0("@setDataFrame")],
    [...amf0("@setDataFrame", amfObject({}))],
    [...amf0("@clearDataFrame", 1)],
    [...amf0("x".repeat(MAX_HANDLER_LENGTH + 1))],
    [0x06, 0xff],
    [0x11, 0xff],
  ];
  for (const body of bodies) {
    for (const type of [DataAmf0, DataAmf3]) {
      const peer = new SessionPeer().publishing();
      peer.message(type, 1, 0, Uint8Array.from(body));
      assert.deepEqual(peer.takeEvents(), [], `type ${type}: ${body}`);
      assert.equal(peer.session.strayMessages, 1);
      assert.equal(peer.session.phase, "connected");
    }
  }
});

test("what is relayed is a view of the message, without a copy", () => {
  const body = amf0("@setDataFrame", "onMetaData", METADATA);
  assert.equal(parseDataMessage(DataAmf0, body)!.payload.buffer, body.buffer);
});

test("the longest handler name that FFmpeg can bear is relayed", () => {
  const body = amf0("x".repeat(MAX_HANDLER_LENGTH), 1);
  assert.deepEqual(published(DataAmf0, body), [`media 1 18 at 40: ${hex(body)}`]);
});
