/**
 * A certificate that vouches for itself, for trying TLS out [RFC 5280].
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { ascii, bitString, der, integer, objectIdentifier, sequence, Tag, time } from "./der.ts";

/** What a certificate is to say. */
export interface SelfSigned {
  /** What clients call the server: names of hosts, and IP addresses; the first is its subject. */
  readonly names: readonly string[];
  /** From when and until when it holds, in ISO 8601 and UTC. */
  readonly from: string;
  readonly until: string;
  /** Its number: at least 8 random bytes. */
  readonly serial: Uint8Array;
  /** The public key as a SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** Signs with the private key that belongs to it, by ECDSA with SHA-256; the signature is in DER. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** Names of things by numbers. */
const Oid = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  subjectAltName: "2.5.29.17",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/** Longest common name [RFC 5280, Appendix A: ub-common-name]. */
const MAX_COMMON_NAME = 64;
const TRUE = der(Tag.Boolean, Uint8Array.of(0xff));

/** A context-specific tag; `constructed` where others are inside. */
const contextTag = (number: number, constructed: boolean) =>
  0x80 | (constructed ? 0x20 : 0) | number;

/** The certificate, in DER. @throws {UsageError} when a name is none */
export function selfSigned(
  { names, from, until, serial, publicKey, sign }: SelfSigned,
): Uint8Array {
  const algorithm = sequence(objectIdentifier(Oid.ecdsaWithSha256));
  const subject = nameOf(names[0] ?? "");
  const extensions = sequence(
    // No authority, though it signs itself: some clients take none for a server.
    extension(Oid.basicConstraints, true, sequence()),
    // digitalSignature, the first bit.
    extension(Oid.keyUsage, true, bitString(Uint8Array.of(0b1000_0000), 7)),
    extension(Oid.extendedKeyUsage, false, sequence(objectIdentifier(Oid.serverAuth))),
    extension(Oid.subjectAltName, false, sequence(...names.map(generalName))),
  );
  const signed = sequence(
    der(contextTag(0, true), integer(Uint8Array.of(2))),
    // The first bit is no part of what may be random [RFC 5280 §4.1.2.2].
    integer(Uint8Array.of(0x40 | (serial[0]! & 0x3f), ...serial.subarray(1))),
    algorithm,
    subject,
    sequence(time(from), time(until)),
    subject,
    publicKey,
    der(contextTag(3, true), extensions),
  );
  return sequence(signed, algorithm, bitString(sign(signed)));
}

function nameOf(name: string): Uint8Array {
  const text = der(Tag.Utf8String, ascii(name.slice(0, MAX_COMMON_NAME)));
  return sequence(der(Tag.Set, sequence(objectIdentifier(Oid.commonName), text)));
}

function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const mark = critical ? [TRUE] : [];
  return sequence(objectIdentifier(oid), ...mark, der(Tag.OctetString, value));
}

/** A name of the server: dNSName or iPAddress [RFC 5280 §4.2.1.6]. */
function generalName(name: string): Uint8Array {
  const address = ipBytes(name);
  if (address !== undefined) return der(contextTag(7, false), address);
  if (!isHostName(name)) throw new UsageError(`${JSON.stringify(name)} is no name of a host`);
  return der(contextTag(2, false), ascii(name));
}

/** Whether it is a name of a host, or `*.` before one. */
export function isHostName(name: string): boolean {
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  return name.length <= 253 &&
    new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`, "i").test(name) && !/^[\d.]+$/.test(name);
}

/** The bytes of an IP address; `undefined` when it is none. */
export function ipBytes(name: string): Uint8Array | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name);
  if (four !== null) {
    const numbers = four.slice(1).map(Number);
    return numbers.every((number) => number < 256) ? Uint8Array.from(numbers) : undefined;
  }
  const halves = name.split("::");
  if (!/^[\da-f:]+$/i.test(name) || halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => half === "" ? [] : half.split(":"));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head!, ...new Array<string>(missing).fill("0"), ...tail ?? []];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(groups.flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  }));
}
