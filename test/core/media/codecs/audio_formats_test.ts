import { test } from "node:test";
import assert from "node:assert/strict";
import { parseAc3Frame } from "../../../../src/core/media/codecs/ac3.ts";
import { parseFlacConfig } from "../../../../src/core/media/codecs/flac.ts";
import { parseMp3Frame } from "../../../../src/core/media/codecs/mp3.ts";
import { parseOpusHead } from "../../../../src/core/media/codecs/opus.ts";
import { hex } from "../../amf/hex.ts";
import { bytesOf, mediaVectors } from "../vectors.ts";

/** The parser of each kind of vector, and how many bytes it needs. */
const PARSERS = {
  mp3: { parse: parseMp3Frame, least: () => 4 },
  ac3: { parse: parseAc3Frame, least: () => 8 },
  eac3: { parse: parseAc3Frame, least: () => 8 },
  flac: { parse: parseFlacConfig, least: (bytes: Uint8Array) => bytes.length },
  opus: { parse: parseOpusHead, least: () => 19 },
};

const vectors = mediaVectors<{ name: string; codec: keyof typeof PARSERS; hex: string }>(
  "audio",
  38,
);

test("headers cut short say nothing", () => {
  for (const { name, codec, hex: digits } of vectors) {
    const bytes = bytesOf(digits);
    const { parse, least } = PARSERS[codec];
    for (let end = 0; end < least(bytes); end++) {
      assert.equal(parse(bytes.subarray(0, end)), undefined, `${name}, ${end} bytes`);
    }
    assert.ok(parse(bytes.subarray(0, least(bytes))) !== undefined, name);
  }
});

test("headers without their mark say nothing", () => {
  for (const { name, codec, hex: digits } of vectors) {
    if (codec === "flac") continue; // which may come without one
    const bytes = bytesOf(digits);
    bytes[1]! ^= 0xf0;
    assert.equal(PARSERS[codec].parse(bytes), undefined, name);
  }
});

test("reserved values of MP3 say nothing", () => {
  assert.deepEqual(parseMp3Frame(hex("fffb9064")), { sampleRate: 44_100, channels: 2 });
  assert.equal(parseMp3Frame(hex("ffeb9064")), undefined, "version 1");
  assert.equal(parseMp3Frame(hex("fffd9064")), undefined, "layer II");
  assert.equal(parseMp3Frame(hex("fffb9c64")), undefined, "rate 3");
});

test("FLAC whose first block is no STREAMINFO says nothing", () => {
  const magic = bytesOf(vectors.find(({ name }) => name.startsWith("FLAC with its magic"))!.hex);
  // The block type, behind the bit that says it is the last block.
  magic[4] = 0x84;
  assert.equal(parseFlacConfig(magic), undefined);
  magic[4] = 0x80;
  assert.ok(parseFlacConfig(magic) !== undefined);
});

test("E-AC-3 has half rates, and a reserved one", () => {
  // syncword, size, fscod 3 and fscod2, acmod 2; bsid 16
  assert.deepEqual(parseAc3Frame(hex("0b77 0000 c4 80 0000")), { sampleRate: 24_000, channels: 2 });
  assert.deepEqual(parseAc3Frame(hex("0b77 0000 d4 80 0000")), { sampleRate: 22_050, channels: 2 });
  assert.deepEqual(parseAc3Frame(hex("0b77 0000 e5 80 0000")), { sampleRate: 16_000, channels: 3 });
  assert.equal(parseAc3Frame(hex("0b77 0000 f4 80 0000")), undefined);
});

test("AC-3 with the reserved rate says nothing", () => {
  assert.equal(parseAc3Frame(hex("0b77 0000 c0 40 4000")), undefined);
});

test("Opus without channels has a sample rate only", () => {
  const head = bytesOf(vectors.find(({ codec }) => codec === "opus")!.hex);
  head[9] = 0;
  assert.deepEqual(parseOpusHead(head), { sampleRate: 48_000, channels: undefined });
});
