/** Streams that no pattern names are known to have been recorded after a restart, too. */
import assert from "node:assert/strict";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { MediaFolder } from "../../../src/recordings/folder.ts";
import { RecordRig } from "../../support/record_service.ts";
import { publishGop } from "../../support/rtmp_service.ts";

const NOTES = ".recorded-streams";

const notesOf = (rig: RecordRig) => readFileSync(join(rig.path, NOTES), "utf8");

test("a stream that an operator had recorded is noted, once, and one that a pattern names is not", async () => {
  await using rig = new RecordRig({ record: { streams: ["live/named"] } });
  for (const name of ["test", "named"]) publishGop(rig.publish(name), 0);
  assert.equal(rig.service.record({ app: "live", name: "test" }, {}), true);
  await rig.until(() => {
    rig.rig.clock.advance(1000);
    return rig.files().includes(NOTES);
  });
  assert.equal(notesOf(rig), "live/test/\n");
});

test("a server that stops at once has noted it as well", async () => {
  await using rig = new RecordRig({});
  publishGop(rig.publish(), 0);
  rig.service.record({ app: "live", name: "test" }, {});
  await rig.service.stop(2000);
  assert.equal(notesOf(rig), "live/test/\n");
});

test("what was noted is kept no longer than the settings say, and is noted again beside what is new", async () => {
  const fill = (folder: string) => {
    for (const [number, name] of ["a", "b", "c"].entries()) {
      const path = join(folder, "live", "other", `${name}.flv`);
      writeFileSync(path, "x");
      utimesSync(path, 1000 + number, 1000 + number);
    }
    writeFileSync(join(folder, NOTES), "../../etc/\nlive/other/\n\0\nlive/own\n");
    writeFileSync(join(folder, "live", "mine.flv"), "x");
  };
  await using rig = new RecordRig({ record: { keepFiles: 1 }, fill });
  await rig.until(() => {
    rig.rig.clock.advance(60_000);
    return rig.files().length === 3;
  });
  assert.deepEqual(rig.files(), [NOTES, "live/mine.flv", "live/other/c.flv"]);
  publishGop(rig.publish(), 0);
  rig.service.record({ app: "live", name: "test" }, {});
  await rig.until(() => {
    rig.rig.clock.advance(1000);
    return notesOf(rig).endsWith("live/test/\n");
  });
  assert.equal(notesOf(rig), "live/other/\nlive/own\nlive/test/\n");
});

test("a disk that gives and takes no notes costs nothing else, and is counted", async () => {
  const refused = () => Promise.reject(new Error("no notes"));
  const disk = (folder: MediaFolder): MediaFolder =>
    ({
      ...{ notes: { load: refused, save: refused } },
      create: (path) => folder.create(path),
      leftovers: (isWanted) => folder.leftovers(isWanted),
    }) as Partial<MediaFolder> as MediaFolder;
  await using rig = new RecordRig({ disk });
  const client = rig.publish();
  publishGop(client, 0);
  rig.service.record({ app: "live", name: "test" }, {});
  publishGop(client, 2000);
  await rig.service.stop(2000);
  await rig.until(() => rig.recorded.length === 1);
  assert.deepEqual(rig.files(), ["live/test/00001.flv"]);
  const [fault] = rig.rig.counted.list();
  assert.deepEqual([fault?.subsystem, fault?.count], ["record", 2]);
});
