/**
 * A certificate and its key: whether they fit, for which names they are, and until when.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsPair } from "../ports.ts";

/** A pair that is right, and until when. */
export interface CheckedPair extends TlsPair {
  /** End of the certificate that ends first, of those in the file (ms since 1970). */
  readonly until: number;
}

/** What is wrong with a file, for people. */
export class PairMistake extends Error {
  /** The file that it is about. */
  readonly of: "cert" | "key";

  constructor(of: "cert" | "key", problem: string) {
    super(problem);
    this.of = of;
  }
}

/** Certificates in one file: a chain has three or four. */
const MAX_CHAIN = 20;
const CERTIFICATE = /-{5}BEGIN CERTIFICATE-{5}[^-]+-{5}END CERTIFICATE-{5}/g;

/** The certificates in a text. @throws {PairMistake} when there is none, or one cannot be read */
export function readCertificates(text: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new PairMistake("cert", "has no certificate in PEM");
  if (blocks.length > MAX_CHAIN) {
    throw new PairMistake("cert", `has more than ${MAX_CHAIN} certificates`);
  }
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new PairMistake("cert", "has a certificate that cannot be read");
    }
  });
}

/**
 * Checks a pair. One runtime takes a key of another certificate, and fails with every client.
 *
 * @param cert PEM: the certificate of the server first, then those it leans on
 * @param now milliseconds since 1970
 * @throws {PairMistake}
 */
export function checkPair(cert: string, key: string, now: number): CheckedPair {
  const chain = readCertificates(cert);
  const [own] = chain;
  if (!own!.checkPrivateKey(readKey(key))) {
    throw new PairMistake("key", "is not the key of the certificate");
  }
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  let until = Infinity;
  for (const { validFrom, validTo } of chain) {
    const [begin, end] = [Date.parse(validFrom), Date.parse(validTo)];
    if (end <= now) throw new PairMistake("cert", `has expired (${day(end)})`);
    if (begin > now) {
      throw new PairMistake("cert", `is not valid yet (from ${day(begin)}): is the clock right?`);
    }
    until = Math.min(until, end);
  }
  return { cert, key, names: namesOf(own!), until };
}

function readKey(key: string): KeyObject {
  // An encrypted one has a password that nobody is there to type.
  if (/ENCRYPTED/.test(key)) {
    throw new PairMistake("key", "is encrypted: store it without password");
  }
  try {
    return createPrivateKey(key);
  } catch {
    throw new PairMistake("key", "has no private key in PEM");
  }
}

/** Names of hosts that a certificate is for, in lower case. */
function namesOf({ subjectAltName = "", subject }: X509Certificate): string[] {
  const names = [...subjectAltName.matchAll(/DNS:([^\s,"]+)/g)].map(([, name]) => name!);
  const common = /(?:^|\n)CN=([^\s,]+)/.exec(subject)?.[1];
  return (names.length > 0 ? names : common === undefined ? [] : [common])
    .map((name) => name.toLowerCase());
}
