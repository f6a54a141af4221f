/** Files that are gone on with, and those that a crash left: whatever is wrong with them. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { MediaFolder, MediaTarget } from "../../../src/recordings/folder.ts";
import { mendLeftovers } from "../../../src/service/record/leftovers.ts";
import { flv, HEADERS, media } from "../../support/flv_files.ts";
import { RecordRig } from "../../support/record_service.ts";
import { publishGop } from "../../support/rtmp_service.ts";

const PUBLISHERS = { publishers: ["live/*"] };
const DAMAGED = new TextEncoder().encode("This is no FLV, however long it is, and stays as it is.");

const statuses = (lines: readonly string[]) =>
  lines.flatMap((text) => /NetStream\.(Record\.\w+)/.exec(text)?.[1] ?? []);

/** Puts a file where a publisher of `live/test` goes on with it. */
const fill = (bytes: Uint8Array) => (folder: string) => {
  mkdirSync(join(folder, "live"), { recursive: true });
  writeFileSync(join(folder, "live/test.flv"), bytes);
};

test("a file that cannot be gone on with is left as it was, and its publisher is told", async () => {
  await using rig = new RecordRig({ record: PUBLISHERS, fill: fill(DAMAGED) });
  const client = rig.publish("test", "append");
  await rig.until(() => rig.failed.length === 1);
  assert.deepEqual(statuses(client.take()), ["Record.Failed"]);
  const { error, ...about } = rig.failed[0]!;
  assert.deepEqual(about, { app: "live", name: "test", file: "live/test.flv", format: "flv" });
  assert.match(error, /no FLV file/);
  publishGop(client, 0);
  client.command(1, "closeStream", 0, null);
  await rig.service.stop(1000);
  assert.deepEqual(rig.files(), ["live/test.flv"]);
  assert.deepEqual(new Uint8Array(readFileSync(join(rig.path, "live/test.flv"))), DAMAGED);
  assert.deepEqual(rig.rig.counted.list().map(({ subsystem, count }) => [subsystem, count]), [[
    "record",
    1,
  ]]);
});

test("a file that is to be gone on with and gets nothing is as it was", async () => {
  const before = flv(...HEADERS, ...media(1));
  await using rig = new RecordRig({ record: PUBLISHERS, fill: fill(before) });
  const client = rig.publish("test", "append");
  await rig.until(() => rig.files().includes("live/.test.flv.part") || rig.files().length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.command(1, "closeStream", 0, null);
  await rig.service.stop(1000);
  assert.deepEqual(rig.files(), ["live/test.flv"]);
  assert.deepEqual(new Uint8Array(readFileSync(join(rig.path, "live/test.flv"))), before);
  assert.deepEqual([rig.started, rig.recorded, rig.failed], [[], [], []]);
});

test("a publisher that has gone while its file was opened has it given back", async () => {
  const before = flv(...HEADERS, ...media(1));
  const gate = Promise.withResolvers<void>();
  const disk = (folder: MediaFolder): MediaFolder =>
    Object.assign(Object.create(folder), {
      resume: async (path: string) => {
        await gate.promise;
        return await folder.resume(path);
      },
    });
  await using rig = new RecordRig({ record: PUBLISHERS, fill: fill(before), disk });
  const client = rig.publish("test", "append");
  publishGop(client, 0);
  client.command(1, "closeStream", 0, null);
  gate.resolve();
  await rig.service.stop(1000);
  assert.deepEqual(rig.files(), ["live/test.flv"]);
  assert.deepEqual(new Uint8Array(readFileSync(join(rig.path, "live/test.flv"))), before);
});

/** Files that were left, as a folder gives them, and what was done with each. */
function leftovers(...targets: Partial<MediaTarget>[]) {
  const done: string[] = [];
  const all = targets.map((target) => ({
    discard: () => Promise.resolve(void done.push(`discard ${target.path}`)),
    leave: () => Promise.resolve(void done.push(`leave ${target.path}`)),
    read: () => Promise.reject(new Error("EIO")),
    ...target,
  }));
  let wanted: ((path: string) => boolean) | undefined;
  const folder = {
    async *leftovers(isWanted: (path: string) => boolean) {
      wanted = isWanted;
      yield* all;
    },
  } as unknown as MediaFolder;
  return { done, folder, wanted: (path: string) => wanted!(path) };
}

test("what cannot be mended is left, and the next one is mended all the same", async () => {
  const { done, folder, wanted } = leftovers({ path: "a/1.flv" }, { path: "a/2.flv" });
  const faults: string[] = [];
  await mendLeftovers({
    folder,
    plugins: {} as never,
    streamOf: () => ({ app: "a", name: "b" }),
    stopping: () => false,
    onFault: (what, error) => faults.push(`${what} ${error}`),
  });
  assert.deepEqual(done, ["leave a/1.flv", "leave a/2.flv"]);
  assert.deepEqual(faults, ["a/1.flv Error: EIO", "a/2.flv Error: EIO"]);
  assert.deepEqual([wanted("x.flv"), wanted("x.mp4"), wanted("x.txt")], [true, true, false]);
});

test("a server that stops leaves the rest for the next start", async () => {
  const { done, folder } = leftovers({ path: "a/1.flv" }, { path: "a/2.flv" });
  await mendLeftovers({
    folder,
    plugins: {} as never,
    streamOf: () => ({ app: "a", name: "b" }),
    stopping: () => true,
    onFault: () => {},
  });
  assert.deepEqual(done, ["leave a/1.flv"]);
});

test("a folder that cannot be read is a fault, and no more", async () => {
  const faults: string[] = [];
  await mendLeftovers({
    folder: {
      // deno-lint-ignore require-yield
      async *leftovers() {
        throw new Error("EACCES");
      },
    } as unknown as MediaFolder,
    plugins: {} as never,
    streamOf: () => ({ app: "a", name: "b" }),
    stopping: () => false,
    onFault: (what, error) => faults.push(`${what} ${error}`),
  });
  assert.deepEqual(faults, ["mend Error: EACCES"]);
});

test("what was left without any media is removed", async () => {
  await using rig = new RecordRig({
    fill: (folder) => {
      writeFileSync(join(folder, "live/other", ".1.flv.part"), flv().subarray(0, 13));
      writeFileSync(join(folder, "live/other", ".2.flv.part"), flv(...HEADERS, ...media(1)));
    },
  });
  await rig.until(() => rig.recorded.length === 1);
  assert.deepEqual(rig.files(), ["live/other/2.flv"]);
  const { durationMs, tracks, reason, start } = rig.recorded[0]!;
  assert.deepEqual({ durationMs, tracks, reason }, {
    durationMs: 970,
    tracks: [],
    reason: "crash",
  });
  assert.ok(Math.abs(start + 970 - Date.now()) < 60_000);
});

test("a file is told by the name that the folder gave it", async () => {
  const disk = (folder: MediaFolder): MediaFolder => ({
    list: (...where) => folder.list(...where),
    open: (path) => folder.open(path),
    remove: (path) => folder.remove(path),
    create: async (path) => {
      const target = await folder.create(path);
      return new Proxy(target, {
        get: (of, name) => {
          if (name === "path") return "live/test/given.flv";
          const member = of[name as keyof MediaTarget];
          return typeof member === "function" ? member.bind(of) : member;
        },
      });
    },
  } as Partial<MediaFolder> as MediaFolder);
  await using rig = new RecordRig({ record: { streams: ["live/*"] }, disk });
  publishGop(rig.publish(), 0);
  await rig.until(() => rig.started.length === 1);
  assert.equal(rig.started[0]!.file, "live/test/given.flv");
  await rig.service.stop(1000);
});
