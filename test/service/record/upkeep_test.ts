/** What a server that records does from time to time, and how it lists what it has. */
import assert from "node:assert/strict";
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { MediaFolder } from "../../../src/recordings/folder.ts";
import { Catalogue } from "../../../src/service/record/catalogue.ts";
import { interFrame } from "../../support/media.ts";
import { RecordRig } from "../../support/record_service.ts";
import { publishGop } from "../../support/rtmp_service.ts";

/** Recordings of `live/other`, of long ago. */
function fill(folder: string): void {
  for (const name of ["a.flv", "b.flv", "c.flv"]) {
    const path = join(folder, "live", "other", name);
    writeFileSync(path, "x");
    utimesSync(path, 1000, 1000);
  }
}

test("recordings are removed by the settings while the server runs, again and again", async () => {
  await using rig = new RecordRig({ record: { streams: ["live/*"], keepFiles: 2 }, fill });
  const { clock } = rig.rig;
  await rig.until(() => {
    clock.advance(60_000);
    return rig.files().length === 2;
  });
  writeFileSync(join(rig.path, "live", "other", "d.flv"), "x");
  await rig.until(() => {
    clock.advance(60_000);
    return rig.files().length === 2;
  });
  assert.ok(rig.files().includes("live/other/d.flv"), "the newest stay");
});

test("the newest recordings are listed first, those of one moment by their paths", async () => {
  const entries = ["b", "c", "a", "d"].map((name) => ({
    path: `live/other/${name}.flv`,
    modified: name === "d" ? 2000 : 1000,
    size: 1,
  }));
  const folder: Partial<MediaFolder> = {
    async *list() {
      yield* entries;
    },
  };
  const { finished } = await new Catalogue(folder as MediaFolder, () => []).list();
  assert.deepEqual(finished.map(({ path }) => path.at(-5)), ["d", "a", "b", "c"]);
});

test("a server that has stopped recording looks after nothing any more", async () => {
  await using rig = new RecordRig({});
  const { clock } = rig.rig;
  const before = clock.pending;
  await rig.service.stop(1000);
  assert.equal(clock.pending, before - 2);
});

test("what was recorded is on the disk a second later, without another frame", async () => {
  await using rig = new RecordRig({ record: { streams: ["live/*"] } });
  const client = rig.publish();
  publishGop(client, 0);
  await rig.until(() => rig.started.length === 1);
  const size = () => statSync(join(rig.path, "live", "test", ".00001.flv.part")).size;
  await rig.until(() => {
    rig.rig.clock.advance(500);
    // All of the GOP, behind the room for an index: less is seen where the disk is slow.
    return size() > 70_000;
  });
  const before = size();
  client.message(9, 1, 80, interFrame(300));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(size(), before);
  await rig.until(() => {
    rig.rig.clock.advance(500);
    return size() >= before + 300;
  });
});

test("a stop waits for files that are being finished, for so long and no longer", async () => {
  const gate = Promise.withResolvers<void>();
  const disk = (folder: MediaFolder): MediaFolder =>
    Object.assign(Object.create(folder), {
      create: async (path: string) => {
        await gate.promise;
        return await folder.create(path);
      },
    });
  await using rig = new RecordRig({ record: { streams: ["live/*"] }, disk });
  publishGop(rig.publish(), 0);
  let stopped = false;
  const stop = rig.service.stop(1000).then(() => stopped = true);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(stopped, false);
  rig.rig.clock.advance(999);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(stopped, false);
  rig.rig.clock.advance(1);
  await stop;
  gate.resolve();
  await rig.until(() => rig.recorded.length === 1);
  assert.equal(rig.recorded[0]!.reason, "shutdown");
  const { clock } = rig.rig;
  const { pending } = clock;
  await rig.service.stop(1000);
  assert.equal(clock.pending, pending, "a stop that is over leaves no timer");
});
