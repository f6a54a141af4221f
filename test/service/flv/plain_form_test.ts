/** The form that players in web pages read, made of what encoders publish. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainForm } from "../../../src/service/flv/plain_form.ts";
import { ENHANCED_NAMES, enhancedMedia } from "../../support/enhanced.ts";
import { FlvRig } from "../../support/flv_rig.ts";
import { settle } from "../../support/rtmp_service.ts";

const bytes = (...parts: (number | string)[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [...new TextEncoder().encode(part)]
    ),
  );

const form = new PlainForm();

test("H.264 and AAC get their old headers, and what is in them stays", () => {
  for (
    const [from, to] of [
      [bytes(0x90, "avc1", 1, 2, 3), bytes(0x17, 0, 0, 0, 0, 1, 2, 3)],
      [bytes(0x91, "avc1", 0, 0, 40, 9, 9), bytes(0x17, 1, 0, 0, 40, 9, 9)],
      [bytes(0xa3, "avc1", 9, 9), bytes(0x27, 1, 0, 0, 0, 9, 9)],
      [bytes(0xb3, "avc1", 9), bytes(0x37, 1, 0, 0, 0, 9)],
      [bytes(0x92, "avc1"), bytes(0x17, 2, 0, 0, 0)],
    ] as const
  ) assert.deepEqual(form.video(from), to);
  assert.deepEqual(form.audio(bytes(0x90, "mp4a", 0x12, 0x10)), bytes(0xaf, 0, 0x12, 0x10));
  assert.deepEqual(form.audio(bytes(0x91, "mp4a", 5, 6)), bytes(0xaf, 1, 5, 6));
});

test("other codecs stay as they are, and lose their extensions", () => {
  for (
    const payload of [bytes(0x91, "hvc1", 0, 0, 0, 1), bytes(0xa1, "av01", 7), bytes(0x17, 1, 0)]
  ) {
    assert.equal(form.video(payload), payload, "without a copy");
  }
  for (const payload of [bytes(0x91, "Opus", 7), bytes(0xaf, 1, 7), bytes(0x2f, 7)]) {
    assert.equal(form.audio(payload), payload);
  }
  // Three bytes of nanoseconds in front of coded frames.
  const extended = bytes(0xa7, 2, 0, 1, 2, 0x01, "hvc1", 0, 0, 0, 5);
  assert.deepEqual(form.video(extended), bytes(0xa1, "hvc1", 0, 0, 0, 5));
  const avc = bytes(0x97, 2, 0, 1, 2, 0x03, "avc1", 5);
  assert.deepEqual(form.video(avc), bytes(0x17, 1, 0, 0, 0, 5));
  assert.deepEqual(form.audio(bytes(0x97, 2, 0, 1, 2, 0x01, "Opus", 5)), bytes(0x91, "Opus", 5));
});

test("what such players end at is left out", () => {
  for (
    const payload of [
      bytes(0x84, "hvc1", 2),
      bytes(0xd4, "av01", 2),
      bytes(0x95, "av01", 2),
      bytes(0xd0, 0),
      bytes(0x57, 0),
      bytes(0x91, "hv"),
      bytes(0x97, 200),
      bytes(),
    ]
  ) assert.equal(form.video(payload).length, 0, String(payload));
  for (const payload of [bytes(0x94, "Opus", 1, 2), bytes(0x91, "Op"), bytes(0x97)]) {
    assert.equal(form.audio(payload).length, 0, String(payload));
  }
});

/** Whether mpegts.js 1.8 goes on behind a tag, as its demuxer says, whatever codec it can show. */
function goesOn(type: number, body: Uint8Array): boolean {
  const [first = 0, second = 0] = body;
  const fourCc = new TextDecoder().decode(body.subarray(1, 5));
  if (type === 9 && first >= 0x80) return fourCc !== "avc1" && (first & 15) <= 3;
  if (type === 9) return (first & 15) !== 7 || second <= 2;
  return first >> 4 !== 9 || (fourCc !== "mp4a" && (first & 15) <= 2);
}

for (const name of ENHANCED_NAMES) {
  test(`of what an encoder sent a player in a page gets one track that it reads: ${name}`, async () => {
    const rig = new FlvRig();
    const publisher = rig.publisher();
    const [plain, enhanced] = [
      rig.ask("/live/test.flv"),
      rig.ask("/live/test.flv?enhanced=1"),
    ];
    await settle();
    const media = enhancedMedia(name);
    const cut = Math.min(40, media.length >> 1);
    for (const { type, timestamp, payload } of media.slice(0, cut)) {
      publisher.message(type, 1, timestamp, payload);
    }
    const [page, reader] = [await plain.opened(), await enhanced.opened()];
    for (const { type, timestamp, payload } of media.slice(cut)) {
      publisher.message(type, 1, timestamp, payload);
    }
    rig.clock.advance(1500);
    publisher.command(1, "deleteStream", 0, null, 1);
    await settle();
    const { tags } = page.reader;
    assert.ok(tags.length > 10, `${tags.length} tags`);
    for (const { type, body } of tags) assert.ok(type === 18 || goesOn(type, body), `${body[0]}`);
    assert.ok(reader.reader.tags.length >= tags.length);
    // As published: every message of before that is not empty.
    const last = media.findLast(({ payload }) => payload.length > 0)!;
    assert.deepEqual(reader.reader.tags.at(-1)!.body, last.payload);
  });
}
