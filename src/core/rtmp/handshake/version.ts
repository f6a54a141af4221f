/**
 * What the first bytes of a connection say about who is there [RTMP 1.0 §5.2.2].
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";

/** From here on C0 is not allowed, so that text protocols can be told from RTMP. */
const FIRST_FORBIDDEN_VERSION = 32;

/** Things that start like a reserved version and never are one. */
const STRANGERS: readonly { readonly name: string; readonly start: readonly number[] }[] = [
  // A handshake record of SSL 3 or any TLS: type 22, then the major version.
  { name: "TLS, such as RTMPS", start: [0x16, 0x03] },
  { name: "a PROXY protocol header", start: [0x0d, 0x0a, 0x0d, 0x0a] },
];

/**
 * Checks the bytes of C0 and C1 that are there so far. Versions 0 to 31 pass, whatever they mean: the
 * answer is version 3, and the peer takes it or leaves. Only those that ask for RTMPE get that or nothing.
 *
 * @throws {ProtocolError} `handshake`, if this is no RTMP client
 */
export function checkHello(start: Uint8Array): void {
  const stranger = start[0] >= FIRST_FORBIDDEN_VERSION ? guess(start) : known(start);
  if (stranger === undefined) return;
  const byte = start[0].toString(16).padStart(2, "0");
  throw new ProtocolError(
    "handshake",
    `Cannot start an RTMP handshake with byte 0x${byte}, expected 0x03: it looks like ${stranger}`,
  );
}

/** How RTMPT begins: RTMP inside requests of HTTP. */
const TUNNEL = /^POST \/(?:fcs\/|open\/|send\/|idle\/|close\/)/;

function guess(start: Uint8Array): string {
  const first = start[0];
  const text = String.fromCharCode(...start.subarray(0, 16));
  if (TUNNEL.test(text)) return "RTMPT, which is RTMP inside HTTP and for the port of that";
  if (first >= 0x41 && first <= 0x5a) return "a text protocol such as HTTP";
  if (first < 0x7f) return "text";
  if (first === 0x80) return "SSL 2";
  return "no protocol we know";
}

function known(start: Uint8Array): string | undefined {
  return STRANGERS.find((stranger) => stranger.start.every((byte, i) => start[i] === byte))?.name;
}
