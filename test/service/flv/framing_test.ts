/** What tags are wrapped in, undone by code of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BARE,
  CHUNKED,
  type Framing,
  WEBSOCKET,
  wrapped,
} from "../../../src/service/flv/framing.ts";
import { type HttpAbout, HttpTakeover, WebSocketTakeover } from "../../../src/ports.ts";
import { FlvReader } from "../../support/flv_reader.ts";
import { FlvRig } from "../../support/flv_rig.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";
import { publishGop, settle } from "../../support/rtmp_service.ts";
import { interFrame } from "../../support/media.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";

/** Takes the chunks of a body apart [RFC 9112 §7.1]; `end` once the last one came. */
function unchunk(bytes: Uint8Array): { parts: Uint8Array[]; ended: boolean } {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const line = new TextDecoder("latin1").decode(bytes.subarray(at, at + 12)).split("\r\n")[0]!;
    assert.match(line, /^[\da-f]+$/);
    const length = parseInt(line, 16);
    const start = at + line.length + 2;
    at = start + length + 2;
    assert.deepEqual([...bytes.subarray(at - 2, at)], [13, 10]);
    if (length === 0) return { parts, ended: at === bytes.length };
    parts.push(bytes.subarray(start, start + length));
  }
  return { parts, ended: false };
}

/** Takes unmasked binary messages of one frame each apart [RFC 6455 §5.2]. */
function unframe(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length;) {
    assert.equal(bytes[at], 0x82);
    const short = bytes[at + 1]!;
    const length = short < 126
      ? short
      : short === 126
      ? view.getUint16(at + 2)
      : Number(view.getBigUint64(at + 2));
    at += short < 126 ? 2 : short === 126 ? 4 : 10;
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return parts;
}

test("a part that is wrapped comes out as it was, whatever its length", () => {
  for (const length of [1, 15, 16, 125, 126, 4095, 4096, 65_535, 65_536, 70_000]) {
    const part = new Uint8Array(length).map((_, index) => index * 7);
    assert.deepEqual(wrapped(BARE, part), part);
    assert.deepEqual(unchunk(wrapped(CHUNKED, part)).parts, [part]);
    assert.deepEqual(unframe(wrapped(WEBSOCKET, part)), [part]);
    for (const framing of [BARE, CHUNKED, WEBSOCKET] satisfies Framing[]) {
      assert.equal(wrapped(framing, part).length, framing.size(length), framing.name);
    }
  }
});

/** Everything that a player with this kind of connection is sent of a stream that then ends. */
async function played(about: HttpAbout) {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const ask = rig.ask("/live/test.flv", {}, about);
  await settle();
  const answer = ask.answer!;
  assert.ok(answer instanceof WebSocketTakeover || answer instanceof HttpTakeover);
  const written: Uint8Array[] = [];
  const closes: number[] = [];
  const connection = new MemoryConnection((bytes) => written.push(bytes.slice()));
  const close = (code: number) => {
    closes.push(code);
    connection.end();
  };
  if (answer instanceof WebSocketTakeover) answer.take(Object.assign(connection, { close }));
  else answer.take(connection);
  // Longer than what one and two bytes can say.
  for (const size of [20, 300, 70_000]) {
    publisher.message(MessageType.Video, 1, 400 + size, interFrame(size, 5));
  }
  const { protocol } = [...rig.flv.sessions.values()][0]!.describe();
  publisher.command(1, "deleteStream", 0, null, 1);
  await settle();
  assert.ok(connection.closed);
  assert.equal(rig.flv.sessions.size, 0);
  const headers = answer instanceof WebSocketTakeover ? {} : answer.headers;
  const all = new Uint8Array(written.reduce((sum, { length }) => sum + length, 0));
  written.reduce((at, bytes) => (all.set(bytes, at), at + bytes.length), 0);
  return { all, closes, headers, protocol };
}

test("each kind of client gets the same tags, wrapped as it reads them, and its kind of end", async () => {
  const bare = await played({ chunks: false, webSocket: false });
  const chunked = await played({ chunks: true, webSocket: false });
  const webSocket = await played({ chunks: true, webSocket: true });
  assert.deepEqual(
    [bare, chunked, webSocket].map(({ protocol }) => protocol),
    ["http-flv", "http-flv", "ws-flv"],
  );
  assert.equal(chunked.headers["Transfer-Encoding"], "chunked");
  assert.equal(bare.headers["Transfer-Encoding"], undefined);
  const chunks = unchunk(chunked.all);
  assert.ok(chunks.ended);
  const messages = unframe(webSocket.all);
  assert.deepEqual(webSocket.closes, [1000]);
  assert.deepEqual(messages, chunks.parts);
  // A message is a tag: who reads them one by one needs to put nothing together.
  const reader = new FlvReader();
  for (const [index, message] of messages.entries()) {
    reader.add(message);
    assert.ok(reader.whole && reader.tags.length === index);
  }
  assert.ok(reader.tags.length > 6);
  const joined = new Uint8Array(messages.flatMap((message) => [...message]));
  assert.deepEqual(joined, bare.all);
});

test("a WebSocket whose server stops is told that it goes away", async () => {
  const rig = new FlvRig();
  publishGop(rig.publisher(), 0, 1);
  const ask = rig.ask("/live/test.flv", {}, { chunks: true, webSocket: true });
  await settle();
  assert.ok(ask.answer instanceof WebSocketTakeover);
  const codes: number[] = [];
  ask.answer.take(
    Object.assign(new MemoryConnection(), { close: (code: number) => codes.push(code) }),
  );
  rig.registry.shutdown(rig.clock.now());
  await settle();
  assert.deepEqual(codes, [1001]);
});
