/** What client and server announce in connect [E-RTMP v2 "Enhancing NetConnection connect Command"]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AmfEcmaArray,
  amfObject,
  type AmfValue,
  asRecord,
  decodeAmf0,
} from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import {
  CapsEx,
  NO_CAPABILITIES,
  readCapabilities,
  readsMultitrack,
} from "../../../../src/core/rtmp/session/capabilities.ts";
import { enhancedCapture } from "../../../support/enhanced.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_FOURCCS = 64;

const read = (members: Record<string, AmfValue>) =>
  readCapabilities(new Map(Object.entries(members)));

/** The information object a client is answered with. */
function answer(members: Record<string, AmfValue>): Map<string, AmfValue> {
  const peer = new SessionPeer().shake();
  peer.connect("live", members);
  const results = peer.messages.filter(({ type }) => type === MessageType.CommandAmf0);
  return asRecord(decodeAmf0(results.at(-1)!.payload)[3])!;
}

test("a client that says nothing of Enhanced RTMP has announced nothing", () => {
  const { videoFunction, ...nothing } = NO_CAPABILITIES;
  const flash = read({ app: "live", videoFunction: 1, audioCodecs: 3575, objectEncoding: 0 });
  assert.deepEqual({ ...flash, videoFunction }, { ...nothing, videoFunction });
  assert.equal(flash.enhanced, false);
  assert.equal(flash.videoFunction, 1);
});

test("codecs, maps, capsEx and videoFunction are read as the client sent them", () => {
  const told = read({
    fourCcList: ["av01", "hvc1", "Opus"],
    videoFourCcInfoMap: amfObject({ "*": 4, hvc1: 1 }),
    audioFourCcInfoMap: new AmfEcmaArray([["Opus", 3]]),
    capsEx: 15,
    videoFunction: 14,
  });
  assert.deepEqual(told, {
    enhanced: true,
    fourCcList: ["av01", "hvc1", "Opus"],
    videoFourCcs: new Map([["*", 4], ["hvc1", 1]]),
    audioFourCcs: new Map([["Opus", 3]]),
    capsEx: 15,
    videoFunction: 14,
  });
});

test("a list under its indices, as of an ECMA array, is a list", () => {
  const list = new AmfEcmaArray([["0", "hvc1"], ["1", "av01"]]);
  assert.deepEqual(read({ fourCcList: list }).fourCcList, ["hvc1", "av01"]);
});

test("what is of the wrong type announces nothing, and nothing is kept that is no FourCC", () => {
  const wrong: AmfValue[] = [null, undefined, "*", true, NaN, -1, 1.5, Infinity, 2 ** 40];
  for (const value of wrong) {
    const told = read({
      fourCcList: value,
      videoFourCcInfoMap: value,
      audioFourCcInfoMap: value,
      capsEx: value,
      videoFunction: value,
    });
    assert.deepEqual(told, NO_CAPABILITIES, String(value));
  }
  const told = read({
    fourCcList: [1, null, "hvc1", "toolong", ["av01"]],
    videoFourCcInfoMap: amfObject({ ["x".repeat(1000)]: 1, avc1: "1" }),
  });
  assert.deepEqual(told.fourCcList, ["hvc1"]);
  assert.deepEqual([...told.videoFourCcs], [["avc1", 0]]);
});

test("a client makes the server keep no more codecs than there can be", () => {
  const names = Array.from({ length: 5000 }, (_, index) => String(1000 + index));
  const map = amfObject(Object.fromEntries(names.map((name) => [name, 1])));
  const told = read({ fourCcList: names, videoFourCcInfoMap: map, audioFourCcInfoMap: map });
  assert.equal(told.fourCcList!.length, MAX_FOURCCS);
  assert.equal(told.videoFourCcs.size, MAX_FOURCCS);
  assert.equal(told.audioFourCcs.size, MAX_FOURCCS);
});

test("who announces multitrack reads it, and who lists codecs without capsEx, as FFmpeg does", () => {
  assert.equal(readsMultitrack(NO_CAPABILITIES), false);
  assert.equal(readsMultitrack(read({ capsEx: CapsEx.Multitrack })), true);
  assert.equal(readsMultitrack(read({ capsEx: CapsEx.Reconnect })), false);
  assert.equal(readsMultitrack(read({ fourCcList: ["*"] })), true);
  assert.equal(readsMultitrack(read({ fourCcList: ["*"], capsEx: CapsEx.ModEx })), false);
  assert.equal(readsMultitrack(read({ videoFourCcInfoMap: amfObject({ "*": 1 }) })), false);
});

test("the server announces that it forwards every codec, tracks, extensions and reconnects", () => {
  const info = answer({ fourCcList: ["hvc1"], capsEx: 3 });
  assert.equal(info.get("code"), "NetConnection.Connect.Success");
  assert.equal(info.get("capsEx"), 15);
  assert.equal(info.get("videoFunction"), 6);
  assert.deepEqual(info.get("fourCcList"), ["*"]);
  for (const key of ["videoFourCcInfoMap", "audioFourCcInfoMap"]) {
    assert.deepEqual([...asRecord(info.get(key))!], [["*", 4]]);
  }
});

test("no array is in the answer to a client that sent none: some cameras cannot read one", () => {
  for (const members of [{}, { capsEx: 15 }, { videoFourCcInfoMap: amfObject({ "*": 1 }) }]) {
    const info = answer(members);
    assert.equal(info.has("fourCcList"), false);
    assert.ok([...info.values()].every((value) => !Array.isArray(value)));
  }
});

test("the owner of a session is told what the client announced, and can ask the session", () => {
  const peer = new SessionPeer().shake();
  assert.equal(peer.session.capabilities, NO_CAPABILITIES);
  peer.connect("live", { capsEx: 2, fourCcList: ["*"] });
  assert.equal(peer.connectRequest!.capabilities.capsEx, 2);
  assert.equal(peer.session.capabilities, peer.connectRequest!.capabilities);
});

/** What a recorded client announced in its connect. */
function announcedBy(name: string) {
  const peer = new SessionPeer();
  peer.recorded = []; // The capture speaks for the client.
  peer.session.receive(enhancedCapture(name));
  return peer.session.capabilities;
}

test("FFmpeg announces the codecs it is told to, and no capsEx; by itself nothing", () => {
  const played = announcedBy("ff-play-announced");
  assert.deepEqual(played.fourCcList, ["hvc1", "av01", "vp09", "Opus"]);
  assert.deepEqual([played.enhanced, played.capsEx, played.videoFunction], [true, 0, 1]);
  assert.equal(readsMultitrack(played), true);
  assert.deepEqual(announcedBy("ff-av1-opus").fourCcList, ["av01", "hvc1", "vp09"]);
  for (const name of ["ff-play", "gst-play", "gst-two-tracks-avc-aac", "ff-hevc-opus"]) {
    const { enhanced, fourCcList } = announcedBy(name);
    assert.deepEqual([enhanced, fourCcList], [false, undefined], name);
  }
});

test("bits are whole numbers of 32 bits, the highest one as well; of anything else there are none", () => {
  const bits = (capsEx: AmfValue) => read({ capsEx }).capsEx;
  assert.deepEqual([1, 0x7fffffff, 0x80000000, 0xffffffff].map(bits), [
    ...[1, 0x7fffffff, 0x80000000, 0xffffffff],
  ]);
  for (const odd of [0, -1, 2 ** 32, 1.5, NaN, Infinity, "1", true, null]) {
    assert.equal(bits(odd), 0, `${odd}`);
  }
  assert.equal(read({ capsEx: 1 }).enhanced, true);
  assert.equal(read({ capsEx: 0 }).enhanced, false);
});
