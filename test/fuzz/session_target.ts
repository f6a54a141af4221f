/**
 * Feeds an input to a protocol session whose owner looks at everything it is given, as the server
 * does, and checks what must hold for any bytes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { decodeCommandBody, toPlain } from "../../src/core/amf/mod.ts";
import { ProtocolError } from "../../src/core/errors.ts";
import { audioFlags, describeMedia, videoFlags } from "../../src/core/media/mod.ts";
import { AssemblyBudget } from "../../src/core/rtmp/chunk/assembly_budget.ts";
import type { NetStream } from "../../src/core/rtmp/session/mod.ts";
import { SessionPeer } from "../support/session_peer.ts";
import { Dice } from "./dice.ts";

/** A sum that tells byte arrays apart (FNV-1a). */
function checksum(bytes: Uint8Array, sum = 0x811c9dc5): number {
  for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  return sum >>> 0;
}

/** The owner: decides by chance that depends on nothing but the seed. */
class FuzzOwner extends SessionPeer {
  readonly #dice: Dice;
  #repliesSum = 0;
  replyBytes = 0;
  ended = false;

  constructor(seed: number, assembly: AssemblyBudget) {
    super({ assembly });
    this.#dice = new Dice(seed);
  }

  get repliesSum(): number {
    return this.#repliesSum;
  }

  #decide(): "accept" | "hold" {
    return this.#dice.chance(0.85) ? "accept" : "hold";
  }

  override send(bytes: Uint8Array): void {
    this.#alive();
    this.replyBytes += bytes.length;
    // The answer to the handshake is long, and always the same.
    if (bytes.length < 1536) this.#repliesSum = checksum(bytes, this.#repliesSum);
  }

  #alive(): void {
    assert.equal(this.ended, false, "nothing happens behind the end");
  }

  override onConnect(request: Parameters<SessionPeer["onConnect"]>[0]): void {
    this.#alive();
    this.answers.connect = this.#decide();
    super.onConnect(request);
    if (this.answers.connect === "hold") this.#heldConnect = true;
  }

  #heldConnect = false;

  override onPublish(stream: NetStream, request: Parameters<SessionPeer["onPublish"]>[1]): void {
    this.#alive();
    this.answers.publish = this.#decide();
    super.onPublish(stream, request);
  }

  override onPlay(stream: NetStream, request: Parameters<SessionPeer["onPlay"]>[1]): void {
    this.#alive();
    this.answers.play = this.#decide();
    super.onPlay(stream, request);
  }

  override onMedia(stream: NetStream, kind: number, timestamp: number, payload: Uint8Array): void {
    this.#alive();
    const flags = kind === 9 ? videoFlags(payload) : kind === 8 ? audioFlags(payload) : -1;
    const samples = kind === 9 ? { videoHeader: payload, lastVideo: payload } : {
      audioHeader: payload,
      lastAudio: payload,
    };
    const described = kind === 18 ? "" : JSON.stringify(describeMedia(samples));
    const what = `${stream.id} ${kind} ${timestamp} ${flags} ${described}`;
    this.events.push(`media ${what} ${payload.length}:${checksum(payload)}`);
  }

  override onSetData(
    stream: NetStream,
    handler: string,
    timestamp: number,
    payload: Uint8Array,
  ): void {
    this.#alive();
    let shown = "unreadable";
    try {
      shown = JSON.stringify(toPlain(decodeCommandBody(18, payload)[1]));
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
    }
    this.events.push(`set ${stream.id} ${handler} ${timestamp} ${shown} ${checksum(payload)}`);
  }

  override onEnd(error?: ProtocolError): void {
    this.#alive();
    super.onEnd(error);
    this.ended = true;
  }

  /** Decides what was held, one after the other; what was kept is read on meanwhile. */
  finish(): void {
    for (let turns = 0; turns < 1000 && !this.ended; turns++) {
      const stream = this.held.shift();
      if (this.#heldConnect) {
        this.#heldConnect = false;
        this.session.acceptConnect();
      } else if (stream === undefined) return;
      else if (stream.state === "publish-pending") this.session.acceptPublish(stream);
      else this.session.rejectPlay(stream, "Failed", "no");
    }
  }
}

/** What came of an input. */
export interface Outcome {
  /** What the owner was told, the error that ended the session, and a sum of the replies. */
  readonly events: readonly string[];
  /** Whether a ProtocolError ended it, and of which kind. */
  readonly code: string | undefined;
  /** The most memory that was held for bytes not yet read, against those that had been sent. */
  readonly peakHeld: number;
}

/**
 * Feeds `segments`, each of which is overwritten afterwards.
 *
 * @throws AssertionError, or what the code under test threw, when something does not hold
 */
export function feedSession(seed: number, segments: readonly Uint8Array[]): Outcome {
  const budget = new AssemblyBudget();
  const owner = new FuzzOwner(seed, budget);
  let sent = 0;
  let peakHeld = 0;
  for (const segment of segments) {
    sent += segment.length;
    owner.session.receive(segment);
    segment.fill(0xee);
    peakHeld = Math.max(peakHeld, budget.used);
    assert.ok(budget.used <= 4 * sent, `${budget.used} bytes are held for ${sent}`);
    assert.ok(owner.replyBytes <= 20 * sent + 4096, `${owner.replyBytes} reply bytes for ${sent}`);
  }
  owner.finish();
  const { error } = owner;
  const end = error === undefined ? "none" : `${error.code}: ${error.message}`;
  // Acknowledgements come by the segment, and are due from here on.
  const replies = sent < 16_384 ? owner.repliesSum : 0;
  const events = [...owner.takeEvents(), end, `replies ${replies}`];
  owner.session.close();
  assert.deepEqual([budget.used, budget.spare], [0, 0], "all memory is given back");
  return { events, code: error?.code, peakHeld };
}
