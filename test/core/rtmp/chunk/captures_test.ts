import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import { decodeEveryWay, decodeSegments } from "./harness.ts";

/** C0 C1 C2, or S0 S1 S2. */
const HANDSHAKE_LENGTH = 1 + 1536 + 1536;

const vectors = new URL("../../../vectors/", import.meta.url);

/** The capture behind its handshake. */
function capture(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`rtmp/${file}`, vectors))).subarray(HANDSHAKE_LENGTH);
}

/** Captures that go on behind the handshake. */
const files = readdirSync(new URL("rtmp/", vectors))
  .filter((file) => /\.(c2s|s2c)\.bin$/.test(file) && capture(file).length > 0);

/** What Wireshark's dissector finds, by capture; see test/vectors/chunk/README.md. */
const dissected = new Map(
  readFileSync(new URL("chunk/wireshark.txt", vectors), "utf8").split(/^# /m).slice(1).map(
    (section) => {
      const [name, ...lines] = section.trimEnd().split("\n");
      return [`${name}.bin`, lines];
    },
  ),
);

test("there are captures to decode", () => {
  assert.ok(files.length >= 22, `${files.length} captures`);
});

for (const file of files) {
  test(`${file} decodes to the same messages however it is cut`, () => {
    const input = capture(file);
    const seen = decodeEveryWay(input);
    assert.ok(seen.length > 0);
    const decoder = new ChunkDecoder();
    decodeSegments(decoder, [input]);
    assert.equal(decoder.discardedMessages, 0);
    if (file.includes(".c2s.")) {
      const first = seen.find(({ type }) => type === 20);
      assert.ok(first?.payload.startsWith("020007636f6e6e656374"), "the first command is connect");
    }
  });
}

for (const [file, lines] of dissected) {
  test(`${file} holds the messages that Wireshark finds`, () => {
    const seen = decodeEveryWay(capture(file));
    const found = seen.map((message, i) => {
      const { chunkStreamId, type, timestamp, messageStreamId } = message;
      const row = [chunkStreamId, type, timestamp, message.payload.length / 2, messageStreamId];
      // Wireshark leaves out what the chunk header leaves out.
      const shown = (lines[i] ?? "").split(" ");
      return row.map((value, column) => shown[column] === "-" ? "-" : value).join(" ");
    });
    assert.deepEqual(found, lines);
  });
}
