/** What a server that records does from time to time, and how it lists what it has. */
import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { MediaFolder } from "../../../src/recordings/folder.ts";
import { Catalogue } from "../../../src/service/record/catalogue.ts";
import { RecordRig } from "../../support/record_service.ts";

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
