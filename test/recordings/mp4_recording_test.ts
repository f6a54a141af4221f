/** Recordings as MP4: made of a real clip, read back by ffmpeg. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { audioFlags, MediaFlag, videoFlags } from "../../src/core/media/mod.ts";
import { mendMp4 } from "../../src/recordings/mend_mp4.ts";
import { Mp4Recording } from "../../src/recordings/mp4_recording.ts";
import type { RecordedMessage } from "../../src/recordings/recording_file.ts";
import { MediaFiles } from "../../src/storage/media_files.ts";
import { clip, type ClipName } from "../support/clips.ts";
import { Decoder, framesOf } from "../support/ffmpeg.ts";
import { FlvReader } from "../support/flv_reader.ts";
import { MemoryFile } from "../support/memory_file.ts";

async function messagesOf(name: ClipName): Promise<RecordedMessage[]> {
  const reader = new FlvReader();
  reader.add(new Uint8Array(readFileSync(await clip(name))));
  return reader.tags.map(({ type: kind, timestamp: time, body: payload }) => {
    const flags = kind === 9 ? videoFlags(payload) : kind === 8 ? audioFlags(payload) : 0;
    const header = kind === 18 || (flags & MediaFlag.SequenceHeader) !== 0;
    return { kind, time, payload, header, key: (flags & MediaFlag.Key) !== 0 };
  });
}

function record(messages: readonly RecordedMessage[], sink = new MemoryFile()) {
  const problems: string[] = [];
  const recording = new Mp4Recording(sink, ({ problem }) => problems.push(problem));
  const answers = messages.map((message) => recording.write(message));
  return { sink, recording, problems, answers };
}

/** Runs `use` with a path of a file of these bytes. */
async function asFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-mp4-"));
  try {
    writeFileSync(join(folder, "a.mp4"), bytes);
    return await use(join(folder, "a.mp4"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (
  const [name, ...tracks] of [["av", "v", "a"], ["bframes", "v"], ["audio", "a"]] as const
) {
  test(`ffmpeg reads from it every frame that went in: ${name}`, async () => {
    const { sink, recording, answers, problems } = record(await messagesOf(name));
    recording.finish();
    assert.ok(answers.every((answer) => answer === "taken"));
    assert.deepEqual(problems, []);
    await asFile(sink.bytes, async (path) => {
      for (const track of tracks) {
        const played = await new Decoder(path, track).frames();
        const source = await framesOf(await clip(name), track);
        assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
      }
    });
  });
}

test("a file that ends anywhere is cut behind its last whole fragment, and plays", async () => {
  const { sink, recording } = record(await messagesOf("av"));
  recording.finish();
  const { bytes } = sink;
  const folder = mkdtempSync(join(tmpdir(), "sluice-mp4-"));
  try {
    const sizes = new Set<number>();
    const cuts = Array.from({ length: 40 }, (_, index) => Math.floor(index * bytes.length / 40));
    for (const cut of [...cuts, bytes.length - 4, bytes.length]) {
      writeFileSync(join(folder, ".a.mp4.part"), bytes.subarray(0, cut));
      for await (const target of new MediaFiles(folder).leftovers(() => true)) {
        const { size } = await mendMp4(target);
        sizes.add(size);
        if (size === 0) await target.discard();
        else await target.finish(true);
        if (size > 0) assert.equal(readFileSync(join(folder, "a.mp4")).length, size);
        if (size === bytes.length) {
          assert.deepEqual(
            new Uint8Array(readFileSync(join(folder, "a.mp4"))),
            bytes,
            "as finished",
          );
        }
      }
    }
    const [none, first, second, ...more] = [...sizes].sort((a, b) => a - b);
    assert.deepEqual([none, more], [0, []]);
    assert.ok(first! < second!);
    writeFileSync(join(folder, ".a.mp4.part"), bytes.subarray(0, bytes.length * 0.6));
    for await (const target of new MediaFiles(folder).leftovers(() => true)) {
      assert.deepEqual((await mendMp4(target)).size, first);
      await target.finish(true);
    }
    const mended = new Uint8Array(readFileSync(join(folder, "a.mp4")));
    assert.equal(mended.length, first);
    await asFile(mended, async (path) => {
      assert.equal((await new Decoder(path).frames()).length, 25);
    });
    await asFile(bytes.subarray(0, second), async (path) => {
      assert.equal((await new Decoder(path).frames()).length, 50);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("media that waits for its fragment is counted, and given back", async () => {
  let held = 0;
  let most = 0;
  const count = (bytes: number) => most = Math.max(most, held += bytes);
  const sink = new MemoryFile();
  const recording = new Mp4Recording(sink, () => {}, count);
  for (const message of await messagesOf("av")) recording.write(message);
  assert.ok(held > 0 && most < sink.bytes.length, `${held} of ${most}`);
  recording.finish();
  recording.close();
  assert.equal(held, 0);
});

test("a header that is repeated changes nothing, another one needs another file", async () => {
  const messages = await messagesOf("av");
  const header = messages.find(({ kind, header }) => kind === 9 && header)!;
  const { recording } = record(messages);
  assert.equal(recording.write({ ...header, time: 2000 }), "taken");
  const payload = header.payload.slice();
  payload[payload.length - 1]! ^= 1;
  assert.equal(recording.write({ ...header, time: 2000, payload }), "other-file");
});

test("where the disk is behind messages are left out before they are taken, and the rest plays", async () => {
  const messages = await messagesOf("av");
  const sink = new MemoryFile();
  const { recording } = record([], sink);
  let full = 0;
  for (const message of messages) {
    sink.isFull = message.time >= 300 && message.time < 1000;
    if (recording.write(message) === "full") full++;
  }
  sink.isFull = false;
  recording.finish();
  assert.ok(full > 30, String(full));
  await asFile(sink.bytes, async (path) => {
    assert.ok((await new Decoder(path).frames()).length >= 25);
  });
});

test("without media there is no file, data is passed over, and what MP4 cannot hold is told of", () => {
  const data = { kind: 18, time: 0, payload: Uint8Array.of(2), key: false, header: true };
  const { sink, recording, answers } = record([data]);
  recording.finish();
  assert.deepEqual([answers, sink.bytes.length], [["taken"], 0]);
  const speex = { kind: 8, time: 0, payload: Uint8Array.of(0xb6, 1, 2), key: false, header: false };
  assert.equal(record([speex, speex]).problems.length, 1);
});
