/**
 * Certificates for tests, signed by themselves and made anew each time: no key is kept in the tree.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for these names, as `DNS:example.test` and `IP:127.0.0.1`. */
export function selfSigned(...names: readonly string[]): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), "sluice-certificate-"));
  try {
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    execFileSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", "2", "-subj", "/CN=sluice test", "-keyout", key, "-out", cert],
      ...["-addext", `subjectAltName=${names.join(",")}`],
    ], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
