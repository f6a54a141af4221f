/**
 * Certificates of the anonymous kind, and what they are chosen by [RFC 7425 §4.3, §4.4].
 *
 * @module
 */
import { sha256 } from "../crypto/sha256.ts";
import { joined } from "../bytes/join.ts";
import { option, readOptions } from "./options.ts";

/** The group of 1024 bits of Diffie and Hellman, which every peer knows [RFC 7425 §4.2]. */
export const DH_GROUP = 2;

/** Longest certificate that is read, bytes. */
export const MAX_CERTIFICATE_LENGTH = 2048;

/** Options of certificates. */
const CertificateOption = {
  AcceptsAncillaryData: 0x0a,
  EphemeralGroup: 0x15,
  StaticKey: 0x1d,
} as const;

/** Options of what a certificate is chosen by, the Endpoint Discriminator. */
const DiscriminatorOption = { Hostname: 0x00, AncillaryData: 0x0a, Fingerprint: 0x0f } as const;

/**
 * The certificate of the server. It says that keys are made for each session, and nothing by which to
 * know it again: nobody vouches for it, and the answer to a hello must not be longer than the hello.
 */
export const SERVER_CERTIFICATE: Uint8Array = joined([
  option(CertificateOption.AcceptsAncillaryData),
  option(CertificateOption.EphemeralGroup, Uint8Array.of(DH_GROUP)),
]);

/** The certificate of an initiator, which says no more than that. */
export const EPHEMERAL_CERTIFICATE: Uint8Array = option(
  CertificateOption.EphemeralGroup,
  Uint8Array.of(DH_GROUP),
);

/** What an initiator asks for by a URL. */
export function discriminatorOf(url: string): Uint8Array {
  return option(DiscriminatorOption.AncillaryData, new TextEncoder().encode(url));
}

const FINGERPRINT = sha256(SERVER_CERTIFICATE);

/** What a client asked for in its hello. */
export interface Discriminator {
  /** What it calls the server: its URL. */
  readonly url: string;
}

/** What a hello is for; `undefined` when it is not for this server, or cannot be read. */
export function readDiscriminator(bytes: Uint8Array): Discriminator | undefined {
  const options = readOptions(bytes);
  if (options === undefined) return undefined;
  let url: string | undefined;
  for (const { type, value } of options) {
    if (type === DiscriminatorOption.AncillaryData) url = new TextDecoder().decode(value);
    else if (type === DiscriminatorOption.Fingerprint) {
      if (value.length !== FINGERPRINT.length) return undefined;
      if (value.some((byte, at) => byte !== FINGERPRINT[at])) return undefined;
      url ??= "";
    } // Our certificate has no name of a host.
    else if (type === DiscriminatorOption.Hostname) return undefined;
  }
  return url === undefined ? undefined : { url };
}

/** How the key of an initiator is found. */
export interface InitiatorKey {
  /** The key of its certificate; the one of its keying component without it. */
  readonly fixed: Uint8Array | undefined;
}

/** Reads the certificate of an initiator; `undefined` when it is none that keys can be agreed on with. */
export function readCertificate(bytes: Uint8Array): InitiatorKey | undefined {
  if (bytes.length > MAX_CERTIFICATE_LENGTH) return undefined;
  const options = readOptions(bytes);
  if (options === undefined) return undefined;
  let ephemeral = false;
  let fixed: Uint8Array | undefined;
  let isFixed = false;
  for (const { type, value } of options) {
    if (type === CertificateOption.EphemeralGroup) ephemeral = true;
    if (type !== CertificateOption.StaticKey) continue;
    isFixed = true;
    if (value[0] === DH_GROUP) fixed = value.subarray(1);
  }
  // Either keys of its own, or new ones; with neither, or both, it is none.
  if (ephemeral === isFixed) return undefined;
  if (isFixed && fixed === undefined) return undefined;
  return { fixed };
}
