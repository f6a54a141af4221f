/** The end of a session, whatever its owner does about it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionPeer } from "../../../support/session_peer.ts";

test("a stop that throws keeps neither the other streams nor the session from ending", () => {
  const peer = new SessionPeer().withStreams(3);
  peer.command(1, "publish", 0, null, "a", "live");
  peer.command(2, "publish", 0, null, "b", "live");
  peer.command(3, "play", 0, null, "c");
  peer.takeEvents();
  const { onUnpublish } = peer;
  peer.onUnpublish = (stream) => {
    onUnpublish.call(peer, stream);
    throw new Error("a bug of the owner");
  };
  assert.throws(() => peer.session.close(), /a bug of the owner/);
  assert.equal(peer.session.phase, "closed");
  assert.equal(peer.session.streams.size, 0);
  assert.deepEqual(peer.takeEvents(), ["unpublish 1 a", "unpublish 2 b", "stop 3 c", "end"]);
});

test("a session that is ended before it is connected says nothing of it, and is over", () => {
  for (const end of ["dismiss", "shutdown", "close"] as const) {
    const peer = new SessionPeer();
    peer.shake();
    peer.take();
    peer.session[end]();
    assert.deepEqual(peer.take(), [], end);
    assert.deepEqual(peer.takeEvents(), ["end"]);
    assert.equal(peer.session.phase, "closed");
    peer.session[end]();
    assert.deepEqual(peer.takeEvents(), [], "once");
  }
});

test("a session that is ended while a request replaces what ran lets nothing in", () => {
  for (const kind of ["publish", "play"] as const) {
    const peer = kind === "publish" ? new SessionPeer().publishing() : new SessionPeer().playing();
    peer.onUnpublish = peer.onStop = () => {
      peer.session.close();
    };
    const stream = peer.session.streams.get(1)!;
    peer.command(1, kind, 0, null, "other");
    assert.deepEqual(peer.take(), []);
    assert.equal(peer.session.phase, "closed");
    assert.equal(stream.attachment, undefined);
    assert.notEqual(stream.path?.name, "other");
    assert.equal(peer.session.deciding, false);
  }
});
