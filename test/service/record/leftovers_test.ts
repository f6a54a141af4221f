/** Files that a crash left under way: whose they are. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RecordRig } from "../../support/record_service.ts";
import { publishGop } from "../../support/rtmp_service.ts";

test("a mended file is told as its stream's, in the folder of that or beside it as a publisher's own", async () => {
  const record = { streams: ["live/other"], publishers: ["live/*"] };
  await using rig = new RecordRig({ record });
  const client = rig.publish("test", "record");
  publishGop(client, 0);
  await rig.until(() => rig.started.length === 1);
  client.command(1, "closeStream", 0, null);
  await rig.until(() => rig.recorded.length === 1);
  assert.deepEqual(rig.files(), ["live/test.flv"]);

  await using next = new RecordRig({
    record,
    fill: (folder) => {
      copyFileSync(join(rig.path, "live/test.flv"), join(folder, "live", ".test.flv.part"));
      copyFileSync(join(rig.path, "live/test.flv"), join(folder, "live/other", ".1.flv.part"));
    },
  });
  await next.until(() => next.recorded.length === 2);
  const told = next.recorded.map(({ app, name, file, reason }) =>
    `${app} ${name} ${file} ${reason}`
  );
  assert.deepEqual(told.sort(), [
    "live other live/other/1.flv crash",
    "live test live/test.flv crash",
  ]);
});
