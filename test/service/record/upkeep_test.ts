/** What a server that records does from time to time, and how it lists what it has. */
import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RecordRig } from "../../support/record_service.ts";

const NAMES = ["b.flv", "a.flv", "c.flv"];
const OTHER = { app: "live", name: "other" };

/** Recordings of `live/other`, two of one moment. */
function fill(folder: string): void {
  for (const name of NAMES) {
    const path = join(folder, "live", "other", name);
    writeFileSync(path, "x");
    // The last one by its name is the newest.
    utimesSync(path, 1000, name === "c.flv" ? 2000 : 1000);
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
  await using rig = new RecordRig({ fill });
  const { finished } = await rig.service.catalogue.list(OTHER);
  assert.deepEqual(finished.map(({ path }) => path), [
    "live/other/c.flv",
    "live/other/a.flv",
    "live/other/b.flv",
  ]);
});

test("a server that has stopped recording looks after nothing any more", async () => {
  await using rig = new RecordRig({});
  const { clock } = rig.rig;
  const before = clock.pending;
  await rig.service.stop(1000);
  assert.equal(clock.pending, before - 2);
});
