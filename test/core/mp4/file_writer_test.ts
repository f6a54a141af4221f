import assert from "node:assert/strict";
import { test } from "node:test";
import { Mp4FileWriter } from "../../../src/core/mp4/mod.ts";
import type { Sample } from "../../../src/core/samples/mod.ts";
import { MemoryFile } from "../../support/memory_file.ts";
import { AAC_LC, AVC } from "../samples/formats.ts";

const VIDEO = { id: 1, format: AVC };
const AUDIO = { id: 2, format: { ...AAC_LC, timescale: 1000 } };

function picture(ms: number, key: boolean, length = 10): Sample {
  return { dts: ms * 90, duration: 3600, composition: 0, key, data: new Uint8Array(length) };
}

function sound(ms: number, length = 10): Sample {
  return { dts: ms, duration: 20, composition: 0, key: true, data: new Uint8Array(length) };
}

/** The boxes of a file. */
function boxesOf(bytes: Uint8Array): { readonly type: string; readonly body: DataView }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const boxes = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    boxes.push({ type, body: new DataView(bytes.buffer, bytes.byteOffset + at) });
  }
  return boxes;
}

/** Of each fragment that is whole its number, and of its tracks the first decode time and how many samples. */
function fragmentsOf({ bytes, released }: MemoryFile): string[] {
  return boxesOf(bytes.subarray(0, released)).filter(({ type }) => type === "moof").map(
    ({ body }) => {
      const found: string[] = [];
      for (let at = 24; at < body.getUint32(0); at += body.getUint32(at)) {
        found.push(
          `${body.getUint32(at + 20)}: ${body.getUint32(at + 40)} ${body.getUint32(at + 56)}`,
        );
      }
      return `${body.getUint32(20)} | ${found.join(" | ")}`;
    },
  );
}

/** Takes a picture as a stream brings it: its bytes first, and its sample with the next one. */
class Pictures {
  readonly #writer: Mp4FileWriter;
  #last: Sample | undefined;

  constructor(writer: Mp4FileWriter) {
    this.#writer = writer;
  }

  take(sample: Sample): void {
    const { length } = sample.data;
    assert.ok(this.#writer.take(1, sample.data, sample.key));
    if (this.#last !== undefined) this.#writer.push(1, this.#last);
    this.#last = { ...sample, data: new Uint8Array(0), size: length };
  }

  end(): void {
    if (this.#last !== undefined) this.#writer.push(1, this.#last);
  }
}

test("a fragment is from one key frame to the next, with the sound of that time", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([VIDEO, AUDIO], file, { baseMs: 1000 });
  writer.push(2, sound(990)); // before the beginning
  writer.push(1, picture(1000, true));
  writer.push(2, sound(1010));
  writer.push(1, picture(1040, false));
  for (const ms of [1060, 1080]) writer.push(2, sound(ms));
  assert.equal(writer.heldBytes, 30, "sound waits for its fragment");
  assert.deepEqual(fragmentsOf(file), []);
  writer.push(1, picture(1080, true));
  assert.deepEqual(fragmentsOf(file), ["1 | 1: 0 2 | 2: 10 3"]);
  assert.equal(writer.heldBytes, 0);
  assert.equal(writer.durationMs, 100);
  writer.push(2, sound(1100));
  writer.finish();
  assert.equal(writer.durationMs, 120);
  file.released = file.position;
  assert.deepEqual(fragmentsOf(file).slice(1), ["2 | 1: 7200 1 | 2: 100 1"]);
});

test("pictures are in the file as soon as they come, behind room for what is known later", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([VIDEO, AUDIO], file);
  const pictures = new Pictures(writer);
  const head = file.position;
  const data = (value: number) => new Uint8Array(10).fill(value);
  pictures.take({ ...picture(0, true), data: data(1) });
  pictures.take({ ...picture(40, false), data: data(2) });
  writer.push(2, { ...sound(10), data: data(3) });
  assert.deepEqual([...file.bytes.subarray(-20)], [...data(1), ...data(2)]);
  pictures.take({ ...picture(90, true), data: data(4) });
  assert.deepEqual(fragmentsOf(file), ["1 | 1: 0 2 | 2: 10 1"], "without the third");
  const [moof, mdat] = boxesOf(file.bytes.subarray(head, file.released));
  const media = mdat!.body.getUint32(0) - 8;
  assert.ok(media >= 30);
  const place = moof!.body.getUint32(24 + 60);
  assert.deepEqual(
    [...file.bytes.subarray(head + place, head + place + 30)],
    [...data(1), ...data(2), ...data(3)],
  );
  // Until the next one, and as long as it says.
  assert.deepEqual([moof!.body.getUint32(24 + 64), moof!.body.getUint32(24 + 80)], [3600, 3600]);
  pictures.end();
  writer.finish();
  file.released = file.position;
  assert.equal(fragmentsOf(file)[1], "2 | 1: 8100 1");
});

test("a fragment that gets too long or too large is cut before the next key frame", () => {
  const long = new MemoryFile();
  const writer = new Mp4FileWriter([VIDEO], long, { maxFragmentMs: 100 });
  for (const ms of [0, 40, 80, 99, 100, 140]) writer.push(1, picture(ms, ms === 0));
  assert.deepEqual(fragmentsOf(long), ["1 | 1: 0 4"]);

  const file = new MemoryFile();
  const large = new Mp4FileWriter([VIDEO, AUDIO], file, { maxFragmentBytes: 100 });
  large.push(1, picture(0, true, 60));
  large.push(2, sound(0, 40));
  assert.deepEqual(fragmentsOf(file), []);
  large.push(1, picture(40, false, 1));
  assert.deepEqual(fragmentsOf(file), ["1 | 1: 0 1 | 2: 0 1"]);
  // One that is larger by itself is a fragment of its own.
  large.push(1, picture(80, false, 500));
  large.push(1, picture(120, false, 1));
  assert.deepEqual(fragmentsOf(file).slice(1), ["2 | 1: 3600 1", "3 | 1: 7200 1"]);
});

test("a group of pictures of half a minute is split each ten seconds, and found by its key frame", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([VIDEO, AUDIO], file);
  const pictures = new Pictures(writer);
  for (let ms = 0; ms < 30_000; ms += 40) {
    pictures.take(picture(ms, ms === 0));
    writer.push(2, sound(ms));
  }
  pictures.end();
  const patches = writer.finish();
  file.released = file.position;
  const numbers = fragmentsOf(file);
  assert.ok(numbers.length >= 3, numbers.join());
  for (const { position, bytes } of patches) file.overwrite(bytes, position);
  const sidx = boxesOf(file.bytes).find(({ type }) => type === "sidx")!.body;
  assert.equal(sidx.getUint16(38), 1, "references");
  const mfra = boxesOf(file.bytes).at(-1)!.body;
  assert.equal(mfra.getUint32(8 + 20), 1, "places to start at");
});

test("a head has room for as many samples as there are, and what does not fit goes into the next one", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([VIDEO, AUDIO], file);
  for (let ms = 0; ms < 2000; ms += 2) {
    writer.push(2, sound(ms, 1));
    if (ms % 1000 === 0) writer.push(1, picture(ms, true));
  }
  writer.finish();
  file.released = file.position;
  const counts = fragmentsOf(file).map((one) => one.split(" | 2: ")[1]?.split(" ")[1] ?? "0");
  assert.equal(counts.reduce((sum, count) => sum + Number(count), 0), 1000, counts.join());
});

test("a file of sound alone has a fragment for each second", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([AUDIO], file);
  for (let ms = 0; ms <= 2000; ms += 20) writer.push(2, sound(ms));
  assert.deepEqual(fragmentsOf(file), ["1 | 2: 0 50", "2 | 2: 1000 50"]);
});

test("samples of tracks that the file does not have are left out, and a file may have none at all", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([VIDEO], file, { references: 2 });
  const head = file.position;
  writer.push(9, sound(0));
  assert.equal(writer.take(9, new Uint8Array(1), true), false);
  assert.equal(writer.heldBytes, 0);
  const patches = writer.finish();
  assert.equal(boxesOf(file.bytes.subarray(head))[0]!.type, "mfra");
  for (const { position, bytes } of patches) assert.ok(position + bytes.length <= head);
});

test("the length and the index are written into the beginning, and nothing moves", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([VIDEO, AUDIO], file, { references: 3 });
  const head = file.position;
  for (let ms = 0; ms < 400; ms += 40) writer.push(1, picture(ms, ms % 80 === 0));
  const patches = writer.finish();
  const before = file.bytes.slice();
  for (const { position, bytes } of patches) file.overwrite(bytes, position);
  const types = boxesOf(file.bytes).map(({ type }) => type);
  const fragments = new Array(5).fill(["moof", "mdat"]).flat();
  assert.deepEqual(types, ["ftyp", "moov", "sidx", "free", ...fragments, "mfra"]);
  assert.deepEqual(file.bytes.subarray(head), before.subarray(head));
  const mehd = patches[0]!;
  assert.equal(new DataView(mehd.bytes.buffer).getUint32(4), 400);
});

test("of several tracks of pictures the first one says where fragments begin", () => {
  const file = new MemoryFile();
  const writer = new Mp4FileWriter([AUDIO, VIDEO, { ...VIDEO, id: 3 }], file);
  for (const ms of [0, 40, 80]) {
    writer.push(1, picture(ms, ms === 80));
    writer.push(3, picture(ms, true));
  }
  assert.equal(writer.heldBytes, 10, "the other one waits for a fragment");
  assert.deepEqual(fragmentsOf(file), ["1 | 1: 0 2 | 3: 0 2"]);
});
