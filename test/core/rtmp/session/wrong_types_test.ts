/**
 * Every field of every command with values of every wrong type: a status error or nothing, and the
 * connection lives on.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AmfDate,
  AmfEcmaArray,
  AmfObject,
  amfObject,
  type AmfValue,
  AmfXml,
  asRecord,
  decodeAmf0,
  encodeAmf0,
  encodeAmf3,
} from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

const bytes = (...values: AmfValue[]) => [...encodeAmf0(...values)];
const text = (value: string) => [...new TextEncoder().encode(value)];
const shortString = (body: number[]) => [2, body.length >>> 8, body.length & 255, ...body];

/** Values by what they are. */
const VALUES: Record<string, number[]> = {
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
const UNREADABLE: Record<string, number[]> = {
  "a string cut short": [2, 0, 9, 0x78],
  "a number cut short": [0, 1, 2],
  "a marker that is none": [0x7f],
  "a movie clip": [4],
  "a reference to nothing": [7, 0, 9],
  "an AMF3 class of unknown format": [0x11, 0x0a, 0x07, 0x03, 0x78],
  "an array of 2^32 - 1": [0x0a, 255, 255, 255, 255],
};

/** Values that are more than a command may hold. */
const TOO_MUCH: Record<string, number[]> = {
  "64 KiB of text": shortString(text("x".repeat(65535))),
  "a long string of 64 KiB": [0x0c, 0, 1, 0, 0, ...text("x".repeat(65536))],
  "17 KiB of text": bytes("x".repeat(17 * 1024)),
  "an object 40 deep": [...new Array(40).fill([3, 0, 1, 0x78]).flat(), 5],
  "2500 values": [0x0a, 0, 0, 9, 0xc4, ...new Array(2500).fill(5)],
};

/** Marks where the value goes. */
const HOLE = -1;
/** An object whose member `key` is the value. */
const member = (key: string, others: Record<string, AmfValue> = {}) => {
  const rest = bytes(amfObject(others));
  return [3, 0, key.length, ...text(key), HOLE, ...rest.slice(1)];
};

type Start = "shaken" | "idle" | "publishing" | "playing";
const command = (name: string, ...values: AmfValue[]) => bytes(name, 7, ...values);

/** A field: the state of the client, and a command body with a hole in it. */
const FIELDS: Record<string, [Start, number[]]> = {
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

const STARTS: Record<Start, () => SessionPeer> = {
  shaken: () => new SessionPeer().shake(),
  idle: () => new SessionPeer().withStreams(),
  publishing: () => new SessionPeer().publishing(),
  playing: () => new SessionPeer().playing(),
};

/** Sends the field with this value in it; checks what holds for any value. */
function send([start, template]: [Start, number[]], value: number[], what: string): SessionPeer {
  const peer = STARTS[start]();
  const at = template.indexOf(HOLE);
  const body = [...template.slice(0, at), ...value, ...template.slice(at + 1)];
  const id = start === "shaken" ? 0 : 1;
  peer.message(MessageType.CommandAmf0, id, 0, Uint8Array.from(body));
  const answers = peer.messages.filter(({ type, payload }) => {
    if (type !== MessageType.CommandAmf0) return false;
    const [name, transaction, , info] = decodeAmf0(payload);
    if (name === "_error" || name === "onStatus") {
      const level = asRecord(info)!.get("level");
      const code = String(asRecord(info)!.get("code"));
      assert.ok(level === "status" || level === "error", what);
      assert.match(code, /^Net(Connection|Stream)\.\w+/, what);
    }
    return transaction === 7;
  });
  assert.ok(answers.length <= 1, `${what}: ${answers.length} answers`);
  const { publishRequest, playRequest } = peer;
  for (const request of [publishRequest, playRequest]) {
    if (request !== undefined) {
      assert.match(`${request.path.app}/${request.path.name}`, /^[\w/.]+$/);
    }
  }
  if (playRequest !== undefined) {
    const { start, duration } = playRequest;
    assert.ok(start === "live" || start === "any" || (Number.isFinite(start) && start >= 0), what);
    assert.ok(duration === -1 || duration >= 0, what);
  }
  return peer;
}

/** Checks that the next command is answered. */
function assertLives(peer: SessionPeer, what: string): void {
  assert.equal(peer.session.phase, "connected", `${what}: ${peer.error?.message}`);
  peer.take();
  peer.command(0, "_checkbw", 99, null);
  assert.deepEqual(peer.take(), ["0 _result 99 null undefined"], what);
}

let cases = 0;

for (const [field, template] of Object.entries(FIELDS)) {
  test(`${field} may be of any type`, () => {
    for (const [value, body] of Object.entries(VALUES)) {
      const what = `${field} is ${value}`;
      const peer = send(template, body, what);
      cases++;
      // Before connect there is no more to hold on to.
      if (template[0] !== "shaken") assertLives(peer, what);
      else assert.ok(peer.error === undefined || peer.error.code === "command", what);
    }
    for (const [value, body] of Object.entries({ ...UNREADABLE, ...TOO_MUCH })) {
      const what = `${field} is ${value}`;
      const peer = send(template, body, what);
      cases++;
      // Messages are short until something is published.
      const fits = body.length + template[1].length <= 65536 || template[0] === "publishing";
      if (!fits) assert.equal(peer.error?.code, "limit", what);
      else if (template[0] !== "shaken") assertLives(peer, what);
      else assert.equal(peer.error?.code, "command", what);
    }
  });
}

test("a command whose arguments cannot be read is an error for its caller, and is not obeyed", () => {
  for (const [value, body] of Object.entries({ ...UNREADABLE, ...TOO_MUCH })) {
    const peer = send(["publishing", [...command("deleteStream", null), HOLE]], body, value);
    assert.deepEqual(peer.take(), ["1 _error 7 null error:NetConnection.Call.Failed"], value);
    assert.deepEqual(peer.takeEvents(), []);
  }
});

test("a name of the wrong type is no name: nothing is published or played", () => {
  const names = Object.entries(VALUES).filter(([, [marker]]) => marker !== 2);
  for (const [what, value] of names) {
    if (what === "false") continue;
    const publisher = send(["idle", [...command("publish", null), HOLE]], value, what);
    assert.deepEqual(publisher.take(), ["1 onStatus 0 null error:NetStream.Publish.BadName"], what);
    const player = send(["idle", [...command("play", null), HOLE]], value, what);
    assert.deepEqual(
      player.take(),
      ["1 onStatus 0 null error:NetStream.Play.StreamNotFound"],
      what,
    );
  }
});

test("the table has at least 500 cases", () => {
  assert.ok(cases >= 500, `${cases} cases`);
});
