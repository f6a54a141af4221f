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
