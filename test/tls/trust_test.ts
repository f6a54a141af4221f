/** Certificates that are trusted beside those of the runtime. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateError } from "../../src/tls/certificates.ts";
import { readTrust } from "../../src/tls/trust.ts";
import { FakeClock } from "../support/clock.ts";
import { CertificateFolder, pairFor } from "../support/certificates.ts";

const clock = new FakeClock();

test("a file of certificates is read, and one that has none is told with its setting", async () => {
  using folder = new CertificateFolder();
  const { cert } = pairFor("a.test");
  assert.equal(await readTrust(folder.write("ca.pem", cert), "relay.caFile", clock), cert);
  for (
    const [path, problem] of [
      [folder.write("empty.pem", "nothing"), /empty\.pem has no certificate in PEM/],
      [folder.path, /cannot be read: it is a directory/],
      ["/dev/zero", /zero cannot be read: it is longer than 1 MiB/],
      [`${folder.path}/none.pem`, /none\.pem cannot be read: there is no such file/],
    ] as const
  ) {
    await assert.rejects(readTrust(path, "relay.caFile", clock), (error) => {
      assert.ok(error instanceof CertificateError);
      assert.equal(error.mistakes[0]!.key, "relay.caFile");
      assert.match(error.mistakes[0]!.problem, problem);
      return true;
    });
  }
});
