import assert from "node:assert/strict";
import { test } from "node:test";
import { countProgramChannels } from "../../../../src/core/media/codecs/aac_program.ts";
import { BitReader } from "../../../../src/core/media/fields/bits.ts";
import { bytesOfBits } from "../vectors.ts";

/** How a program begins: tag, object type and rate, then the numbers of its elements. */
const begins = (front: number, side = 0, back = 0, low = 0, data = 0, coupling = 0) =>
  "0000 01 0100" + [[front, 4], [side, 4], [back, 4], [low, 2], [data, 3], [coupling, 4]]
    .map(([value, bits]) => value!.toString(2).padStart(bits!, "0")).join("");

/** Channels of a program, and the bits that are left behind it. */
function count(bits: string): [channels: number | undefined, left: number] {
  const reader = new BitReader(bytesOfBits(bits));
  return [countProgramChannels(reader), reader.remaining];
}

const SINGLE = "0 1111";
const PAIR = "1 1111";
/** An empty comment, at the next whole byte. */
const aligned = (bits: string, comment = "00000000") => {
  const { length } = bits.replace(/\s/g, "");
  return bits + "0".repeat((8 - length % 8) % 8) + comment;
};

test("pairs are two channels, single elements one, and low frequencies one each", () => {
  assert.deepEqual(count(aligned(`${begins(1)} 000 ${PAIR}`)), [2, 0]);
  assert.deepEqual(count(aligned(`${begins(1)} 000 ${SINGLE}`)), [1, 0]);
  const all = `${begins(2, 1, 1, 1)} 000 ${SINGLE}${PAIR}${PAIR}${PAIR} 1111`;
  assert.deepEqual(count(aligned(all)), [8, 0]);
});

test("hints for mixing, associated data and couplings are read past", () => {
  for (const [mix, bits] of [["100", "1111"], ["010", "1111"], ["001", "111"]] as const) {
    const flags = [...mix].map((flag) => flag === "1" ? `1${bits}` : "0").join("");
    // A bit more or less of them would make a pair of it.
    assert.deepEqual(count(aligned(`${begins(1)} ${flags} ${SINGLE}`)), [1, 0], mix);
  }
  const others = `${begins(1, 0, 0, 0, 2, 3)} 000 ${PAIR} ${"1111".repeat(2)}${"11111".repeat(3)}`;
  assert.deepEqual(count(aligned(others)), [2, 0]);
});

test("the comment is as long as it says", () => {
  const comment = "00000010" + "1".repeat(16);
  assert.deepEqual(count(aligned(`${begins(1)} 000 ${PAIR}`, comment + "10101010")), [2, 8]);
});

test("no channels are no program", () => {
  assert.equal(count(aligned(`${begins(0)} 000`))[0], undefined);
});
