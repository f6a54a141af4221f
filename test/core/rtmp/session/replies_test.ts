/** Messages to a peer: in which chunks, and on which chunk stream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAmf0, encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import { NO_CAPABILITIES } from "../../../../src/core/rtmp/session/capabilities.ts";
import { Replies } from "../../../../src/core/rtmp/session/replies.ts";

interface Message {
  readonly type: number;
  readonly stream: number;
  readonly time: number;
  readonly csid: number;
  readonly payload: Uint8Array;
}

/** Replies, and what their peer reads of them. */
function setUp() {
  const sent: Uint8Array[] = [];
  const read: Message[] = [];
  const decoder = new ChunkDecoder();
  const replies = new Replies({
    send(bytes) {
      sent.push(bytes);
      decoder.decode(bytes, 0, {
        onMessage(type, stream, time, payload, csid) {
          read.push({ type, stream, time, csid, payload: payload.slice() });
          return true;
        },
      });
    },
  });
  return { replies, sent, read };
}

const heads = (read: readonly Message[]) =>
  read.map(({ type, stream, time, csid }) => [type, stream, time, csid]);

test("control messages, commands and data have a chunk stream each, and streams of their own", () => {
  const { replies, read } = setUp();
  replies.control(5, Uint8Array.of(0, 0, 1, 0));
  replies.command(7, "onCue", 3, null, 5);
  replies.sampleAccess(7);
  replies.dataAt(1234, 8, "onCue", 5);
  replies.sharedObject(16, Uint8Array.of(1));
  replies.sharedObject(19, Uint8Array.of(2));
  assert.deepEqual(heads(read), [
    ...[[5, 0, 0, 2], [20, 7, 0, 3], [18, 7, 0, 5], [18, 8, 1234, 5], [16, 0, 0, 3]],
    [19, 0, 0, 3],
  ]);
  assert.deepEqual(decodeAmf0(read[1]!.payload), ["onCue", 3, null, 5]);
  assert.deepEqual(decodeAmf0(read[2]!.payload), ["|RtmpSampleAccess", true, true]);
  assert.deepEqual([...read[3]!.payload], [...encodeAmf0("onCue", 5)]);
});

test("messages are cut at 128 bytes until the peer is told of another size", () => {
  const { replies, sent, read } = setUp();
  const long = "x".repeat(1000);
  replies.dataAt(0, 1, long);
  assert.equal(sent[0]!.length, 12 + 1003 + 7, "eight chunks");
  replies.setChunkSize(512);
  assert.equal(replies.chunkSize, 512);
  replies.dataAt(0, 1, long);
  replies.dataAt(0, 1, long);
  assert.deepEqual(sent.slice(-2).map(({ length }) => length), [12 + 1003 + 1, 12 + 1003 + 1]);
  assert.equal(read.length, 4);
});

test("a size that was put off is told once, when media is due", () => {
  const { replies, read } = setUp();
  replies.mediaFollows();
  replies.deferChunkSize(4096);
  assert.deepEqual([read.length, replies.chunkSize], [0, 128]);
  replies.mediaFollows();
  replies.mediaFollows();
  assert.deepEqual([read.length, replies.chunkSize], [1, 4096]);
  assert.deepEqual([read[0]!.type, ...read[0]!.payload], [1, 0, 0, 16, 0]);
});

test("a caller that wants no answer gets none", () => {
  const { replies, read } = setUp();
  replies.result(0, 0, 5);
  replies.error(0, 0, "NetConnection.Call.Failed", "No.");
  assert.equal(read.length, 0);
  replies.result(2, 4, 5);
  replies.error(2, 4, "NetConnection.Call.Failed", "No.");
  assert.deepEqual(decodeAmf0(read[0]!.payload), ["_result", 4, null, 5]);
  assert.deepEqual(decodeAmf0(read[1]!.payload).slice(0, 3), ["_error", 4, null]);
  assert.deepEqual(read.map(({ stream }) => stream), [2, 2]);
});

test("a notice is encoded once for all that are told it, up to 64 of them, and says what a status says", () => {
  const [one, other] = [setUp(), setUp()];
  const code = "NetStream.Play.Stop";
  for (const { replies } of [one, other]) replies.notice(9, code, "The first is over.");
  assert.equal(one.sent[0], other.sent[0]);
  other.replies.status(9, code, "The first is over.");
  assert.deepEqual([...other.sent[1]!], [...other.sent[0]!]);
  for (const [id, text] of [[8, "The first is over."], [9, "Another is over."]] as const) {
    one.replies.notice(id, code, text);
    assert.notDeepEqual([...one.sent.at(-1)!], [...one.sent[0]!]);
  }
  other.replies.setChunkSize(64);
  other.replies.notice(9, code, "The first is over.");
  assert.notEqual(other.sent.at(-1), other.sent[0], "in chunks of another size");
  const told = (text: string) => {
    one.replies.notice(1, code, text);
    return one.sent.at(-1);
  };
  const tell = (many: number) => {
    for (let count = 0; count < many; count++) told(`Number ${count} is over.`);
  };
  // Others may have told something before: it begins anew when there is no more room.
  const first = told("Kept.");
  for (let count = 0; told("Kept.") === first; count++) {
    assert.ok(count < 64, "there is not room for any number");
    told(`Before ${count}.`);
  }
  const kept = told("Kept.");
  tell(60);
  assert.equal(told("Kept."), kept, "there is room for these");
  tell(64);
  assert.notEqual(told("Kept."), kept, "and not for any number");
});

test("the answer to connect names what the server can do", () => {
  const { replies, read } = setUp();
  replies.connectResult(1, 3, NO_CAPABILITIES);
  const [name, id, properties, info] = decodeAmf0(read[0]!.payload);
  assert.deepEqual([name, id, read[0]!.stream], ["_result", 1, 0]);
  for (const value of [properties, info]) assert.ok(value !== null && typeof value === "object");
});

test("what nearly all are answered to connect is encoded once, and everybody is answered his own", () => {
  const answers = (id: number, encoding: number, fourCcList?: readonly string[]) => {
    const { replies, sent, read } = setUp();
    replies.connectResult(id, encoding, { ...NO_CAPABILITIES, fourCcList });
    return { bytes: sent[0], said: decodeAmf0(read[0]!.payload) };
  };
  const usual = answers(1, 0);
  assert.equal(answers(1, 0).bytes, usual.bytes);
  for (const other of [answers(2, 0), answers(1, 3), answers(1, 0, ["*"])]) {
    assert.notDeepEqual(other.said, usual.said);
  }
});
