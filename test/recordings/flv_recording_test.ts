/** What is written into a file of FLV besides the messages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FlvReader } from "../../src/core/flv/reader.ts";
import { FlvRecording } from "../../src/recordings/flv_recording.ts";
import { HEADERS, media, type Tag } from "../support/flv_files.ts";
import { VIDEO_HEADER } from "../support/media.ts";
import { MemoryFile } from "../support/memory_file.ts";

function record(file: FlvRecording, tags: readonly Tag[]): string[] {
  return tags.map(([kind, time, payload]) =>
    file.write({
      ...{ kind, time, payload, header: kind !== 18 && payload[1] === 0 },
      key: kind === 9 && payload[0] === 0x17 && payload[1] === 1,
    })
  );
}

/** Pictures of a file: `H` and `h` for the two headers, `K` for key frames, `p` for others. */
function pictures({ bytes }: MemoryFile): string {
  const reader = new FlvReader();
  reader.add(bytes);
  let text = "";
  for (let tag = reader.next(); tag !== undefined; tag = reader.next()) {
    const { type, body } = tag;
    if (type !== 9) continue;
    if (body[1] === 0) text += body[8] === VIDEO_HEADER[8] ? "H" : "h";
    else text += body[0] === 0x17 ? "K" : "p";
  }
  return text.replaceAll(/p+/g, "p");
}

const OPTIONS = { hasAudio: true, hasVideo: true, indexEntries: 100 };
const OTHER: Tag = [9, 6000, VIDEO_HEADER.with(8, VIDEO_HEADER[8]! ^ 1)];

test("behind a change of headers each key frame has those that hold in front of it", () => {
  const sink = new MemoryFile();
  const file = new FlvRecording(sink, OPTIONS);
  record(file, [...HEADERS, ...media(6), OTHER, ...media(6, 6000)]);
  file.finish();
  assert.equal(pictures(sink), "HKpKpKphKphKphKp");
});

test("headers that are said again are no change", () => {
  const sink = new MemoryFile();
  const file = new FlvRecording(sink, OPTIONS);
  record(file, [...HEADERS, ...media(4), ...HEADERS, ...media(4, 4000)]);
  file.finish();
  assert.equal(pictures(sink), "HKpKpHKpKp");
});

test("where the disk has no room for headers the key frame is left out with them", () => {
  const sink = new MemoryFile();
  const file = new FlvRecording(sink, OPTIONS);
  record(file, [...HEADERS, ...media(2), OTHER, ...media(2, 2000)]);
  const full = new MemoryFile(sink.position + 40);
  const other = new FlvRecording(full, OPTIONS);
  const written = record(other, [
    ...[...HEADERS, ...media(2), OTHER, ...media(2, 2000), ...media(1, 4000)],
  ]);
  assert.ok(written.includes("full"));
  assert.equal(pictures(full), "HKphKp");
});
