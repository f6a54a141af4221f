/**
 * Floods of every kind: what costs a server more than it costs to send.
 *
 * @module
 */
import { amfObject, type AmfValue, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { encodeMessage } from "../../src/core/rtmp/chunk/stateless_encoder.ts";
import type { SharedObjectEvent } from "../../src/core/rtmp/message/shared_object.ts";
import { joined } from "../support/chunks.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import {
  change,
  CLEAR,
  RELEASE,
  remove,
  say,
  sharedObject,
  USE,
} from "../support/shared_object_client.ts";

/** A flood of a client that is connected to `live` and has the message streams 1 and 2. */
export interface Flood {
  /** What it sends once. */
  readonly start?: Uint8Array;
  /** What it sends over and over. */
  readonly again: Uint8Array;
  /** What it connects to, where that matters. */
  readonly tcUrl?: string;
}

const SIZE = 65_536;

/** A message in chunks of {@link SIZE}. */
export function message(type: number, messageStreamId: number, payload: Uint8Array, csid = 3) {
  return encodeMessage(type, messageStreamId, 0, payload, csid, SIZE);
}

/** Set Chunk Size, for what comes behind it. */
export const CHUNK_SIZE: Uint8Array = encodeMessage(1, 0, 0, Uint8Array.of(0, 1, 0, 0), 2, 128);

/** A command. */
export function command(messageStreamId: number, ...values: AmfValue[]): Uint8Array {
  return message(20, messageStreamId, encodeAmf0(...values));
}

const publish = (id = 1, name = "flooded") => command(id, "publish", 0, null, name, "live");

/** Publishes, then floods with media or data. */
function media(again: Uint8Array): Flood {
  return {
    start: joined([publish(), message(9, 1, VIDEO_HEADER), message(9, 1, keyFrame())]),
    again,
  };
}

/** A multitrack message of so many empty tracks, each with its codec; behind an extension if any. */
function tracks(packetType: number, count: number, extension = 0): Uint8Array {
  const size = extension - 1;
  const head = extension === 0 ? [0x96] : [
    ...[0x97, 255, size >> 8, size & 255],
    ...new Uint8Array(extension),
    0x06,
  ];
  const bytes = [...head, 2 << 4 | packetType];
  for (let id = 0; id < count; id++) bytes.push(97, 118, 99, 49, id & 255, 0, 0, 0);
  return Uint8Array.from(bytes);
}

/** An aggregate of `count` times the same message. */
function aggregate(count: number, type: number, body: Uint8Array): Uint8Array {
  const tag = new Uint8Array(11 + body.length + 4);
  tag.set([type, body.length >> 16, body.length >> 8 & 255, body.length & 255]);
  tag.set(body, 11);
  return joined(Array<Uint8Array>(count).fill(tag));
}

function objects(...events: SharedObjectEvent[]): Uint8Array {
  return message(19, 0, sharedObject("flooded", events));
}

/** Uses the shared object, then floods it. */
function shared(count: number, event: (index: number) => SharedObjectEvent): Flood {
  return {
    start: objects(USE),
    again: objects(...Array.from({ length: count }, (_, i) => event(i))),
  };
}

/** An object with so many members, each named by `name`. */
function members(count: number, name: (index: number) => string): AmfValue {
  return amfObject(Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), i])));
}

/** `length` characters of words that differ. */
function words(length: number, between: string): string {
  let text = "";
  for (let i = 0; text.length < length; i++) text += i.toString(36) + between;
  return text.slice(0, length);
}

const play = (query = "") => command(1, "play", 0, null, `flooded${query}`);

/** An `onMetaData` in AMF3, the name too. */
function amf3Metadata(count: number): Uint8Array {
  const name = new TextEncoder().encode("onMetaData");
  const bytes = [0, 0x11, 6, name.length * 2 + 1, ...name, 0x11, 10, 0x0b, 1];
  for (let i = 0; i < count; i++) bytes.push(7, 107, 48 + i % 10, 97 + (i >> 4) % 26, 4, i & 127);
  return Uint8Array.from([...bytes, 1]);
}

/** By what they consist of. */
export const FLOODS: Readonly<Record<string, Flood>> = {
  "ping requests": { again: message(4, 0, Uint8Array.of(0, 6, 0, 0, 0, 0), 2) },
  "acknowledgements": { again: message(3, 0, new Uint8Array(4), 2) },
  "buffer lengths": { again: message(4, 0, Uint8Array.of(0, 3, 0, 0, 0, 1, 0, 0, 1, 0), 2) },
  "windows of a byte": { again: message(5, 0, Uint8Array.of(0, 0, 0, 1), 2) },
  "bandwidths": {
    again: joined([1, 2].map((size) => message(6, 0, Uint8Array.of(0, 0, size, 0, 0), 2))),
  },
  "chunk sizes": { again: message(1, 0, Uint8Array.of(0, 1, 0, 0), 2) },
  "messages without a byte": {
    start: message(4, 0, new Uint8Array(0), 2),
    again: Uint8Array.of(0xc2),
  },
  "createStream": { again: command(0, "createStream", 5, null) },
  "createStream and deleteStream": {
    again: joined([command(0, "createStream", 5, null), command(0, "deleteStream", 0, null, 3)]),
  },
  "calls nobody knows": { again: command(0, "x", 5, null) },
  "calls with many keys": { again: command(0, "x", 5, null, members(1500, (i) => `key${i}`)) },
  "calls with many numbers for keys": {
    again: command(0, "x", 5, null, members(1500, (i) => String(4e9 - i * 2_000_000))),
  },
  "FCPublish": { again: command(0, "FCPublish", 5, null, "x".repeat(100)) },
  "publish of a name that is not allowed": {
    tcUrl: `rtmp://host/live/${words(8000, "/")}`,
    again: command(1, "publish", 0, null, "refused"),
  },
  "requests with a long query": {
    tcUrl: `rtmp://host/live?${"a&".repeat(2000)}`,
    again: command(
      1,
      "play2",
      0,
      null,
      amfObject({ streamName: "x", transition: "appendAndWait" }),
    ),
  },
  "play": { again: play() },
  "play and stop": { again: joined([play(), command(1, "closeStream", 0, null)]) },
  "plays of chosen tracks": {
    again: joined([1, 2, 3].map((id) => play(`?video=${id}&audio=${id}`))),
  },
  "seeks": { start: play(), again: command(1, "seek", 5, null, 1000) },
  "pauses": {
    start: play(),
    again: joined([true, false].map((flag) => command(1, "pause", 0, null, flag, 0))),
  },
  "receiveVideo": {
    start: play(),
    again: joined([false, true].map((flag) => command(1, "receiveVideo", 0, null, flag))),
  },
  "takeovers of one's own name": { start: publish(), again: joined([publish(2), publish(1)]) },
  "publish and closeStream": { again: joined([publish(), command(1, "closeStream", 0, null)]) },
  "sound of a byte": media(message(8, 1, Uint8Array.of(0xaf, 1, 0), 4)),
  "key frames of a byte": media(message(9, 1, Uint8Array.of(0x17, 1, 0, 0, 0, 0), 6)),
  "sequence headers that differ": media(
    joined([1, 2].map((n) => message(9, 1, Uint8Array.of(...VIDEO_HEADER, n), 6))),
  ),
  "headers of hundreds of tracks": media(message(9, 1, tracks(0, 256), 6)),
  "headers of hundreds of tracks behind an extension": media(
    message(9, 1, tracks(0, 256, 60_000), 6),
  ),
  "frames of hundreds of tracks": media(message(9, 1, tracks(1, 256), 6)),
  "ends of hundreds of tracks": media(message(9, 1, tracks(2, 256), 6)),
  "aggregates of sound": media(message(22, 1, aggregate(4000, 8, Uint8Array.of(0xaf, 1)), 6)),
  "aggregates of hundreds of tracks": media(message(22, 1, aggregate(1000, 9, tracks(0, 256)), 6)),
  "onMetaData with many keys": media(
    message(18, 1, encodeAmf0("@setDataFrame", "onMetaData", members(1500, (i) => `key${i}`))),
  ),
  "onMetaData in AMF3": media(message(15, 1, amf3Metadata(1500))),
  "large stored data": media(
    message(
      18,
      1,
      encodeAmf0("@setDataFrame", "x", ...Array<AmfValue>(9).fill("y".repeat(60_000))),
    ),
  ),
  "data set and cleared": media(joined([
    message(18, 1, encodeAmf0("@setDataFrame", "x", 1)),
    message(18, 1, encodeAmf0("@clearDataFrame", "x")),
  ])),
  "use and release of a shared object": { again: joined([objects(USE), objects(RELEASE)]) },
  "properties of a shared object": shared(250, (index) => change(`key${index}`, index)),
  "removals from a shared object": shared(250, (index) => remove(`key${index}`)),
  "clears of a shared object": shared(250, () => CLEAR),
  "messages to a shared object": shared(250, () => say("x", 1)),
};
