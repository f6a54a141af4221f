/**
 * Packets of a transport stream, and the packets of elementary streams that are cut up into them
 * [ISO/IEC 13818-1 §2.4.3].
 *
 * @module
 */

/** Bytes of a packet. */
export const PACKET = 188;

/** Most that a packet carries behind its header (bytes). */
const PAYLOAD = 184;

/** Bytes of an adaptation field with a clock, and of one that only has flags. */
const WITH_CLOCK = 8;
const WITH_FLAGS = 2;

/** Flags of an adaptation field. */
const RANDOM_ACCESS = 0x40;
const HAS_CLOCK = 0x10;

/** Bytes of a PES header in front of its times, and of each time. */
const PES_HEAD = 9;
const TIMESTAMP = 5;

/** Longest PES packet that says how long it is, behind its first six bytes. */
export const MAX_PES_LENGTH = 65_535;

/** What is in front of the bytes of an elementary stream. */
export interface PesHead {
  readonly pid: number;
  readonly streamId: number;
  /** Decoding can start here. */
  readonly key: boolean;
  /** Program clock to send along, in 90 kHz; none if left out. */
  readonly clock: number | undefined;
  /** Presentation and decode time, in 90 kHz; one number where they are equal. */
  readonly pts: number;
  readonly dts: number;
  /** Bytes of the elementary stream. */
  readonly length: number;
}

function adaptationLength({ key, clock }: PesHead): number {
  return clock !== undefined ? WITH_CLOCK : key ? WITH_FLAGS : 0;
}

function pesLength({ pts, dts, length }: PesHead): number {
  return PES_HEAD + (pts === dts ? 1 : 2) * TIMESTAMP + length;
}

/** Bytes of all packets of one PES packet. */
export function pesPackets(head: PesHead): number {
  return PACKET * Math.ceil((adaptationLength(head) + pesLength(head)) / PAYLOAD);
}

/** Where the elementary stream goes at first: it ends with the last of its packets. */
export function pesDataAt(head: PesHead, offset: number): number {
  return offset + pesPackets(head) - head.length;
}

/**
 * Makes packets of the elementary stream that stands at {@linkcode pesDataAt}, from `offset` on. It moves
 * to the front piece by piece, into room that was left for the headers.
 *
 * @param counter continuity counter of the first packet
 * @returns the counter behind the last packet
 */
export function writePes(
  bytes: Uint8Array,
  offset: number,
  head: PesHead,
  counter: number,
): number {
  const end = offset + pesPackets(head);
  let from = end - pesLength(head);
  writePesHead(bytes, from, head);
  let adaptation = adaptationLength(head);
  for (let at = offset; at < end; at += PACKET) {
    const left = end - from;
    const room = PAYLOAD - adaptation;
    const size = Math.min(left, room);
    // Stuffing goes into the adaptation field, of the last packet alone.
    const field = adaptation + room - size;
    bytes.copyWithin(at + PACKET - size, from, from + size);
    writeHeader(bytes, at, head.pid, at === offset, field > 0, true, counter);
    if (field > 0) writeAdaptation(bytes, at + 4, field, adaptation, head);
    counter = counter + 1 & 15;
    from += size;
    adaptation = 0;
  }
  return counter;
}

/** A packet with nothing but a clock in it, which does not count. */
export function writeClock(
  bytes: Uint8Array,
  offset: number,
  pid: number,
  clock: number,
  counter: number,
): void {
  // The counter is that of the packet before.
  writeHeader(bytes, offset, pid, false, true, false, counter + 15 & 15);
  writeAdaptation(bytes, offset + 4, PAYLOAD, WITH_CLOCK, { key: false, clock });
}

/** A table in a packet of its own. */
export function writeTable(
  bytes: Uint8Array,
  offset: number,
  pid: number,
  table: readonly number[],
  counter: number,
): void {
  writeHeader(bytes, offset, pid, true, false, true, counter);
  bytes[offset + 4] = 0; // pointer_field
  bytes.set(table, offset + 5);
  bytes.fill(255, offset + 5 + table.length, offset + PACKET);
}

function writeHeader(
  bytes: Uint8Array,
  at: number,
  pid: number,
  isFirst: boolean,
  hasAdaptation: boolean,
  hasPayload: boolean,
  counter: number,
): void {
  bytes[at] = 0x47;
  bytes[at + 1] = (isFirst ? 0x40 : 0) | pid >> 8;
  bytes[at + 2] = pid & 255;
  bytes[at + 3] = (hasAdaptation ? 0x20 : 0) | (hasPayload ? 0x10 : 0) | counter;
}

/**
 * @param size of the field in bytes, its length included
 * @param used what there is to say; the rest is stuffing
 */
function writeAdaptation(
  bytes: Uint8Array,
  at: number,
  size: number,
  used: number,
  { key, clock }: Pick<PesHead, "key" | "clock">,
): void {
  bytes[at] = size - 1;
  if (size === 1) return;
  const isUsed = used > 0;
  bytes[at + 1] = (isUsed && key ? RANDOM_ACCESS : 0) |
    (isUsed && clock !== undefined ? HAS_CLOCK : 0);
  let to = at + WITH_FLAGS;
  if (isUsed && clock !== undefined) {
    const base = modulo33(clock);
    const high = Math.floor(base / 2);
    bytes[to] = high >> 24;
    bytes[to + 1] = high >> 16;
    bytes[to + 2] = high >> 8;
    bytes[to + 3] = high;
    bytes[to + 4] = (base & 1) << 7 | 0x7e; // reserved; the extension is 0
    bytes[to + 5] = 0;
    to += 6;
  }
  bytes.fill(255, to, at + size);
}

function writePesHead(bytes: Uint8Array, at: number, head: PesHead): void {
  const { streamId, pts, dts } = head;
  const both = pts !== dts;
  const length = pesLength(head) - 6;
  const isVideo = streamId >> 4 === 0xe;
  bytes[at] = bytes[at + 1] = 0;
  bytes[at + 2] = 1;
  bytes[at + 3] = streamId;
  // Pictures may be longer than the field can say, and need not say it.
  bytes[at + 4] = isVideo ? 0 : length >> 8;
  bytes[at + 5] = isVideo ? 0 : length & 255;
  bytes[at + 6] = 0x84; // data_alignment_indicator: an access unit begins here
  bytes[at + 7] = both ? 0xc0 : 0x80;
  bytes[at + 8] = both ? 2 * TIMESTAMP : TIMESTAMP;
  writeTime(bytes, at + PES_HEAD, both ? 3 : 2, pts);
  if (both) writeTime(bytes, at + PES_HEAD + TIMESTAMP, 1, dts);
}

function writeTime(bytes: Uint8Array, at: number, mark: number, time: number): void {
  const value = modulo33(time);
  bytes[at] = mark << 4 | Math.floor(value / 2 ** 30) << 1 | 1;
  bytes[at + 1] = value >> 22;
  bytes[at + 2] = value >> 14 | 1;
  bytes[at + 3] = value >> 7;
  bytes[at + 4] = value << 1 | 1;
}

/** Times have 33 bits: they begin anew every 26 and a half hours. */
function modulo33(time: number): number {
  return time - Math.floor(time / 2 ** 33) * 2 ** 33;
}
