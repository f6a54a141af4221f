/** What holds once a request was let in, and what the connection as a whole is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../../../src/core/errors.ts";
import { Replies } from "../../../../src/core/rtmp/session/replies.ts";
import { ConnectQuery } from "../../../../src/core/rtmp/stream_name.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

test("what its owner attaches to a publish or play is there until that is over", () => {
  for (const what of ["publish", "play"] as const) {
    const peer = new SessionPeer({}, "hold");
    peer.answers.connect = "accept";
    peer.withStreams();
    peer.command(1, what, 0, null, "test");
    const [stream] = peer.held;
    const attachment = {};
    if (what === "publish") peer.session.acceptPublish(stream!, attachment);
    else peer.session.acceptPlay(stream!, attachment, true);
    assert.equal(stream!.attachment, attachment);
    assert.equal(stream!.asked, undefined);
    assert.equal(stream!.request?.kind, what);
  }
});

test("what a client said before its play holds for it, whatever it did before", () => {
  const peer = new SessionPeer().withStreams();
  peer.command(1, "play", 0, null, "a");
  peer.command(1, "receiveAudio", 0, null, false);
  peer.command(1, "play", 0, null, "b");
  peer.command(1, "receiveVideo", 0, null, false);
  const [stream] = [...peer.session.streams.values()];
  assert.deepEqual([stream!.receiveAudio, stream!.receiveVideo], [false, false]);
  assert.equal(stream!.path?.name, "b");
});

test("pause wants a flag or nothing, and says so with the transaction", () => {
  const peer = new SessionPeer().playing();
  peer.command(1, "pause", 7, null, "yes");
  const [reply, ...rest] = peer.take();
  assert.match(reply!, /_error 7 .*NetConnection\.Call\.Failed/);
  assert.deepEqual([rest, peer.takeEvents()], [[], []]);
  peer.command(1, "pause", 8, null);
  assert.deepEqual(peer.takeEvents(), ["pause 1"]);
});

test("the end of a session is told on message stream 0, by a code of its cause", () => {
  const causes: [(peer: SessionPeer) => void, string | undefined][] = [
    [({ session }) => session.dismiss(), "NetConnection.Connect.Closed"],
    [({ session }) => session.shutdown(), "NetConnection.Connect.AppShutdown"],
    [
      ({ session }) => session.fail(new ProtocolError("timeout", "idle")),
      "NetConnection.Connect.IdleTimeOut",
    ],
    [({ session }) => session.fail(new ProtocolError("limit", "much")), undefined],
    [({ session }) => session.close(), undefined],
  ];
  for (const [end, code] of causes) {
    const peer = new SessionPeer().playing();
    end(peer);
    const messages = peer.takeMessages();
    const told = messages.filter(({ type, payload }) =>
      type === 20 && new TextDecoder().decode(payload).includes("NetConnection.")
    );
    assert.deepEqual(told.map(({ messageStreamId }) => messageStreamId), code ? [0] : []);
    if (code) assert.ok(new TextDecoder().decode(told[0]!.payload).includes(code), code);
  }
});

test("a session that decides, or is over, reads nothing on", () => {
  const peer = new SessionPeer({}, "hold").withStreams();
  assert.equal(peer.session.deciding, true);
  peer.command(0, "_checkbw", 5, null);
  peer.session.readOn();
  assert.deepEqual(peer.take(), []);
  peer.session.acceptConnect();
  peer.session.close();
  peer.take();
  peer.session.readOn();
  assert.deepEqual(peer.take(), []);
});

test("shared objects are sent on message stream 0", () => {
  const sent: Uint8Array[] = [];
  new Replies({ send: (bytes) => sent.push(bytes) }).sharedObject(19, Uint8Array.of(1, 2));
  assert.deepEqual([...sent[0]!], [3, 0, 0, 0, 0, 0, 2, 19, 0, 0, 0, 0, 1, 2]);
});

test("without a name the parameters are those of the connection alone, each time anew", () => {
  const query = new ConnectQuery("live?a=1&b=2");
  assert.equal(`${query.with()}`, "a=1&b=2");
  query.with().set("a", "3");
  assert.equal(`${query.with("name")}`, "a=1&b=2");
  assert.equal(`${query.with("name?a=9")}`, "a=9&b=2");
  assert.equal(`${new ConnectQuery().with()}`, "");
  assert.equal(`${new ConnectQuery().with("x?c=1")}`, "c=1");
});

test("what a client asks for is counted, and not that it is done or what it answers", () => {
  const peer = new SessionPeer().playing();
  const counted = (name: string) => {
    const before = peer.session.requestCount;
    peer.command(1, name, 5, null, 9);
    return peer.session.requestCount - before;
  };
  const asks = ["_checkbw", "createStream", "pause", "something", "FCPublish"];
  assert.deepEqual(asks.map(counted), [1, 1, 1, 1, 1]);
  const goodbyes = ["_result", "_error", "FCUnpublish", "FCUnsubscribe", "closeStream"];
  assert.deepEqual([...goodbyes, "deleteStream"].map(counted), [0, 0, 0, 0, 0, 0]);
});
