/**
 * Every field of every command, and values of every type, right and wrong, to put there.
 *
 * @module
 */
import {
  AmfDate,
  AmfEcmaArray,
  AmfObject,
  amfObject,
  type AmfValue,
  AmfXml,
  encodeAmf0,
  encodeAmf3,
} from "../../src/core/amf/mod.ts";

/** AMF0 values. */
const bytes = (...values: AmfValue[]) => [...encodeAmf0(...values)];
const text = (value: string) => [...new TextEncoder().encode(value)];
const shortString = (body: number[]) => [2, body.length >>> 8, body.length & 255, ...body];

/** Values by what they are. */
export const VALUES: Readonly<Record<string, readonly number[]>> = {
  "missing": [],
  "null": bytes(null),
  "undefined": bytes(undefined),
  "true": bytes(true),
  "false": bytes(false),
  "a boolean of 255": [1, 255],
  "zero": bytes(0),
  "minus one": bytes(-1),
  "NaN": bytes(NaN),
  "Infinity": bytes(Infinity),
  "minus Infinity": bytes(-Infinity),
  "a fraction": bytes(1.5),
  "2^53": bytes(2 ** 53),
  "the largest number": bytes(Number.MAX_VALUE),
  "an empty string": bytes(""),
  "digits": bytes("1"),
  "a string with NUL": bytes("te\u0000st"),
  "a path": bytes("../../etc/passwd"),
  "invalid UTF-8": shortString([0x74, 0xff, 0xfe, 0xc0, 0x80]),
  "a lone surrogate": shortString([0xed, 0xa0, 0x80]),
  "__proto__": bytes("__proto__"),
  "16 KiB of text": bytes("x".repeat(16 * 1024)),
  "an empty object": bytes(amfObject({})),
  "an object": bytes(amfObject({ toString: "x", streamName: 1, app: null })),
  "an ECMA array": bytes(new AmfEcmaArray([["0", 1]])),
  "a strict array": bytes(["live", 1]),
  "a date": bytes(new AmfDate(NaN)),
  "XML": bytes(new AmfXml("<a/>")),
  "unsupported": [0x0d],
  "a typed object": bytes(new AmfObject([["a", 1]], "java.lang.Runtime")),
  "an AMF3 object": [0x11, ...encodeAmf3(amfObject({ a: 1 }))],
  "an AMF3 integer": [0x11, 4, 1],
};

/** Values that no decoder can read. */
export const UNREADABLE: Readonly<Record<string, readonly number[]>> = {
  "a string cut short": [2, 0, 9, 0x78],
  "a number cut short": [0, 1, 2],
  "a marker that is none": [0x7f],
  "a movie clip": [4],
  "a reference to nothing": [7, 0, 9],
  "an AMF3 class of unknown format": [0x11, 0x0a, 0x07, 0x03, 0x78],
  "an array of 2^32 - 1": [0x0a, 255, 255, 255, 255],
};

/** Values that are more than a command may hold. */
export const TOO_MUCH: Readonly<Record<string, readonly number[]>> = {
  "64 KiB of text": shortString(text("x".repeat(65535))),
  "a long string of 64 KiB": [0x0c, 0, 1, 0, 0, ...text("x".repeat(65536))],
  "17 KiB of text": bytes("x".repeat(17 * 1024)),
  "an object 40 deep": [...new Array(40).fill([3, 0, 1, 0x78]).flat(), 5],
  "2500 values": [0x0a, 0, 0, 9, 0xc4, ...new Array(2500).fill(5)],
};

/** Marks where the value goes. */
export const HOLE = -1;
/** An object whose member `key` is the value. */
const member = (key: string, others: Record<string, AmfValue> = {}) => {
  const rest = bytes(amfObject(others));
  return [3, 0, key.length, ...text(key), HOLE, ...rest.slice(1)];
};

/** How far a client has come when it sends the command. */
export type Start = "shaken" | "idle" | "publishing" | "playing";

/** Where a value goes: the state of the client, and a command body with a hole in it. */
export type Field = readonly [start: Start, template: readonly number[]];

/** The beginning of a command with the transaction id 7. */
export const command = (name: string, ...values: AmfValue[]) => bytes(name, 7, ...values);

/** Every field of every command. */
export const FIELDS: Readonly<Record<string, Field>> = {
  "the name of a command": ["idle", [HOLE, ...bytes(7, null)]],
  "the name of connect": ["shaken", [HOLE, ...bytes(7, amfObject({ app: "live" }))]],
  "the id of connect": ["shaken", [
    ...bytes("connect"),
    HOLE,
    ...bytes(amfObject({ app: "live" })),
  ]],
  "the object of connect": ["shaken", [...command("connect"), HOLE]],
  ...Object.fromEntries(
    [
      ...["app", "tcUrl", "tcurl", "flashVer", "swfUrl", "pageUrl", "objectEncoding"],
      ...["audioCodecs", "fourCcList", "capsEx", "__proto__"],
    ].map((key) => [
      `${key} of connect`,
      ["shaken", [...command("connect"), ...member(key, key === "app" ? {} : { app: "live" })]],
    ]),
  ),
  "the id of createStream": ["idle", [...bytes("createStream"), HOLE, ...bytes(null)]],
  "the object of createStream": ["idle", [...command("createStream"), HOLE]],
  "the id of publish": ["idle", [...bytes("publish"), HOLE, ...bytes(null, "test", "live")]],
  "the object of publish": ["idle", [...command("publish"), HOLE, ...bytes("test", "live")]],
  "the name of publish": ["idle", [...command("publish", null), HOLE, ...bytes("live")]],
  "the type of publish": ["idle", [...command("publish", null, "test"), HOLE]],
  "the name of a second publish": ["publishing", [...command("publish", null), HOLE]],
  "the object of play": ["idle", [...command("play"), HOLE, ...bytes("test")]],
  "the name of play": ["idle", [...command("play", null), HOLE, ...bytes(-2)]],
  "the start of play": ["idle", [...command("play", null, "test"), HOLE]],
  "the duration of play": ["idle", [...command("play", null, "test", -2), HOLE]],
  "the reset of play": ["idle", [...command("play", null, "test", -2, -1), HOLE]],
  "the options of play2": ["playing", [...command("play2", null), HOLE]],
  ...Object.fromEntries(
    ["streamName", "oldStreamName", "transition", "start", "len", "offset"].map((key) => [
      `${key} of play2`,
      ["playing", [...command("play2", null), ...member(key, { streamName: "other" })]],
    ]),
  ),
  "the time of seek": ["playing", [...command("seek", null), HOLE]],
  "the flag of pause": ["playing", [...command("pause", null), HOLE, ...bytes(0)]],
  "the time of pause": ["playing", [...command("pause", null, true), HOLE]],
  "the flag of receiveAudio": ["playing", [...command("receiveAudio", null), HOLE]],
  "the flag of receiveVideo": ["playing", [...command("receiveVideo", null), HOLE]],
  "the id of deleteStream": ["publishing", [...command("deleteStream", null), HOLE]],
  "the object of closeStream": ["playing", [...command("closeStream"), HOLE]],
  ...Object.fromEntries(
    ["releaseStream", "FCPublish", "FCUnpublish", "FCSubscribe", "getStreamLength"].map((name) => [
      `the name of ${name}`,
      ["publishing", [...command(name, null), HOLE]],
    ]),
  ),
};

/** The body of a command with `value` in its hole. */
export function filledIn([, template]: Field, value: readonly number[]): Uint8Array {
  const at = template.indexOf(HOLE);
  return Uint8Array.from([...template.slice(0, at), ...value, ...template.slice(at + 1)]);
}
