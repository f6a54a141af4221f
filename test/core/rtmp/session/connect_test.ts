/** The connect command [RTMP 1.0 §7.2.1.1]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AmfEcmaArray,
  amfObject,
  asRecord,
  decodeAmf0,
  encodeAmf0,
  encodeAmf3,
} from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

const CONNECTED = [
  "windowAckSize 2500000",
  "peerBandwidth 2500000 dynamic",
  "setChunkSize 4096",
  "streamBegin 0",
  "0 _result 1 {fmsVer=FMS/3,5,7,7009 capabilities=31 mode=1} " +
  "status:NetConnection.Connect.Success{objectEncoding=0 capsEx=15 videoFunction=6 " +
  "videoFourCcInfoMap={*=4} audioFourCcInfoMap={*=4}}",
];

test("connect is answered with windows, chunk size and StreamBegin 0 before its result", () => {
  const peer = new SessionPeer().shake();
  peer.connect("live");
  assert.deepEqual(peer.take(), CONNECTED);
  assert.equal(peer.session.phase, "connected");
});

test("connect without a transaction id is answered with the id 1", () => {
  for (const id of [0, null, "1", NaN]) {
    const peer = new SessionPeer().shake();
    peer.command(0, "connect", id, amfObject({ app: "live" }));
    assert.deepEqual(peer.take(), CONNECTED);
  }
});

test("connect reads app, tcUrl and what the client says about itself", () => {
  const peer = new SessionPeer().shake();
  peer.command(
    0,
    "connect",
    1,
    amfObject({
      app: "live?user=u&pass=p%20q+r",
      tcUrl: "rtmp://host/live?token=t&user=other",
      flashVer: "FMLE/3.0",
      pageUrl: "http://host/page",
      swfUrl: "http://host/player.swf",
      objectEncoding: 0,
      fourCcList: ["*"],
    }),
  );
  const request = peer.connectRequest!;
  assert.equal(request.app, "live");
  assert.deepEqual(Object.fromEntries(request.query), {
    user: "u",
    pass: "p q+r",
    token: "t",
  });
  assert.equal(request.tcUrl, "rtmp://host/live?token=t&user=other");
  assert.equal(request.flashVer, "FMLE/3.0");
  assert.equal(request.pageUrl, "http://host/page");
  assert.equal(request.swfUrl, "http://host/player.swf");
  assert.equal(request.objectEncoding, 0);
  assert.deepEqual(request.properties.get("fourCcList"), ["*"]);
});

test("connect finds its application in tcUrl, also spelled tcurl, when app is missing", () => {
  for (const key of ["tcUrl", "tcurl"]) {
    const peer = new SessionPeer().shake();
    peer.command(0, "connect", 1, amfObject({ [key]: "rtmp://host:1935/a/b?x=1" }));
    assert.deepEqual(peer.takeEvents(), ["connect a/b"]);
    assert.equal(peer.connectRequest!.query.get("x"), "1");
  }
});

test("connect takes an ECMA array for its object, with a count that is wrong", () => {
  const peer = new SessionPeer().shake();
  peer.command(0, "connect", 1, new AmfEcmaArray([["app", "live"], ["tcUrl", "rtmp://h/live"]]));
  assert.deepEqual(peer.take(), CONNECTED);
  assert.equal(peer.connectRequest!.app, "live");
});

test("connect of type 17 with objectEncoding 3 is answered in AMF0 with objectEncoding 3", () => {
  const object = amfObject({ app: "live", tcUrl: "rtmp://h/live", objectEncoding: 3 });
  const amf0 = encodeAmf0("connect", 1, object);
  const bodies = {
    "a format byte, then AMF0": [0, ...amf0],
    "AMF0 without a format byte": [...amf0],
    "a format byte, then an AMF3 object": [
      ...[0, ...encodeAmf0("connect", 1)],
      ...[0x11, ...encodeAmf3(object)],
    ],
  };
  for (const [what, body] of Object.entries(bodies)) {
    const peer = new SessionPeer().shake();
    peer.message(MessageType.CommandAmf3, 0, 0, Uint8Array.from(body));
    assert.equal(peer.connectRequest?.objectEncoding, 3, what);
    assert.equal(peer.messages.at(-1)!.type, MessageType.CommandAmf0);
    assert.match(peer.take().at(-1)!, /^0 _result 1 .*Success\{objectEncoding=3 /, what);
    peer.message(
      MessageType.CommandAmf3,
      0,
      0,
      Uint8Array.of(0, ...encodeAmf0("createStream", 2, null)),
    );
    assert.deepEqual(peer.take(), ["0 _result 2 null 1"], "later commands of type 17 are read");
  }
});

test("connect to an application that is not allowed is InvalidApp, and the end", () => {
  for (
    const app of ["../etc", "a/b/c/d/e", "x".repeat(1025), "live\u0000", "a\\b", "\ufffd"]
  ) {
    const peer = new SessionPeer().shake();
    peer.connect(app);
    assert.deepEqual(peer.take(), ["0 _error 1 null error:NetConnection.Connect.InvalidApp"], app);
    assert.deepEqual(peer.takeEvents(), ["end: command"], "the owner is not asked");
  }
});

test("connect without an object is rejected, and the end", () => {
  for (const values of [[], [null], ["live"], [1], [["app", "live"]]]) {
    const peer = new SessionPeer().shake();
    peer.command(0, "connect", 3, ...values);
    assert.deepEqual(peer.take(), ["0 _error 3 null error:NetConnection.Connect.Rejected"]);
    assert.deepEqual(peer.takeEvents(), ["end: command"]);
  }
});

test("a connect that the owner refuses is Connect.Rejected with its words, and the end", () => {
  const peer = new SessionPeer({}, "hold").shake();
  peer.connect();
  peer.session.rejectConnect("Not you.");
  assert.deepEqual(peer.take(), ["0 _error 1 null error:NetConnection.Connect.Rejected"]);
  const info = asRecord(decodeAmf0(peer.messages.at(-1)!.payload)[3])!;
  assert.equal(info.get("description"), "Not you.");
  assert.deepEqual(peer.takeEvents(), ["connect live", "end"]);
  assert.equal(peer.session.phase, "closed");
});

test("a late second answer to connect changes nothing", () => {
  const peer = new SessionPeer().connected();
  peer.session.acceptConnect();
  peer.session.rejectConnect("Too late.");
  assert.deepEqual(peer.take(), []);
  assert.equal(peer.session.phase, "connected");
});

test("connect comes behind Set Chunk Size, as OBS sends it, and behind other control messages", () => {
  const peer = new SessionPeer().shake();
  peer.message(MessageType.SetChunkSize, 0, 0, Uint8Array.of(0, 0, 0x10, 0));
  peer.message(MessageType.WindowAckSize, 0, 0, Uint8Array.of(0, 0x26, 0x25, 0xa0));
  peer.connect("live", { flashVer: "x".repeat(2000) });
  assert.deepEqual(peer.take(), CONNECTED);
});

test("C2, connect and createStream in one segment are all read", () => {
  const script = new SessionPeer().shake();
  script.recorded = [];
  script.connect();
  script.command(0, "createStream", 2, null);
  const peer = new SessionPeer();
  const c0c1 = new Uint8Array(1537);
  c0c1[0] = 3;
  peer.recorded = [];
  peer.session.receive(c0c1);
  const c2 = new Uint8Array(1536);
  peer.session.receive(Uint8Array.from([...c2, ...script.recorded.flatMap((part) => [...part])]));
  assert.deepEqual(peer.take(), [...CONNECTED, "0 _result 2 null 1"]);
});

test("a client that does not speak RTMP ends the session at once", () => {
  const peer = new SessionPeer();
  peer.session.receive(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  assert.deepEqual(peer.takeEvents(), ["end: handshake"]);
  assert.equal(peer.session.error!.code, "handshake");
});
