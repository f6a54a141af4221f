/**
 * Makes a certificate for trying, with its key.
 *
 * @module
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { selfSigned } from "../core/x509/self_signed.ts";

const DAY_MS = 86_400_000;

/** A certificate and its key, as PEM. */
export interface Made {
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a pair of P-256.
 *
 * @param names what clients call the server: names of hosts, and IP addresses
 * @param now milliseconds since 1970; it holds from a day before, as clocks differ
 * @throws {UsageError} when a name is none
 */
export function makePair(names: readonly string[], days: number, now: number): Made {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const iso = (ms: number) => new Date(ms).toISOString();
  const certificate = selfSigned({
    names,
    from: iso(now - DAY_MS),
    until: iso(now + days * DAY_MS),
    serial: randomBytes(16),
    publicKey: publicKey.export({ type: "spki", format: "der" }),
    sign: (bytes) => sign("sha256", bytes, privateKey),
  });
  return {
    cert: pem("CERTIFICATE", certificate),
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

/** Text around bytes [RFC 7468]. */
function pem(label: string, bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
