/** Files of MP4 that are opened, sought in and played: made by ffmpeg of clips whose messages are known. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  isHeader,
  type PlayedMessage,
  type PlayedPlace,
} from "../../src/recordings/played_file.ts";
import { Mp4File } from "../../src/recordings/mp4_file.ts";
import { decodeAmf0 } from "../../src/core/amf/mod.ts";
import { asRecord } from "../../src/core/amf/value.ts";
import { clip, type ClipName } from "../support/clips.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { BytesSource } from "../support/media_source.ts";
import { flvTags } from "../support/mux.ts";
import { playedFrom, PlayedMessages } from "../support/played.ts";
import { TestProcess } from "../support/process.ts";

const FRAGMENTED = ["-movflags", "frag_keyframe+empty_moov+delay_moov+default_base_moof"];

/** How ffmpeg writes it. */
const MANNERS: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  faststart: ["-movflags", "faststart"],
  fragmented: FRAGMENTED,
  "fragmented without an index": [FRAGMENTED[0]!, `${FRAGMENTED[1]}+skip_trailer`],
  "fragmented within GOPs": ["-movflags", "empty_moov+delay_moov", "-frag_duration", "200000"],
};

let folder: string;
before(() => void (folder = mkdtempSync(join(tmpdir(), "sluice-mp4-file-"))));
after(() => rmSync(folder, { recursive: true }));

async function made(name: ClipName, manner: string): Promise<Uint8Array> {
  const path = join(folder, `${name}.mp4`);
  const how = MANNERS[manner]!;
  await using ffmpeg = new TestProcess(FFMPEG, [
    ...["-v", "error", "-y", "-i", await clip(name), "-c", "copy", ...how, path],
  ]);
  assert.equal((await ffmpeg.ended()).code, 0);
  return new Uint8Array(readFileSync(path));
}

async function opened(bytes: Uint8Array): Promise<Mp4File> {
  const file = await Mp4File.open(new BytesSource(bytes, "live/demo.mp4"));
  assert.ok(file instanceof Mp4File, String(file));
  return file;
}

async function played(file: Mp4File, place?: PlayedPlace): Promise<PlayedMessage[]> {
  return await playedFrom(file, place ?? await file.place(0));
}

/** Media without headers, of one kind, as time and bytes. */
function mediaOf(messages: readonly PlayedMessage[], kind: number): [number, string][] {
  return messages.filter((message) => message.kind === kind && !isHeader(message.media))
    .map(({ time, payload }) => [time, hash(payload)]);
}

function hash(bytes: Uint8Array): string {
  return `${bytes.length} ${bytes.reduce((sum, byte) => Math.imul(sum, 31) + byte | 0, 7)}`;
}

for (const name of ["bframes", "audio", "video"] as const) {
  for (const manner of Object.keys(MANNERS)) {
    test(`every message of ${name} comes back from a file that is ${manner}`, async () => {
      const file = await opened(await made(name, manner));
      const tags = flvTags(await clip(name)).filter(({ type, body }) =>
        type === 9 ? body[1] === 1 : type === 8 && body[1] === 1
      );
      const all = await played(file);
      for (const kind of [8, 9]) {
        const wanted = tags.filter(({ type }) => type === kind);
        const got = mediaOf(all, kind);
        assert.deepEqual(got.map(([, text]) => text), wanted.map(({ body }) => hash(body)));
        for (const [index, [time]] of got.entries()) {
          const distance = time - (wanted[index]!.timestamp - tags[0]!.timestamp);
          // Sound that begins before time 0 is cut by an edit, and whole milliseconds are rounded again.
          assert.ok(Math.abs(distance) <= 24, `${kind} ${index}: ${distance} ms`);
        }
      }
      const times = all.map(({ time }) => time);
      assert.ok(times.every((time, index) => index === 0 || time >= times[index - 1]! - 250));
      assert.ok(Math.abs(file.duration - Math.max(...times)) <= 1, `${file.duration}`);
      const headers = (await file.place(0)).headers.map(({ payload }) => hash(payload));
      const known = flvTags(await clip(name)).filter(({ type, body }) =>
        type !== 18 && body[1] === 0
      );
      assert.deepEqual(headers.toSorted(), known.map(({ body }) => hash(body)).toSorted());
    });
  }
}

for (const manner of Object.keys(MANNERS)) {
  test(`a place is the last key frame at or before its time: ${manner}`, async () => {
    const file = await opened(await made("bframes", manner));
    const whole = await played(file);
    const keys = whole.filter(({ kind, media }) => kind === 9 && (media & 1) !== 0);
    assert.equal(keys.length, 2);
    for (const asked of [1, 500, keys[1]!.time - 1, keys[1]!.time, 1500, 1e12]) {
      const place = await file.place(asked);
      const key = keys.findLast(({ time }) => time <= asked)!;
      assert.equal(place.time, key.time, `${asked}`);
      const [first, ...rest] = await played(file, place);
      assert.deepEqual(first, key);
      assert.equal(
        rest.length,
        whole.length - whole.findIndex((one) => one.time === key.time && one.kind === 9) - 1,
      );
    }
  });
}

test("the metadata says what there is, the same each time", async () => {
  const bytes = await made("av", "plain");
  const file = await opened(bytes);
  const [handler, members] = decodeAmf0(file.metadata);
  assert.equal(handler, "onMetaData");
  const said = asRecord(members)!;
  assert.deepEqual(
    ["width", "height", "videocodecid", "audiocodecid", "audiosamplerate", "audiochannels"]
      .map((name) => said.get(name)),
    [320, 240, 7, 10, 44100, 2],
  );
  assert.equal(said.get("duration"), file.duration / 1000);
  assert.deepEqual((await opened(bytes)).metadata, file.metadata);
});

test("a file that is cut plays up to its last whole sample, or is damaged", async () => {
  const bytes = await made("av", "fragmented");
  for (const share of [0.2, 0.5, 0.8, 0.97]) {
    const file = await opened(bytes.slice(0, Math.floor(bytes.length * share)));
    const whole = await played(await opened(bytes));
    const some = await played(file);
    assert.ok(some.length > 0 && some.length < whole.length);
    const texts = new Set(whole.map(({ payload }) => hash(payload)));
    assert.ok(some.every(({ payload }) => texts.has(hash(payload))));
  }
  const plain = await made("av", "plain");
  assert.equal(await Mp4File.open(new BytesSource(plain.slice(0, 9000), "a.mp4")), "damaged");
});

test("a file under way plays as far as it goes, and on as it grows, fragment by fragment", async () => {
  const bytes = await made("av", "fragmented");
  const source = new BytesSource(bytes.slice(0, bytes.length * 0.6), "live/demo.mp4");
  let grows = true;
  const file = await Mp4File.open(source, () => grows);
  assert.ok(file instanceof Mp4File, String(file));
  assert.ok(file.duration < 1100, `${file.duration}`);
  const messages = new PlayedMessages(file, await file.place(0));
  const some = await messages.rest();
  source.bytes = bytes;
  await file.measure();
  assert.ok(file.duration > 1900, `${file.duration}`);
  assert.ok((await file.place(1500)).time >= 900);
  grows = false;
  const all = [...some, ...await messages.rest()];
  assert.ok(some.length > 0 && some.length < all.length);
  assert.deepEqual(all, await played(await opened(bytes)));
});
