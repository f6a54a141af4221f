/** A session with RTMPE: what it reads and what it says, however the bytes are cut. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "../../../../src/core/bytes/join.ts";
import type { Rc4 } from "../../../../src/core/crypto/rc4.ts";
import { capture } from "../../../support/captures.ts";
import { feedings } from "../../../support/feed.ts";
import { RtmpeClient } from "../../../support/rtmpe_client.ts";
import { SessionPeer } from "../../../support/session_peer.ts";
import { HANDSHAKE_LENGTH, noise } from "../handshake/harness.ts";

/** A session that keeps what it was told and what it sent. */
class Peer extends SessionPeer {
  readonly sent: Uint8Array[] = [];
  cipher: Rc4 | undefined;
  plain = 0;

  override send(bytes: Uint8Array): void {
    this.sent.push(bytes.slice());
  }

  onEncrypted(cipher: Rc4, length: number): void {
    assert.deepEqual(this.sent, [], "ahead of the answer");
    this.cipher = cipher;
    this.plain = length;
  }
}

/** What a client of these messages says in RTMPE, and the client. */
function encrypted(messages: Uint8Array): { client: RtmpeClient; bytes: Uint8Array } {
  const client = new RtmpeClient(noise(1536, 5));
  const first = new Peer({ encrypts: true });
  first.session.receive(client.hello);
  client.answer(first.sent[0]!.slice(1, 1537));
  return { client, bytes: joined([client.hello, noise(1536, 6), client.encrypt(messages)]) };
}

/** The messages of a capture, behind the handshake. */
const messagesOf = (name: string) => capture(name, "c2s").slice(HANDSHAKE_LENGTH);

for (const name of ["ffmpeg-publish", "gst-rtmp2sink-publish"]) {
  test(`${name} in RTMPE is read as in the clear, however it is cut`, () => {
    const plain = new Peer();
    plain.session.receive(capture(name, "c2s"));
    const { bytes } = encrypted(messagesOf(name));
    for (const segments of feedings(bytes)) {
      const peer = new Peer({ encrypts: true });
      for (const segment of segments) {
        const copy = segment.slice();
        peer.session.receive(copy);
        assert.deepEqual(copy, segment, "what was handed in is left as it is");
      }
      assert.deepEqual(peer.events, plain.events, `${peer.error?.message}`);
      assert.equal(peer.plain, HANDSHAKE_LENGTH);
      assert.equal(peer.session.bytesIn, bytes.length);
    }
  });
}

test("a session that stops in the segment of its handshake reads on with what was kept", () => {
  const { bytes } = encrypted(messagesOf("ffmpeg-publish"));
  const plain = new Peer();
  plain.session.receive(capture("ffmpeg-publish", "c2s"));
  for (const cut of [0, 1, 1537, HANDSHAKE_LENGTH - 1, HANDSHAKE_LENGTH, HANDSHAKE_LENGTH + 50]) {
    const peer = new Peer({ encrypts: true });
    peer.session.receive(bytes.slice(0, cut));
    peer.session.hold();
    peer.session.receive(bytes.slice(cut));
    assert.deepEqual(peer.events.length < plain.events.length, true);
    peer.session.goOn();
    assert.deepEqual(peer.events, plain.events, `cut at ${cut}`);
  }
});

test("publishers never hear of another chunk size, and players ahead of their media", () => {
  const size = (peer: Peer) => peer.session.chunkSize;
  const publisher = new Peer({ encrypts: true });
  publisher.session.receive(encrypted(messagesOf("ffmpeg-publish")).bytes);
  assert.equal(size(publisher), 128);
  const player = new Peer({ encrypts: true });
  player.session.receive(encrypted(messagesOf("ffmpeg-play")).bytes);
  assert.ok(size(player) > 128);
});
