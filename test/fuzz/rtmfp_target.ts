/**
 * Feeds datagrams to a whole service of RTMFP: those of a client with keys, damaged ones, ones of nobody
 * and ones from elsewhere, while somebody else plays what the client may publish.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Address } from "../../src/ports.ts";
import { allMediaBytes } from "../core/media/vectors.ts";
import { RtmfpPeer } from "../support/rtmfp/peer.ts";
import { RtmfpRig } from "../support/rtmfp/service_rig.ts";
import { settle } from "../support/rtmp_service.ts";
import { DatagramSource } from "./datagram_source.ts";
import { Dice } from "./dice.ts";
import { mutated } from "./mutator.ts";

/** Datagrams of one seed: so many to each handshake, which costs as much as some hundred of them. */
export const DATAGRAMS = 250;

/** Longest message that the service takes, so that the bound on what it holds is met (bytes). */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** What a session may hold beside that; see `src/core/rtmfp/incoming.ts`. */
const BESIDE_BYTES = 1024 * 1024 + 4096;

const MEDIA = allMediaBytes();
const ELSEWHERE = { hostname: "198.51.100.9", port: 9 };

/** A client with keys. */
interface Fuzzed {
  readonly peer: RtmfpPeer;
  readonly address: Address;
}

/** A service that goes on from seed to seed. */
export class RtmfpTarget {
  readonly #rig = new RtmfpRig(
    { maxMessageBytes: MAX_MESSAGE_BYTES, reconnectWindowMs: 100_000, playWaitMs: 1_000_000 },
  );
  #player = this.#rig.player("test");
  readonly #addresses: Address[] = [];
  #count = 0;

  /**
   * Feeds the datagrams of a seed. Returns bytes of them.
   *
   * @throws AssertionError, or what the code under test threw, when something does not hold
   */
  async feed(seed: number): Promise<number> {
    const rig = this.#rig;
    const dice = new Dice(seed);
    // Whose stream was ended for good, and who asks for nothing more, is closed.
    if (rig.service.sessions.size === 0) this.#player = rig.player("test");
    const source = new DatagramSource(dice, MEDIA);
    let client = await this.#open(dice);
    const sent: Buffer[] = [client.peer.startup!];
    let bytes = 0;
    for (let count = 0; count < DATAGRAMS; count++) {
      // What a session does not survive is not the end of the seed.
      if (client.peer.state !== "open" && count % 50 === 0) client = await this.#open(dice);
      const { peer, address } = client;
      const datagram = this.#datagram(dice, source, peer, sent);
      bytes += datagram.length;
      this.#give(datagram, dice.chance(0.97) ? address : ELSEWHERE);
      if (count % 10 < 9) continue;
      rig.clock.advance(10);
      await settle();
      // Some of what it is sent comes, so that it acknowledges, and answers pings.
      for (const { datagram, to } of rig.takeSent()) {
        if (to.port === address.port && dice.chance(0.7)) peer.receive(datagram, rig.clock.now());
      }
    }
    for (const { session } of rig.clients) {
      const held = session?.incoming.heldBytes ?? 0;
      assert.ok(held <= MAX_MESSAGE_BYTES + BESIDE_BYTES, `${held} bytes are held`);
    }
    await this.#end();
    return bytes;
  }

  /** A client with keys, at an address of its own. */
  async #open(dice: Dice): Promise<Fuzzed> {
    const guard = dice.chance(0.5) ? { codeLength: 16, numbered: true } : {};
    this.#count++;
    const address = { hostname: `192.0.2.${this.#count % 200}`, port: 1 + this.#count % 60_000 };
    this.#addresses.push(address);
    const { peer } = await this.#rig.peer(address, guard).open();
    return { peer, address };
  }

  #give(datagram: Buffer, from: Address): void {
    const rig = this.#rig;
    const { sent } = rig;
    rig.rtmfp.onDatagram(new Uint8Array(datagram), from);
    assert.ok(rig.sent - sent <= 40, `${rig.sent - sent} answers`);
    if (from !== ELSEWHERE) return;
    const to = rig.takeSent().filter(({ to }) => to === from);
    const there = to.reduce((sum, { datagram }) => sum + datagram.length, 0);
    assert.ok(there <= datagram.length, `${there} bytes for ${datagram.length}`);
  }

  #datagram(dice: Dice, source: DatagramSource, peer: RtmfpPeer, sent: Buffer[]): Buffer {
    const kind = dice.below(20);
    if (kind === 0) return Buffer.from(dice.bytes(dice.below(dice.chance(0.9) ? 80 : 4300)));
    if (kind === 1) {
      const hello = peer.hello();
      return RtmfpPeer.startup(source.startup(hello, peer.keying(peer.cookie!)));
    }
    if (kind === 2) return dice.pick(sent);
    if (kind === 3) return Buffer.from(mutated(dice, [...dice.pick(sent)]));
    const datagram = peer.sealed(source.packet(), this.#rig.clock.now());
    if (sent.length < 20) sent.push(datagram);
    else sent[dice.below(20)] = datagram;
    return datagram;
  }

  async #end(): Promise<void> {
    const rig = this.#rig;
    for (const address of this.#addresses.splice(0)) rig.move(address, undefined);
    // Those that were made by handshakes that were damaged say nothing, and the rest has said goodbye.
    for (const client of rig.clients.splice(0)) client.destroy();
    for (let turns = 0; turns < 100 && rig.rtmfp.remembered > 0; turns++) {
      rig.clock.advance(100);
      await settle();
      rig.takeSent();
    }
    assert.equal(rig.rtmfp.remembered, 0, "sessions are forgotten");
    assert.deepEqual(rig.faults, [], "no plugin and no session failed");
    for (const { reason } of rig.ends.splice(0)) assert.notEqual(reason, "internal");
    rig.takeTold();
    this.#player.messages.length = 0;
    this.#player.takeMessages();
    const left = [...rig.service.sessions.values()];
    assert.ok(left.every((one) => one === this.#player.session), "only the player is left");
  }
}
