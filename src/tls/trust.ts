/**
 * Certificates that are trusted beside those that the runtime knows: of authorities of one's own.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { CertificateError } from "./certificates.ts";
import { PairMistake, readCertificates } from "./pair.ts";

/**
 * Reads a file of them, PEM.
 *
 * @param setting that names the file
 * @throws {CertificateError} when it cannot be read, or there is none in it
 */
export async function readTrust(path: string, setting: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    throw wrong(`${path} cannot be read (${code ?? name})`);
  }
  try {
    readCertificates(text);
    return text;
  } catch (error) {
    if (!(error instanceof PairMistake)) throw error;
    throw wrong(`${path} ${error.message}`);
  }

  function wrong(problem: string): CertificateError {
    return new CertificateError([{ key: setting, problem }]);
  }
}
