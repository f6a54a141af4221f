/**
 * Frames of AC-3 and E-AC-3, and what a file says of them [ATSC A/52 §5.3, §E.1.2],
 * [ETSI TS 102 366 annex F].
 *
 * @module
 */
import { parseAc3Frame } from "../media/codecs/ac3.ts";
import { BitReader } from "../media/fields/bits.ts";
import type { FormatResult } from "./track_format.ts";

/** Samples of a block, and of the six blocks of an AC-3 frame. */
const BLOCK = 256;
const AC3_FRAME_TICKS = 6 * BLOCK;

/** bsid of E-AC-3 is above that of AC-3. */
const LAST_AC3_ID = 10;

/** Blocks of a frame by numblkscod. */
const BLOCKS = [1, 2, 3, 6];

/** strmtyp of a substream that only adds channels to another. */
const DEPENDENT = 1;

/** Bytes of the head of a frame that is looked at. */
const HEAD_LENGTH = 8;

/** Most frames in a message: eight independent substreams with eight others each, block by block. */
const MAX_FRAMES = 64 * 6;

/** One frame of E-AC-3 in a message. */
interface Eac3Frame {
  readonly dependent: boolean;
  readonly substream: number;
  readonly samples: number;
}

/** The format of AC-3 or E-AC-3 by one message of it. */
export function dolbyFormat(codec: "ac3" | "eac3", message: Uint8Array): FormatResult {
  const known = parseAc3Frame(message);
  const isEac3 = message[5]! >> 3 > LAST_AC3_ID;
  if (known?.sampleRate === undefined || known.channels === undefined) {
    return { problem: `A frame of ${codec} has no header that can be read` };
  }
  const { sampleRate, channels } = known;
  const config = isEac3 ? eac3Box(message, sampleRate) : ac3Box(message);
  if (config === undefined) return { problem: `A frame of ${codec} is damaged` };
  return {
    format: {
      kind: "audio",
      // AC-3 is sent as E-AC-3 by some; a file needs to know which it is.
      codec: isEac3 ? "eac3" : "ac3",
      codecString: isEac3 ? "ec-3" : "ac-3",
      config,
      timescale: sampleRate,
      sampleRate,
      channels,
      ...(!isEac3 && { frameTicks: AC3_FRAME_TICKS }),
    },
  };
}

/** The contents of the `dac3` box. */
function ac3Box(frame: Uint8Array): Uint8Array {
  const reader = new BitReader(frame);
  reader.skip(32); // syncword, crc1
  const rateCode = reader.bits(2);
  const bitRateCode = reader.bits(6) >> 1;
  const head = readTail(reader);
  const bits = rateCode * 2 ** 22 + head.id * 2 ** 17 + head.mode * 2 ** 14 +
    head.channels * 2 ** 11 +
    head.low * 2 ** 10 + bitRateCode * 2 ** 5;
  return Uint8Array.of(bits >> 16, bits >> 8, bits);
}

/** bsid, bsmod, acmod and lfeon of AC-3, with the mix levels between them. */
function readTail(reader: BitReader) {
  const id = reader.bits(5);
  const mode = reader.bits(3);
  const channels = reader.bits(3);
  if ((channels & 1) !== 0 && channels !== 1) reader.skip(2); // cmixlev
  if ((channels & 4) !== 0) reader.skip(2); // surmixlev
  if (channels === 2) reader.skip(2); // dsurmod
  return { id, mode, channels, low: reader.bit() };
}

/** The contents of the `dec3` box for the first programme, which is the one that players play. */
function eac3Box(message: Uint8Array, sampleRate: number): Uint8Array | undefined {
  const frames = eac3Frames(message);
  const samples = samplesOf(frames);
  if (samples === 0) return undefined;
  const reader = new BitReader(message);
  reader.skip(32);
  const rateCode = reader.bits(2);
  reader.skip(2); // number of blocks, or the half rate
  const channels = reader.bits(3);
  const low = reader.bit();
  const id = reader.bits(5);
  const kilobits = Math.min(0x1fff, Math.round(message.length * 8 * sampleRate / samples / 1000));
  const dependent = frames.filter((frame) => frame.dependent).length > 0 ? 1 : 0;
  return Uint8Array.of(
    kilobits >> 5,
    (kilobits & 31) << 3, // num_ind_sub 0: one
    rateCode << 6 | id << 1,
    channels << 1 | low,
    dependent << 1,
    // Which channels the other substream adds: left and right of the back, as 7.1 has them.
    ...(dependent === 0 ? [] : [1 << 1]),
  );
}

/** How long a message of AC-3 or E-AC-3 lasts (samples), `undefined` when it is damaged. */
export function dolbySamples(message: Uint8Array): number | undefined {
  if (message.length < HEAD_LENGTH || message[0] !== 0x0b || message[1] !== 0x77) return undefined;
  if (message[5]! >> 3 <= LAST_AC3_ID) return AC3_FRAME_TICKS;
  return samplesOf(eac3Frames(message)) || undefined;
}

function samplesOf(frames: readonly Eac3Frame[]): number {
  return frames.reduce(
    (sum, { dependent, substream, samples }) => dependent || substream !== 0 ? sum : sum + samples,
    0,
  );
}

function eac3Frames(message: Uint8Array): Eac3Frame[] {
  const frames: Eac3Frame[] = [];
  let at = 0;
  while (at + HEAD_LENGTH <= message.length && frames.length < MAX_FRAMES) {
    if (message[at] !== 0x0b || message[at + 1] !== 0x77) break;
    const words = ((message[at + 2]! & 7) << 8) + message[at + 3]! + 1;
    const code = message[at + 4]!;
    const blocks = code >> 6 === 3 ? BLOCKS[3]! : BLOCKS[code >> 4 & 3]!;
    frames.push({
      dependent: message[at + 2]! >> 6 === DEPENDENT,
      substream: message[at + 2]! >> 3 & 7,
      samples: blocks * BLOCK,
    });
    at += 2 * words;
  }
  return frames;
}
