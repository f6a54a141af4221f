/** How streams are recorded: plans, and which files of the folder are recordings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaEntry, MediaFolder, MediaSource } from "../../../src/recordings/folder.ts";
import { Catalogue } from "../../../src/service/record/catalogue.ts";
import { formatOf, FORMATS } from "../../../src/service/record/formats.ts";
import { ownPlan, plansOf, samePlan } from "../../../src/service/record/plan.ts";
import { Retained } from "../../../src/service/record/retained.ts";
import { StreamPatterns } from "../../../src/service/record/stream_patterns.ts";
import type { StreamRecording } from "../../../src/service/record/stream_recording.ts";

const SETTINGS = { format: "flv", file: "{number}", segmentMs: 1000, segmentBytes: 2000 } as const;

test("what is not said of a recording is as the settings have it", () => {
  assert.deepEqual(plansOf(SETTINGS, "settings"), [{ source: "settings", ...SETTINGS }]);
  assert.deepEqual(plansOf(SETTINGS, "api", { file: "x" }), [
    { source: "api", ...SETTINGS, file: "x" },
  ]);
  assert.deepEqual(plansOf(SETTINGS, "plugin", { segmentMs: 0, segmentBytes: 5, format: "mp4" }), [
    { source: "plugin", format: "mp4", file: "{number}", segmentMs: 0, segmentBytes: 5 },
  ]);
  const both = plansOf(SETTINGS, "plugin", { format: ["mp4", "flv", "mp4"] });
  assert.deepEqual(both.map(({ format }) => format), ["mp4", "flv"]);
});

test("what a publisher asks for is one file that is not cut", () => {
  assert.deepEqual(ownPlan("append"), {
    source: "publisher",
    format: "flv",
    file: "{name}",
    own: "append",
    segmentMs: 0,
    segmentBytes: 0,
  });
});

test("plans that differ in anything but who asked do not go on in the same files", () => {
  const plan = plansOf(SETTINGS, "settings")[0]!;
  assert.ok(samePlan(plan, { ...plan, source: "api" }));
  assert.ok(samePlan(ownPlan("append"), ownPlan("record")));
  for (
    const other of [
      { format: "mp4" },
      { file: "x" },
      { segmentMs: 1 },
      { segmentBytes: 1 },
      { own: "append" },
    ] as const
  ) {
    assert.ok(!samePlan(plan, { ...plan, ...other }));
    assert.ok(!samePlan({ ...plan, ...other }, plan));
  }
});

test("formats are known by the ends of files", () => {
  assert.equal(formatOf("a/b.flv"), "flv");
  assert.equal(formatOf("a/b.mp4"), "mp4");
  assert.equal(formatOf("a/flv"), undefined);
  assert.equal(formatOf("a/b.flv.part"), undefined);
  assert.deepEqual(Object.values(FORMATS).map(({ extension }) => extension), [".flv", ".mp4"]);
});

test("recordings are told from other files by the patterns, and by what was recorded", () => {
  const retained = new Retained(new StreamPatterns(["live/*"]), new StreamPatterns(["own/*"]));
  const has = (...paths: string[]) => paths.filter((path) => retained.has(path));
  assert.deepEqual(
    has("live/cam/1.flv", "live/cam/1.mp4", "live/cam/1.txt", "live/1.flv", "other/cam/1.flv"),
    ["live/cam/1.flv", "live/cam/1.mp4"],
  );
  assert.deepEqual(has("own/cam.flv", "own/cam/1.flv", "cam.flv", "own/cam"), ["own/cam.flv"]);
  retained.add({ app: "other", name: "cam" }, false);
  assert.deepEqual(has("other/cam/1.flv", "other/cam.flv", "other/x/1.flv", "other/cam/x/1.flv"), [
    "other/cam/1.flv",
  ]);
  retained.add({ app: "other", name: "mine" }, true);
  assert.deepEqual(has("other/mine.flv", "other/mine/1.flv"), ["other/mine.flv"]);
});

test("of streams without a pattern ten thousand are known, those that were recorded last", () => {
  const none = new StreamPatterns([]);
  const retained = new Retained(none, none);
  const add = (number: number) => retained.add({ app: "a", name: `n${number}` }, false);
  for (let number = 0; number < 10_000; number++) add(number);
  assert.ok(retained.has("a/n0/1.flv"));
  add(0);
  add(10_000);
  assert.ok(retained.has("a/n0/1.flv") && retained.has("a/n10000/1.flv"));
  assert.ok(!retained.has("a/n1/1.flv"));
  assert.ok(retained.has("a/n2/1.flv"));
});

test("whose a file is, is told by its folder, or by its name where publishers have them", () => {
  const retained = new Retained(
    new StreamPatterns(["live/*"]),
    new StreamPatterns(["live/*", "own/*"]),
  );
  assert.deepEqual(retained.streamOf("live/cam/1.flv"), { app: "live", name: "cam" });
  assert.deepEqual(retained.streamOf("own/cam.flv"), { app: "own", name: "cam" });
  assert.deepEqual(retained.streamOf("own/a/b.flv"), { app: "own", name: "a" });
  assert.deepEqual(retained.streamOf("x.flv"), { app: "", name: "" });
});

const entry = (path: string): MediaEntry => ({ path, size: 1, modified: 1 });

/** A folder of these files. */
class Folder implements Partial<MediaFolder> {
  readonly files: string[];
  readonly listed: [folder: string, depth: number | undefined][] = [];
  closed = 0;

  constructor(...files: string[]) {
    this.files = files;
  }

  async *list(folder: string, depth?: number) {
    this.listed.push([folder, depth]);
    for (const file of this.files) {
      if (folder === "" || file.startsWith(`${folder}/`)) yield entry(file);
    }
  }

  open(path: string): Promise<MediaSource | undefined> {
    if (!this.files.includes(path)) return Promise.resolve(undefined);
    const close = () => Promise.resolve(void this.closed++);
    return Promise.resolve({ ...entry(path), close } as unknown as MediaSource);
  }

  remove(path: string): Promise<boolean> {
    const at = this.files.indexOf(path);
    if (at >= 0) this.files.splice(at, 1);
    return Promise.resolve(at >= 0);
  }
}

const underWay = (app: string, name: string, file?: string) =>
  ({
    stream: { app, name },
    plan: plansOf(SETTINGS, "api")[0]!,
    file,
    bytes: 5,
    durationMs: 6,
    omitted: 7,
  }) as unknown as StreamRecording;

test("a stream's recordings are those of its folder and beside it, and those under way", async () => {
  const folder = new Folder("live/cam/1.flv", "live/cam/note.txt", "live/cam.mp4", "live/x/1.flv");
  const going = [
    underWay("live", "cam", "live/cam/2.flv"),
    underWay("live", "x"),
    underWay("x", "cam"),
  ];
  const catalogue = new Catalogue(folder as unknown as MediaFolder, () => going);
  const own = await catalogue.list({ app: "live", name: "cam" });
  assert.deepEqual(own.finished, [
    { ...entry("live/cam.mp4"), format: "mp4" },
    { ...entry("live/cam/1.flv"), format: "flv" },
  ]);
  assert.deepEqual(own.underWay, [{
    ...{ app: "live", name: "cam", source: "api", format: "flv", file: "live/cam/2.flv" },
    ...{ bytes: 5, durationMs: 6, omitted: 7 },
  }]);
  assert.equal(folder.closed, 1);
  const all = await catalogue.list();
  assert.equal(all.finished.length, 3);
  assert.equal(all.underWay.length, 3);
  assert.equal(all.underWay[1]!.file, undefined);
  assert.deepEqual(folder.listed, [["live/cam", 0], ["", undefined]]);
});

test("what is under way is not removed, what is no recording is not there, and all else is", async () => {
  const folder = new Folder("live/cam/1.flv", "live/cam/2.flv", "live/cam/note.txt");
  const going = [underWay("live", "cam"), underWay("live", "cam", "live/cam/2.flv")];
  const catalogue = new Catalogue(folder as unknown as MediaFolder, () => going);
  assert.equal(await catalogue.remove("live/cam/2.flv"), "under-way");
  assert.equal(await catalogue.remove("live/cam/note.txt"), false);
  assert.equal(await catalogue.remove("../x.flv"), false);
  assert.equal(await catalogue.remove("live/cam/3.flv"), false);
  assert.equal(await catalogue.open("live/cam/note.txt"), undefined);
  assert.equal(await catalogue.open("live/cam/3.flv"), undefined);
  assert.equal((await catalogue.open("live/cam/1.flv"))!.path, "live/cam/1.flv");
  assert.equal(await catalogue.remove("live/cam/1.flv"), true);
  assert.deepEqual(folder.files, ["live/cam/2.flv", "live/cam/note.txt"]);
});
