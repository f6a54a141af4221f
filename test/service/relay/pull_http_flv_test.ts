/** A stream that is pulled by HTTP-FLV. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAmf, encodeAmf } from "../../support/amf0.ts";
import { flv, HEADERS } from "../../support/flv_files.ts";
import { keyFrame } from "../../support/media.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";
import { RelayRig } from "./relay_rig.ts";

/** A stream that is always pulled from `source`. */
function pulledFrom(source: string): RelayRig {
  const rig = new RelayRig({ pull: [{ pattern: "live/cam", sources: [source], always: true }] });
  // A server has run for a while before anybody comes.
  rig.clock.advance(1000);
  return rig;
}

/** A source of HTTP-FLV: what it was asked, and the way to it. */
function httpSource(rig: RelayRig): { readonly connection: MemoryConnection; asked: string } {
  const source = {
    connection: new MemoryConnection((bytes) => source.asked += new TextDecoder().decode(bytes)),
    asked: "",
  };
  rig.connections.push(source.connection);
  return source;
}

const OK = new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n");

test("a source may be one of HTTP-FLV", async () => {
  const rig = pulledFrom("http://one.test/{app}/{name}.flv?key=secret");
  const source = httpSource(rig);
  await rig.settle();
  assert.deepEqual(rig.dialled, ["8.8.8.8:80"]);
  assert.match(source.asked, /^GET \/live\/cam\.flv\?key=secret HTTP\/1\.1\r\nHost: one\.test\r\n/);
  const file = flv(...HEADERS, [9, 0, keyFrame()]);
  source.connection.deliver(OK);
  source.connection.deliver(file);
  assert.equal(rig.only.state, "playing");
  assert.equal(rig.only.url, "http://one.test/live/***");
  assert.equal(rig.only.bytes, OK.length + file.length);
  assert.equal(rig.only.oddMessages, 0);
  assert.equal(rig.stream!.stats.videoFrames, 2);
  assert.equal(rig.stream!.publisher!.info.address, "");
  source.connection.hangUp();
  await rig.settle();
  assert.equal(rig.only.state, "retrying");
  assert.equal(rig.only.bytes, OK.length + file.length);
  assert.equal(rig.only.url, "http://one.test/live/***");
});

test("an answer of HTTP and then nothing is a stall", async () => {
  const rig = pulledFrom("http://one.test/x.flv");
  const source = httpSource(rig);
  await rig.pass(2000);
  source.connection.deliver(OK);
  await rig.pass(3500);
  assert.equal(rig.only.state, "connecting");
  assert.ok(!source.connection.closed);
  httpSource(rig);
  await rig.pass(500);
  assert.equal(rig.only.error?.kind, "stalled");
  // What answered a source before does not count against the next one.
  await rig.pass(4500);
  assert.equal(rig.dialled.length, 2);
  assert.equal(rig.only.state, "connecting");
});

test("data of a source is that of the stream, and what a server says of itself is not", async () => {
  const rig = pulledFrom("http://one.test/x.flv");
  const { connection } = httpSource(rig);
  await rig.settle();
  connection.deliver(OK);
  connection.deliver(flv(...HEADERS));
  const seen: [string, number][] = [];
  rig.stream!.tap({
    onFrame: ({ kind, payload, timestamp }) => {
      if (kind === 18) seen.push([String(decodeAmf(payload)[0]), timestamp]);
    },
  }, 0);
  const data = (time: number, ...values: Parameters<typeof encodeAmf>) =>
    connection.deliver(flv([18, time, encodeAmf(...values)]).subarray(13));
  data(10, "|RtmpSampleAccess", true, true);
  data(20, "onTextData", { text: "a" });
  data(30, "@setDataFrame", "onMetaData", { title: "b" });
  assert.deepEqual(seen, [["onTextData", 20], ["onMetaData", 0]]);
  const stored = () => rig.stream!.headers().filter(({ kind }) => kind === 18).length;
  assert.equal(stored(), 1);
  data(40, "@clearDataFrame", "onMetaData");
  assert.equal(stored(), 0);
  data(50, 5 as never);
  assert.equal(rig.only.state, "playing", "what has no name is passed over");
});
