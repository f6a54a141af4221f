/**
 * Certificates that are trusted beside those that the runtime knows: of authorities of one's own.
 *
 * @module
 */
import { CertificateError } from "./certificates.ts";
import { PairMistake, readCertificates } from "./pair.ts";
import { causeOf, PatientReader } from "./pem_file.ts";
import type { Clock } from "../ports.ts";

/**
 * Reads a file of them, PEM.
 *
 * @param setting that names the file
 * @throws {CertificateError} when it cannot be read, or there is none in it
 */
export async function readTrust(path: string, setting: string, clock: Clock): Promise<string> {
  let text: string;
  try {
    text = await new PatientReader(clock).read(path);
  } catch (error) {
    throw wrong(`${path} cannot be read: ${causeOf(error)}`);
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
