/**
 * The tables of a transport stream, which say what is in it [ISO/IEC 13818-1 §2.4.4].
 *
 * @module
 */

/** Packet id of the program association. */
export const PAT_PID = 0;
/** Packet id of the program map. */
export const PMT_PID = 0x1000;
/** Packet id of the first track. */
export const FIRST_PID = 0x100;

/** Ids of the tables. */
const PAT = 0;
const PMT = 2;

const PROGRAM = 1;
const TRANSPORT_STREAM = 1;

/** Tag of the descriptor that names a format by four characters. */
const REGISTRATION = 5;

/** A track in the program map. */
export interface ProgramStream {
  readonly pid: number;
  readonly streamType: number;
  /** Four characters that name the format, where the type alone does not. */
  readonly registration?: string;
}

/** The program association table. */
export function programAssociation(): number[] {
  return section(PAT, TRANSPORT_STREAM, [...u16(PROGRAM), ...pid(PMT_PID)]);
}

/** The program map table. */
export function programMap(pcrPid: number, streams: readonly ProgramStream[]): number[] {
  const tracks = streams.flatMap((stream) => {
    const descriptors = stream.registration === undefined
      ? []
      : [REGISTRATION, 4, ...Array.from(stream.registration, (letter) => letter.charCodeAt(0))];
    return [
      ...[stream.streamType, ...pid(stream.pid)],
      ...[0xf0, descriptors.length, ...descriptors],
    ];
  });
  return section(PMT, PROGRAM, [...pid(pcrPid), 0xf0, 0, ...tracks]);
}

/** A section with its header and checksum [ISO/IEC 13818-1 §2.4.4.11]. */
function section(tableId: number, id: number, contents: readonly number[]): number[] {
  const length = 5 + contents.length + 4;
  const bytes = [
    tableId,
    0xb0 | length >> 8,
    length & 255,
    ...u16(id),
    0xc1, // version 0, in force now
    0, // section_number
    0, // last_section_number
    ...contents,
  ];
  const sum = crc32(bytes);
  return [...bytes, sum >> 24 & 255, sum >> 16 & 255, sum >> 8 & 255, sum & 255];
}

function u16(value: number): number[] {
  return [value >> 8, value & 255];
}

/** 13 bits behind three reserved ones. */
function pid(value: number): number[] {
  return [0xe0 | value >> 8, value & 255];
}

/** The checksum of sections [ISO/IEC 13818-1 annex A]. */
export function crc32(bytes: readonly number[]): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum << 1 ^ (sum < 0 ? 0x04c1_1db7 : 0);
  }
  return sum >>> 0;
}
