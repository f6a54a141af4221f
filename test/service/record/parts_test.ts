/** The parts of recording by themselves: files under way, leftovers, who is kept, where an index has room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordedContext } from "../../../src/plugin/mod.ts";
import type { DiskWriter } from "../../../src/recordings/disk_writer.ts";
import type { MediaEntry, MediaFolder, MediaTarget } from "../../../src/recordings/folder.ts";
import type { RecordingFile, RecordingSink } from "../../../src/recordings/recording_file.ts";
import { Catalogue } from "../../../src/service/record/catalogue.ts";
import { type FileParts, FileUnderWay } from "../../../src/service/record/file_under_way.ts";
import { formatOf, FORMATS } from "../../../src/service/record/formats.ts";
import { mendLeftovers } from "../../../src/service/record/leftovers.ts";
import { ownPlan, plansOf, samePlan } from "../../../src/service/record/plan.ts";
import { Retained } from "../../../src/service/record/retained.ts";
import { sweep } from "../../../src/service/record/retention.ts";
import { StreamPatterns } from "../../../src/service/record/stream_patterns.ts";
import { AAC, AVC, key, META, Rig, sound } from "../../support/recorder_rig.ts";
import { settle } from "../../support/rtmp_service.ts";

/** A file under way whose disk does as it is told, and what was done with it. */
function fileUnderWay({ failed = false, finish = () => Promise.resolve("a.flv") } = {}) {
  const done: string[] = [];
  const told: unknown[] = [];
  const note = <T>(what: string, value: T) => {
    done.push(what);
    return value;
  };
  const target = {
    path: "a.flv",
    finish: (replace?: boolean) => note(`finish ${replace}`, finish()),
    leave: () => note("leave", Promise.reject(new Error("not even that"))),
  } as Partial<MediaTarget> as MediaTarget;
  const parts: FileParts = {
    target: Promise.resolve(target),
    writer: {
      ...{ failed, position: 1234, handed: 1000 },
      idle: () => note("idle", Promise.resolve()),
      flush: () => note("flush", undefined),
    } as Partial<DiskWriter> as DiskWriter,
    recording: {
      duration: 5000,
      finish: () => note("write the end", undefined),
      close: () => note("close", undefined),
      write: () => note("write", "taken" as const),
    } as Partial<RecordingFile> as RecordingFile,
    replace: true,
    onEnding: (ended) => note("ending", void told.push(ended)),
    onFinished: (file) => void told.push(file),
    onFailed: (error) => void told.push(String(error)),
    mend: () => note("mend", Promise.resolve({ duration: 4000, size: 999 })),
  };
  return { file: new FileUnderWay(parts), done, told };
}

test("a file ends with what it ends with, behind what waits, in its place, and once", async () => {
  const { file, done, told } = fileUnderWay();
  const { duration, bytes, handed, failed } = file;
  assert.deepEqual([duration, bytes, handed, failed], [5000, 1234, 1000, false]);
  file.flush();
  file.end("segment");
  const { ended } = file;
  file.end("stopped");
  assert.equal(file.ended, ended);
  assert.equal(told.shift(), ended);
  await ended;
  assert.deepEqual(done, ["flush", "write the end", "close", "idle", "ending", "finish true"]);
  assert.deepEqual(told, [{ path: "a.flv", duration: 5000, bytes: 1234, why: "segment" }]);
});

test("a file whose disk failed is mended, and says so; one that cannot be is left for the next start", async () => {
  const mended = fileUnderWay({ failed: true });
  mended.file.end("segment");
  await mended.file.ended;
  assert.deepEqual(mended.done, ["close", "idle", "ending", "mend", "finish true"]);
  assert.deepEqual(mended.told[1], { path: "a.flv", duration: 4000, bytes: 999, why: "disk" });
  const lost = fileUnderWay({ finish: () => Promise.reject(new Error("no room")) });
  lost.file.end("segment");
  await lost.file.ended;
  assert.deepEqual(lost.done.slice(-2), ["finish true", "leave"]);
  assert.deepEqual(lost.told.slice(1), ["Error: no room"], "what leaving says is of no use");
});

test("what a crash left is mended one after the other, until the server stops", async () => {
  const done: string[] = [];
  const faults: string[] = [];
  const told: RecordedContext[] = [];
  const leftover = (path: string, bytes: number | Error): MediaTarget =>
    ({
      path,
      discard: () => Promise.resolve(void done.push(`discard ${path}`)),
      leave: () => Promise.reject(new Error(String(done.push(`leave ${path}`)))),
      finish: (replace: boolean) => {
        done.push(`finish ${path} ${replace}`);
        return Promise.resolve(`mended/${path}`);
      },
      read: () => bytes instanceof Error ? Promise.reject(bytes) : Promise.resolve(undefined),
    }) as Partial<MediaTarget> as MediaTarget;
  const files = ["0.mp4", "1.mp4", "2.mp4", "3.mp4", "4.mp4"];
  const mended: Record<string, unknown> = {
    "0.mp4": { duration: 0, size: 0, modified: 0 },
    "1.mp4": { duration: 1500.4, size: 10, modified: 9000 },
    "2.mp4": new Error("broken"),
    "3.mp4": { duration: 99_000, size: 20, modified: 9000 },
  };
  const { mend } = FORMATS.mp4;
  const replace = (as: typeof mend) => Object.assign(FORMATS.mp4, { mend: as });
  replace(({ path }) => {
    const found = mended[path];
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found as never);
  });
  try {
    await mendLeftovers({
      folder: {
        async *leftovers(isOurs: (path: string) => boolean) {
          for (const path of ["notes.txt", ...files]) if (isOurs(path)) yield leftover(path, 1);
        },
      } as Partial<MediaFolder> as MediaFolder,
      plugins: { recorded: (context: RecordedContext) => void told.push(context) } as never,
      streamOf: (path) => ({ app: "live", name: path }),
      stopping: () => done.length === 4,
      onFault: (what, error) => void faults.push(`${what}: ${error}`),
    });
  } finally {
    replace(mend);
  }
  assert.deepEqual(done, [
    "discard 0.mp4",
    "finish 1.mp4 false",
    "leave 2.mp4",
    "finish 3.mp4 false",
  ]);
  assert.deepEqual(faults, ["2.mp4: Error: broken"]);
  const about = { app: "live", format: "mp4", tracks: [], reason: "crash" };
  assert.deepEqual(told, [
    {
      ...{ ...about, name: "mended/1.mp4", file: "mended/1.mp4" },
      ...{ start: 7500, durationMs: 1500.4, bytes: 10 },
    },
    {
      ...{ ...about, name: "mended/3.mp4", file: "mended/3.mp4" },
      ...{ start: 0, durationMs: 99_000, bytes: 20 },
    },
  ]);
});

test("a folder that cannot be looked through is a fault, and nothing else", async () => {
  const faults: string[] = [];
  await mendLeftovers({
    folder: {
      // deno-lint-ignore require-yield
      async *leftovers() {
        await settle();
        throw new Error("no such folder");
      },
    } as Partial<MediaFolder> as MediaFolder,
    plugins: undefined as never,
    streamOf: () => ({ app: "", name: "" }),
    stopping: () => false,
    onFault: (what, error) => void faults.push(`${what}: ${error}`),
  });
  assert.deepEqual(faults, ["mend: Error: no such folder"]);
});

test("ten thousand streams without a pattern are known, the latest ones", () => {
  const none = new StreamPatterns([]);
  const retained = new Retained(none, none);
  for (let index = 0; index < 10_000; index++) {
    retained.add({ app: "live", name: `s${index}` }, false);
  }
  assert.equal(retained.hasChanged, true);
  retained.hasChanged = false;
  retained.add({ app: "live", name: "s0" }, false);
  assert.equal(retained.hasChanged, false, "it was known");
  retained.add({ app: "live", name: "own" }, true);
  assert.equal(retained.hasChanged, true);
  assert.equal(retained.lines.length, 10_000);
  assert.equal(retained.lines.includes("live/s1/"), false, "the oldest");
  assert.deepEqual(retained.lines.slice(-2), ["live/s0/", "live/own"]);
  const next = new Retained(none, none);
  next.add({ app: "live", name: "s7" }, false);
  next.restore([...retained.lines, "more/than/that/"]);
  assert.equal(next.lines.length, 10_000);
  assert.deepEqual([next.lines[0], next.lines.at(-1)], ["live/s3/", "live/s7/"]);
});

test("a file is a recording of the stream whose folder or name it has", () => {
  const patterns = [["live/*"], ["own/*"]].map((list) => new StreamPatterns(list));
  const retained = new Retained(patterns[0]!, patterns[1]!);
  for (
    const [path, app, name] of [
      ["live/demo/1.flv", "live", "demo"],
      ["own/demo.flv", "own", "demo"],
      ["own/demo/1.flv", "own", "demo"],
      ["demo/1.flv", "", "demo"],
      ["1.flv", "", ""],
    ] as const
  ) assert.deepEqual(retained.streamOf(path), { app, name }, path);
  const has = (path: string) => retained.has(path);
  assert.deepEqual(
    ["live/demo/1.flv", "own/demo.mp4", "own/demo.txt", "other/demo/1.flv", "1.flv"].map(has),
    [true, true, false, false, false],
  );
  retained.add({ app: "other", name: "demo" }, false);
  retained.add({ app: "other", name: "mine" }, true);
  assert.deepEqual(
    ["other/demo/1.flv", "other/demo.flv", "other/mine.flv", "other/mine/1.flv"].map(has),
    [true, false, true, false],
  );
});

test("a file by itself is in no stream's folder, and a stream may have a short name", () => {
  const retained = new Retained(new StreamPatterns(["*"]), new StreamPatterns([]));
  assert.deepEqual(["1.flv", "a/1.flv", "a/b/1.flv"].map((path) => retained.has(path)), [
    false,
    true,
    false,
  ]);
});

test("so many files are looked at in one round of tidying, and so many are listed", async () => {
  const entry = (index: number): MediaEntry => ({
    ...{ path: `a/${index}.flv`, size: 1, modified: 1_000_000 - index },
  });
  let looked = 0;
  const removed: string[] = [];
  const folder = {
    async *list() {
      for (let index = 0; index < 100_010; index++) {
        looked++;
        yield entry(index);
      }
    },
    remove: (path: string) => Promise.resolve(removed.push(path) > 0),
  } as Partial<MediaFolder> as MediaFolder;
  const limits = { ageMs: Infinity, bytes: 99_999, count: Infinity };
  await sweep(folder, limits, 0, () => true);
  assert.deepEqual([looked, removed], [100_000, ["a/99999.flv"]]);
  looked = 0;
  const { finished } = await new Catalogue(folder, () => []).list();
  assert.deepEqual([looked, finished.length], [100_000, 100_000]);
});

test("an index has room for a key frame each half second, or for two hours of them", () => {
  const room = (segmentMs: number) => {
    let bytes = 0;
    const sink: RecordingSink = {
      ...{ position: 0, room: Infinity, fill() {}, release() {}, overwrite() {} },
      put: (part) => void (bytes += part.length),
      reserve: (size) => {
        bytes += size;
        return 0;
      },
    };
    const { flags, timestamp, ...frame } = key(0);
    FORMATS.flv.begin(sink, {
      ...{ headers: [META, AVC, AAC], segmentMs, count() {}, onProblem() {} },
    }).write({ ...frame, time: timestamp, key: flags !== 0, header: false });
    return bytes;
  };
  // An entry has two numbers of nine bytes.
  const least = room(500);
  assert.equal(room(501) - least, 18);
  assert.equal(room(10_000) - least, 18 * 19);
  assert.equal(room(0) - least, 18 * (3600 - 17));
  assert.equal(room(100 * 3_600_000), room(0));
});

test("formats are those of the names of files", () => {
  assert.deepEqual(["a.flv", "a.mp4", "a.ts", "flv"].map(formatOf), [
    "flv",
    "mp4",
    undefined,
    undefined,
  ]);
});

test("a plan is the same where its files are the same", () => {
  const settings = { format: "flv", file: "{number}", segmentMs: 5, segmentBytes: 6 } as const;
  const [plan] = plansOf(settings, "settings");
  assert.deepEqual(plan, { source: "settings", ...settings });
  const also = (more: object) => samePlan(plan!, { ...plan!, ...more });
  assert.equal(also({ source: "api" }), true);
  for (
    const more of [
      { format: "mp4" },
      { file: "{name}" },
      { segmentMs: 6 },
      { segmentBytes: 7 },
      { own: "record" },
    ]
  ) assert.equal(also(more), false, JSON.stringify(more));
  assert.equal(samePlan(ownPlan("record"), ownPlan("append")), true);
  assert.deepEqual(ownPlan("append"), {
    ...{ source: "publisher", format: "flv", file: "{name}", own: "append" },
    ...{ segmentMs: 0, segmentBytes: 0 },
  });
  assert.deepEqual(
    plansOf(settings, "plugin", { format: ["mp4", "mp4"], segmentMs: 0 }).map((one) => one.format),
    ["mp4"],
  );
});

test("of sound before a key frame the latest is kept, as it was when it came", async () => {
  await using rig = new Rig();
  for (let time = 4900; time < 5000; time++) {
    const lent = sound(time);
    rig.feed(lent);
    lent.payload.fill(0);
  }
  rig.feed(key(5000));
  await rig.end();
  const { tags } = rig.read("1.flv");
  assert.deepEqual([tags[2], tags[3], tags.at(-1)], ["sound 0", "sound 1", "picture key 64"]);
});

test("sound that a file began with does not begin the next one", async () => {
  await using rig = new Rig({ segmentMs: 100 });
  rig.feed(sound(990), key(1000), key(1100));
  await rig.end();
  const [one, two] = ["1.flv", "2.flv"].map((name) => rig.read(name).tags.slice(2));
  assert.deepEqual([one, two], [["sound 0", "picture key 10"], ["picture key 0"]]);
});

test("sound waits for a key frame anew once another publisher has come", async () => {
  await using rig = new Rig();
  rig.feed(sound(0));
  rig.recorder.onPublish();
  rig.feed(sound(9000), sound(10_000), sound(18_999));
  assert.equal(rig.recorder.file, undefined);
  rig.feed(sound(19_000));
  assert.notEqual(rig.recorder.file, undefined);
});
