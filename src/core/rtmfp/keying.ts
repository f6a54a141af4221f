/**
 * Keys of a session [RFC 7425 §4.3.4 to §4.6]: what both sides bring for them, and what they agree on
 * about the codes and numbers of packets.
 *
 * @module
 */
import type { Ciphers } from "../../ports/ciphers.ts";
import { joined } from "../bytes/join.ts";
import { publicKeyOf, sharedSecret } from "../crypto/diffie_hellman.ts";
import { hmacSha256 } from "../crypto/hmac_sha256.ts";
import { AES128_KEY_LENGTH } from "../crypto/aes128.ts";
import { DH_GROUP, EPHEMERAL_CERTIFICATE, type InitiatorKey } from "./certificate.ts";
import { option, readOptions } from "./options.ts";
import { PacketCipher, type PacketGuard } from "./packet_cipher.ts";
import { PacketReader } from "./reader.ts";

/** Longest keying component that is read, bytes. */
export const MAX_COMPONENT_LENGTH = 2048;

/** Options of keying components. */
const KeyingOption = { PublicKey: 0x0d, CodeNegotiation: 0x1a, GroupSelect: 0x1d, Numbering: 0x1e };

/** What a side says about codes or numbers. */
const Offer = { SendsAlways: 0x04, SendsOnRequest: 0x02, Requests: 0x01 };

/** Bytes of the codes that are sent [RFC 2104 §5]. */
const CODE_LENGTH = 16;
const MIN_CODE_LENGTH = 4;
const MAX_CODE_LENGTH = 32;

/** Longest public key, bytes: some peers write a zero ahead. */
const MAX_KEY_LENGTH = 129;

/** The ciphers of a session, and the responder's part of what they were made of. */
export interface SessionKeys {
  readonly inbound: PacketCipher;
  readonly outbound: PacketCipher;
  readonly component: Uint8Array;
}

/** What an initiator brings, as far as the responder needs it. */
export interface InitiatorOffer {
  readonly publicKey: Uint8Array;
  /** Flags for codes and for numbers, and the length of the codes it sends. */
  readonly codes: number;
  readonly codeLength: number;
  readonly numbering: number;
}

/** Reads the keying component of an initiator; `undefined` when no keys can be made with it. */
export function readInitiatorComponent(
  component: Uint8Array,
  certificate: InitiatorKey,
): InitiatorOffer | undefined {
  if (component.length > MAX_COMPONENT_LENGTH) return undefined;
  const options = readOptions(component);
  if (options === undefined) return undefined;
  let { fixed: publicKey } = certificate;
  let chosen = false;
  let codes = 0, codeLength = 0, numbering = 0;
  for (const { type, value } of options) {
    if (
      type === KeyingOption.PublicKey && value[0] === DH_GROUP && certificate.fixed === undefined
    ) {
      publicKey = value.subarray(1);
      chosen = true;
    } else if (type === KeyingOption.GroupSelect) chosen ||= value[0] === DH_GROUP;
    else if (type === KeyingOption.CodeNegotiation && value.length > 1) {
      codes = value[0]!;
      codeLength = new PacketReader().set(value, 1).vlu();
    } else if (type === KeyingOption.Numbering && value.length > 0) numbering = value[0]!;
  }
  if (publicKey === undefined || !chosen || publicKey.length > MAX_KEY_LENGTH) return undefined;
  const sendsCodes = (codes & Offer.SendsAlways) !== 0;
  if (sendsCodes && (codeLength < MIN_CODE_LENGTH || codeLength > MAX_CODE_LENGTH)) {
    return undefined;
  }
  return { publicKey, codes, codeLength, numbering };
}

/**
 * Makes the keys of a responder: two powers of 1024 bits, which take milliseconds. Codes and numbers
 * are used where the initiator asks for them, or sends them anyway. `undefined` for a public key that
 * anybody could tell the secret from. `ciphers`: those of the platform, if they are faster than our own.
 */
export function respond(
  offer: InitiatorOffer,
  initiatorComponent: Uint8Array,
  privateKey: Uint8Array,
  ciphers?: Ciphers,
): SessionKeys | undefined {
  const agreed = sharedSecret(privateKey, offer.publicKey);
  if (agreed === undefined) return undefined;
  const component = joined([
    option(KeyingOption.CodeNegotiation, answerCodes(offer)),
    option(KeyingOption.Numbering, Uint8Array.of(answerOffer(offer.numbering))),
    option(
      KeyingOption.PublicKey,
      joined([Uint8Array.of(DH_GROUP), withoutZeros(publicKeyOf(privateKey))]),
    ),
  ]);
  const secret = withoutZeros(agreed);
  const out = hmacSha256(secret, hmacSha256(initiatorComponent, component));
  const into = hmacSha256(secret, hmacSha256(component, initiatorComponent));
  const asks = (flags: number) => (flags & Offer.Requests) !== 0;
  const sends = (flags: number) => (flags & Offer.SendsAlways) !== 0;
  const codeLength = CODE_LENGTH;
  return {
    component,
    outbound: cipherOf(ciphers, secret, out, {
      hmac: asks(offer.codes) ? { key: out, length: codeLength } : undefined,
      numbered: asks(offer.numbering),
    }),
    inbound: cipherOf(ciphers, secret, into, {
      hmac: sends(offer.codes) ? { key: into, length: offer.codeLength } : undefined,
      numbered: sends(offer.numbering),
    }),
  };
}

/** How an initiator wants packets guarded, in both directions. */
export interface Wishes {
  /** By codes of so many bytes; by checksums without it. */
  readonly codeLength?: number | undefined;
  /** By numbers. */
  readonly numbered?: boolean | undefined;
}

/** The certificate and the part of the keys of an initiator. */
export function initiate(
  privateKey: Uint8Array,
  { codeLength, numbered = false }: Wishes,
): { readonly certificate: Uint8Array; readonly component: Uint8Array } {
  const all = Offer.SendsAlways | Offer.SendsOnRequest | Offer.Requests;
  const key = joined([Uint8Array.of(DH_GROUP), withoutZeros(publicKeyOf(privateKey))]);
  return {
    certificate: EPHEMERAL_CERTIFICATE,
    component: joined([
      option(KeyingOption.PublicKey, key),
      ...(codeLength === undefined
        ? []
        : [option(KeyingOption.CodeNegotiation, Uint8Array.of(all, codeLength))]),
      ...(numbered ? [option(KeyingOption.Numbering, Uint8Array.of(all))] : []),
    ]),
  };
}

/** The keys of an initiator, by what the responder brought; `undefined` when there are none. */
export function agree(
  privateKey: Uint8Array,
  component: Uint8Array,
  responderComponent: Uint8Array,
  { codeLength, numbered }: Wishes,
  ciphers?: Ciphers,
): Omit<SessionKeys, "component"> | undefined {
  if (responderComponent.length > MAX_COMPONENT_LENGTH) return undefined;
  let theirKey: Uint8Array | undefined;
  let codes: Uint8Array | undefined;
  let numbers = 0;
  for (const { type, value } of readOptions(responderComponent) ?? []) {
    if (type === KeyingOption.PublicKey && value[0] === DH_GROUP) theirKey = value.subarray(1);
    else if (type === KeyingOption.CodeNegotiation) codes = value;
    else if (type === KeyingOption.Numbering) numbers = value[0] ?? 0;
  }
  if (theirKey === undefined || theirKey.length > MAX_KEY_LENGTH) return undefined;
  const [flags = 0, theirLength = 0] = codes ?? [];
  const guarded = codeLength !== undefined;
  // Who was asked for codes or numbers and does not send them is not who we think.
  if (guarded && ((flags & Offer.SendsAlways) === 0 || theirLength < MIN_CODE_LENGTH)) {
    return undefined;
  }
  if (numbered && (numbers & Offer.SendsAlways) === 0) return undefined;
  const agreed = sharedSecret(privateKey, theirKey);
  if (agreed === undefined) return undefined;
  const secret = withoutZeros(agreed);
  const out = hmacSha256(secret, hmacSha256(responderComponent, component));
  const into = hmacSha256(secret, hmacSha256(component, responderComponent));
  const hmac = (key: Uint8Array, length: number) => guarded ? { key, length } : undefined;
  return {
    outbound: cipherOf(ciphers, secret, out, { hmac: hmac(out, codeLength ?? 0), numbered }),
    inbound: cipherOf(ciphers, secret, into, {
      hmac: hmac(into, Math.min(theirLength, MAX_CODE_LENGTH)),
      numbered,
    }),
  };
}

/** The cipher of one direction: its key begins what was derived, and the key of its codes comes of all of it. */
function cipherOf(
  ciphers: Ciphers | undefined,
  secret: Uint8Array,
  derived: Uint8Array,
  guard: PacketGuard,
): PacketCipher {
  const { hmac } = guard;
  return new PacketCipher(derived.subarray(0, AES128_KEY_LENGTH), {
    ...guard,
    hmac: hmac && { key: hmacSha256(secret, hmac.key), length: hmac.length },
  }, ciphers);
}

/** Nothing of codes is said to a client that said nothing, as some of them expect. */
function answerCodes({ codes }: InitiatorOffer): Uint8Array {
  const answer = answerOffer(codes);
  return Uint8Array.of(answer, answer === 0 ? 0 : CODE_LENGTH);
}

function answerOffer(flags: number): number {
  if ((flags & (Offer.SendsAlways | Offer.Requests)) === 0) return 0;
  return Offer.SendsOnRequest | ((flags & Offer.Requests) === 0 ? 0 : Offer.SendsAlways);
}

/** Numbers go without zeros ahead, here and in what is derived of them. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first <= 0 ? bytes : bytes.subarray(first);
}
