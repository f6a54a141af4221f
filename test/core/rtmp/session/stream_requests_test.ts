/** What runs on a NetStream goes on until the next request is let in, and each stop is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, type AmfValue } from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

const { Audio } = MessageType;
const UNPUBLISHED = "1 onStatus 0 null status:NetStream.Unpublish.Success";
const PUBLISHING = ["streamBegin 1", "1 onStatus 0 null status:NetStream.Publish.Start"];
const STOPPED = ["streamEof 1", "1 onStatus 0 null status:NetStream.Play.Stop"];
const PLAYING = [
  "streamBegin 1",
  "1 onStatus 0 null status:NetStream.Play.Reset",
  "1 onStatus 0 null status:NetStream.Play.Start",
  "1 data |RtmpSampleAccess true true",
];

/** Requests for stream 1 that may replace what runs there: command, and arguments. */
const REQUESTS: [command: string, ...values: AmfValue[]][] = [
  ["publish", "other", "live"],
  ["play", "other"],
  ["play2", amfObject({ streamName: "other", transition: "reset" })],
  ["play2", amfObject({ streamName: "other" })],
];

test("while the next request is pending, and once it is refused, what runs goes on", () => {
  for (const kind of ["publish", "play"] as const) {
    for (const [command, ...values] of REQUESTS) {
      const peer = kind === "publish"
        ? new SessionPeer().publishing()
        : new SessionPeer().playing();
      const stream = peer.session.streams.get(1)!;
      const { state, path } = stream;
      peer.answers.publish = peer.answers.play = "hold";
      peer.command(1, command, 0, null, ...values);
      assert.equal(stream.state, state, `${kind}, then ${command}`);
      assert.deepEqual(stream.path, path);
      assert.deepEqual(peer.take(), []);
      const why = "No.";
      if (command === "publish") peer.session.rejectPublish(stream, "Denied", why);
      else peer.session.rejectPlay(stream, "Failed", why);
      assert.match(peer.take().join(), /^1 onStatus 0 null error:NetStream\.\w+\.\w+$/);
      assert.equal(stream.state, state);
      assert.deepEqual(stream.path, path);
      assert.ok(!peer.takeEvents().some((event) => /^(stop|unpublish) /.test(event)));
      if (kind === "publish") {
        peer.message(Audio, 1, 7, Uint8Array.of(1));
        assert.deepEqual(peer.takeEvents(), ["media 1 8 at 7: 01"]);
      }
    }
  }
});

test("a request that is let in ends what ran, and says so first", () => {
  for (const [command, ...values] of REQUESTS) {
    const publisher = new SessionPeer().publishing();
    publisher.command(1, command, 0, null, ...values);
    assert.equal(publisher.take()[0], UNPUBLISHED, command);
    const player = new SessionPeer().playing();
    player.command(1, command, 0, null, ...values);
    assert.deepEqual(player.take().slice(0, 2), STOPPED, command);
  }
});

test("a name that is not allowed ends nothing", () => {
  for (const kind of ["publish", "play"] as const) {
    const peer = kind === "publish" ? new SessionPeer().publishing() : new SessionPeer().playing();
    for (const name of ["..", "", "a/../b", 7, null]) {
      const before = peer.session.streams.get(1)!.state;
      peer.command(1, "publish", 0, null, name as AmfValue);
      peer.command(1, "play", 0, null, name as AmfValue);
      peer.command(1, "play2", 0, null, amfObject({ streamName: name as AmfValue }));
      if (name === "") continue; // The application alone is a stream.
      assert.equal(peer.session.streams.get(1)!.state, before, `${kind}, then ${name}`);
    }
  }
});

test("a publish or play of what runs already changes nothing, and is answered again", () => {
  const publisher = new SessionPeer().publishing();
  publisher.command(1, "publish", 5, null, "test", "live");
  assert.deepEqual(publisher.take(), PUBLISHING);
  const player = new SessionPeer().playing();
  player.command(1, "play", 5, null, "test");
  assert.deepEqual(player.take(), PLAYING.slice(1, 3));
  assert.deepEqual([...publisher.takeEvents(), ...player.takeEvents()], [], "nobody is asked");
});

test("another query, type or start is another request, for which the owner is asked", () => {
  const publisher = new SessionPeer().publishing();
  publisher.command(1, "publish", 5, null, "test?key=2", "live");
  publisher.command(1, "publish", 5, null, "test?key=2", "record");
  assert.deepEqual(publisher.takeEvents().filter((event) => event.startsWith("publish")), [
    "publish 1 live/test live",
    "publish 1 live/test record",
  ]);
  const player = new SessionPeer().playing();
  player.command(1, "play", 5, null, "test", -1);
  assert.deepEqual(player.takeEvents(), ["play 1 live/test live", "stop 1 test"]);
});

test("the owner may keep what runs for a request that comes to the same", () => {
  const publisher = new SessionPeer().publishing();
  publisher.answers.publish = "hold";
  publisher.command(1, "publish", 5, null, "alias", "live");
  publisher.session.keepPublish(publisher.held[0]!);
  assert.deepEqual(publisher.take(), PUBLISHING);
  assert.deepEqual(publisher.takeEvents(), ["publish 1 live/alias live"]);
  const player = new SessionPeer().playing();
  player.answers.play = "hold";
  player.command(1, "play", 5, null, "alias");
  player.session.keepPlay(player.held[0]!);
  assert.deepEqual(player.take(), PLAYING.slice(1, 3));
  assert.deepEqual(player.takeEvents(), ["play 1 live/alias any"]);
  // From then on that is what it plays: asked for again, nobody has to decide.
  player.command(1, "play", 6, null, "alias");
  assert.deepEqual([player.takeEvents(), player.take()], [[], PLAYING.slice(1, 3)]);
  assert.ok(!player.session.deciding && !publisher.session.deciding);
});

test("two publishes in one packet are one publish that is answered twice", () => {
  const peer = new SessionPeer().withStreams();
  peer.takeEvents();
  peer.answers.publish = "hold";
  peer.recorded = [];
  peer.command(1, "publish", 3, null, "test", "live");
  peer.command(1, "publish", 5, null, "test", "live");
  const packet = Uint8Array.from(peer.recorded.flatMap((bytes) => [...bytes]));
  peer.recorded = undefined;
  peer.write(packet);
  peer.session.acceptPublish(peer.held[0]!);
  assert.deepEqual(peer.take(), [...PUBLISHING, ...PUBLISHING]);
  assert.deepEqual(peer.takeEvents(), ["publish 1 live/test live"]);
});

test("a play that is paused is played again by a play of the same name", () => {
  const peer = new SessionPeer().playing();
  peer.command(1, "pause", 0, null, true);
  peer.take();
  peer.takeEvents();
  peer.command(1, "play", 0, null, "test");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/test any", "stop 1 test"]);
  assert.equal(peer.session.streams.get(1)!.paused, false);
});

test("a play that waits is replaced without Play.Stop, and stopped with it", () => {
  const peer = new SessionPeer().withStreams();
  peer.startsPlays = false;
  peer.command(1, "play", 0, null, "one");
  peer.command(1, "play", 0, null, "two");
  assert.deepEqual(peer.take(), []);
  assert.deepEqual(peer.takeEvents().slice(-2), ["play 1 live/two any", "stop 1 one"]);
  peer.command(1, "play", 0, null, false);
  assert.deepEqual(peer.take(), STOPPED);
});

test("closeStream and deleteStream say that a publish or play is over, and nothing else is", () => {
  for (const [command, ...values] of [["closeStream"], ["deleteStream", 1]] as [string, 1?][]) {
    const publisher = new SessionPeer().publishing();
    publisher.command(1, command, 0, null, ...values as AmfValue[]);
    assert.deepEqual(publisher.take(), [UNPUBLISHED]);
    const player = new SessionPeer().playing();
    player.command(1, command, 0, null, ...values as AmfValue[]);
    assert.deepEqual(player.take(), STOPPED);
    const idle = new SessionPeer().withStreams();
    idle.command(1, command, 0, null, ...values as AmfValue[]);
    assert.deepEqual(idle.take(), []);
  }
});

test("what ends while the next request is pending is told, and the request goes on", () => {
  const publisher = new SessionPeer().publishing();
  publisher.answers.publish = "hold";
  publisher.command(1, "publish", 0, null, "other");
  const stream = publisher.session.streams.get(1)!;
  publisher.session.revokePublish(stream, "Taken.", "BadName");
  assert.equal(stream.state, "publish-pending");
  assert.equal(publisher.take().length, 2);
  publisher.session.acceptPublish(stream);
  assert.deepEqual(publisher.take(), PUBLISHING);

  const player = new SessionPeer().playing();
  player.command(1, "play2", 0, null, amfObject({ streamName: "next", transition: "append" }));
  player.answers.play = "hold";
  player.command(1, "play", 0, null, "other");
  player.takeEvents();
  player.session.endPlay(player.session.streams.get(1)!, "Over.");
  assert.deepEqual(player.takeEvents(), [], "the playlist waits for the decision");
  player.take();
  player.answers.play = "accept";
  player.session.rejectPlay(player.session.streams.get(1)!, "Failed", "No.");
  assert.deepEqual(player.takeEvents(), ["play 1 live/next any"]);
});

test("media on an id of no NetStream belongs to the only publisher, not to one that lost its own", () => {
  const peer = new SessionPeer().publishing();
  for (const id of [2, 7, 0x01000000, 0]) {
    peer.message(Audio, id, id % 100, Uint8Array.of(1));
    assert.deepEqual(peer.takeEvents(), [`media 1 8 at ${id % 100}: 01`]);
  }
  peer.command(0, "createStream", 3, null);
  peer.message(Audio, 2, 1, Uint8Array.of(1));
  assert.deepEqual(peer.takeEvents(), ["media 1 8 at 1: 01"], "one that does nothing");
  peer.command(2, "publish", 0, null, "two");
  peer.takeEvents();
  peer.message(Audio, 7, 1, Uint8Array.of(1));
  assert.deepEqual(peer.takeEvents(), [], "of two publishers it is nobody's");
  peer.message(Audio, 2, 1, Uint8Array.of(1));
  assert.deepEqual(peer.takeEvents(), ["media 2 8 at 1: 01"]);
  peer.session.revokePublish(peer.session.streams.get(2)!, "Taken.");
  peer.message(Audio, 2, 1, Uint8Array.of(1));
  assert.deepEqual(peer.takeEvents(), [], "what was lost is not mixed into another");
  assert.equal(peer.session.strayMessages, 2);
});

test("what the owner stops because of another request is told to be over", () => {
  const peer = new SessionPeer().publishing();
  peer.take();
  peer.takeEvents();
  peer.session.stopStream(peer.session.streams.get(1)!);
  assert.match(peer.take().join(), /NetStream\.Unpublish\.Success/);
  assert.equal(peer.session.streams.get(1)!.state, "idle");
});
