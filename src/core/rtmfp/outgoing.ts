/**
 * What goes to the peer: flows, in packets, as much as may be on its way [RFC 7016 §3.5.2, §3.6.2].
 *
 * @module
 */
import { ChunkType, DataFlag, DataOption } from "./chunk_types.ts";
import { Congestion } from "./congestion.ts";
import { type Fragment, InFlight } from "./fragment.ts";
import { option } from "./options.ts";
import type { PacketReader } from "./reader.ts";
import { RoundTrip } from "./round_trip.ts";
import { SendFlow } from "./send_flow.ts";
import { vluLength, writeVlu } from "./vlu.ts";
import { CHUNK_HEADER_LENGTH, type PacketWriter } from "./writer.ts";

/** How often something later has to arrive before a fragment is taken to be lost. */
const PASSED_TO_BE_LOST = 3;

/** How long a peer is not asked again whether it has room (ms). */
const PROBE_MS = 500;

/** The way out of a session. */
export class Outgoing {
  readonly congestion = new Congestion();
  readonly roundTrip = new RoundTrip();
  readonly flight = new InFlight();
  /** When what is on its way is given up (ms). */
  timeoutAt = Infinity;
  /** When bytes of it last arrived (ms). */
  progressAt = 0;
  #flows: SendFlow[] = [];
  #nextId = 2;
  /** Which flow is asked first. */
  #turn = 0;
  /** What is lost before it counts as one loss with the last. */
  #recoverUpTo = 0;
  #newest = 0;
  #probedAt = -Infinity;

  /** Opens a flow, which may answer another one. */
  open(metadata: Uint8Array, association: number | undefined, timeCritical: boolean): SendFlow {
    const flow = new SendFlow(this.#nextId++, metadata, association, timeCritical, this.flight);
    this.#flows.push(flow);
    return flow;
  }

  /** Bytes of messages that have not arrived. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const flow of this.#flows) bytes += flow.bufferedBytes;
    return bytes;
  }

  /** Whether everything has arrived. */
  get idle(): boolean {
    return this.#flows.every((flow) => flow.idle);
  }

  /** Flows that are open. */
  get flowCount(): number {
    return this.#flows.length;
  }

  /** Whether there is something to send that may be sent now. */
  get ready(): boolean {
    return this.flight.bytes < this.congestion.window && this.#flows.some((flow) => flow.ready);
  }

  /** Gives up what is late, and forgets flows that are over. */
  expire(now: number): void {
    let over = false;
    for (const flow of this.#flows) {
      flow.expire(now);
      over ||= flow.over;
    }
    if (over) this.#flows = this.#flows.filter((flow) => !flow.over);
  }

  /** Fills a packet. Returns whether any of it is time critical, `undefined` when there is nothing in it. */
  writeData(writer: PacketWriter, now: number): boolean | undefined {
    let critical: boolean | undefined;
    let last: Fragment | undefined;
    const count = this.#flows.length;
    for (let asked = 0; asked < count;) {
      const flow = this.#flows[(this.#turn + asked) % count]!;
      const fragment = this.flight.bytes < this.congestion.window
        ? flow.next(writer.room - dataOverhead(flow))
        : undefined;
      if (fragment === undefined) {
        asked++;
        continue;
      }
      this.#write(writer, fragment, last);
      this.flight.add(fragment);
      last = fragment;
      critical = critical || flow.timeCritical;
    }
    if (critical === undefined) return undefined;
    if (count > 0) this.#turn = (this.#turn + 1) % count;
    if (this.timeoutAt === Infinity) this.timeoutAt = now + this.roundTrip.timeout;
    return critical;
  }

  #write(writer: PacketWriter, fragment: Fragment, last: Fragment | undefined): void {
    const { flow, sequence } = fragment;
    const follows = last !== undefined && last.flow === flow && last.sequence + 1 === sequence;
    const options = !flow.opened;
    const { message } = fragment;
    const flags = fragment.flags | (options ? DataFlag.Options : 0);
    // The number that none will come up to is the same within a packet: nothing arrives meanwhile.
    writer.begin(follows ? ChunkType.NextUserData : ChunkType.UserData).u8(flags);
    if (!follows) {
      writer.vlu(flow.id).vlu(sequence).vlu(sequence - flow.forwardSequence);
    }
    if (options) {
      writer.put(option(DataOption.Metadata, flow.metadata));
      if (flow.association !== undefined) {
        writer.put(option(DataOption.ReturnAssociation, vluBytes(flow.association)));
      }
      writer.u8(0);
    }
    writer.put(message.bytes.subarray(fragment.start, fragment.end)).end();
  }

  /** Asks for room where a flow waits for it. Returns whether it did. */
  writeProbe(writer: PacketWriter, now: number): boolean {
    if (now - this.#probedAt < Math.max(PROBE_MS, 2 * this.roundTrip.timeout)) return false;
    const blocked = this.#flows.find((flow) => flow.blocked && flow.unacknowledgedBytes === 0);
    if (blocked === undefined) return false;
    this.#probedAt = now;
    writer.begin(ChunkType.BufferProbe).vlu(blocked.id).end();
    return true;
  }

  /** Reads what has arrived of a flow, told as ranges or as bits. */
  acknowledged(
    reader: PacketReader,
    asBits: boolean,
    now: number,
    critical: boolean,
    yielding: boolean,
  ): void {
    const id = reader.vlu();
    const blocks = reader.vlu();
    const cumulative = reader.vlu();
    const flow = this.#flows.find((flow) => flow.id === id);
    if (reader.failed || flow === undefined) return;
    const before = this.flight.bytes;
    flow.opened = true;
    flow.peerWindow = blocks * 1024;
    let newest = flow.acknowledgeUpTo(cumulative);
    let last = cumulative + 1;
    if (asBits) {
      while (reader.left > 0) {
        const bits = reader.u8();
        for (let bit = 0; bit < 8; bit++) {
          last++;
          if ((bits & 1 << bit) !== 0) {
            newest = Math.max(newest, flow.acknowledgeRange(last, last));
          }
        }
      }
    } else {
      last = cumulative;
      while (reader.left > 0) {
        const first = last + reader.vlu() + 2;
        last = first + reader.vlu();
        if (reader.failed) break;
        newest = Math.max(newest, flow.acknowledgeRange(first, last));
      }
    }
    const arrived = before - this.flight.bytes;
    if (arrived > 0) this.#onArrived(arrived, before, newest, now, critical, yielding);
  }

  #onArrived(
    bytes: number,
    before: number,
    newest: number,
    now: number,
    critical: boolean,
    yielding: boolean,
  ): void {
    this.progressAt = now;
    this.#newest = Math.max(this.#newest, newest);
    let lost = false;
    for (let fragment = this.flight.first; fragment !== undefined;) {
      if (fragment.order >= this.#newest) break;
      const { next } = fragment;
      if (++fragment.passed >= PASSED_TO_BE_LOST) {
        if (fragment.order > this.#recoverUpTo) lost = true;
        fragment.flow.lose(fragment);
      }
      fragment = next;
    }
    if (lost) {
      this.#recoverUpTo = this.#newest;
      this.congestion.lost(before, critical, yielding);
    } else this.congestion.answered(bytes, before, critical, yielding);
    this.timeoutAt = this.flight.first === undefined ? Infinity : now + this.roundTrip.timeout;
  }

  /** Gives up what is on its way, when nothing arrived for too long. Returns whether it did. */
  timeOut(now: number): boolean {
    if (now < this.timeoutAt) return false;
    while (this.flight.first !== undefined) this.flight.first.flow.lose(this.flight.first);
    this.congestion.timedOut();
    this.roundTrip.backOff();
    this.timeoutAt = Infinity;
    return true;
  }

  /** The peer does not want a flow. Returns it. */
  refused(id: number): SendFlow | undefined {
    const flow = this.#flows.find((flow) => flow.id === id);
    flow?.refuse();
    return flow;
  }

  /** Another way leads to the peer. */
  moved(): void {
    this.congestion.forget();
    this.roundTrip.forget();
    this.timeoutAt = Math.min(this.timeoutAt, 0);
  }
}

/** Bytes around those of a message in User Data of a flow. */
function dataOverhead(flow: SendFlow): number {
  // Numbers of up to 2^28 take four bytes, and the offset is shorter than they are.
  const head = CHUNK_HEADER_LENGTH + 1 + vluLength(flow.id) + 10;
  return flow.opened ? head : head + 12 + flow.metadata.length;
}

function vluBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(vluLength(value));
  writeVlu(bytes, 0, value);
  return bytes;
}
