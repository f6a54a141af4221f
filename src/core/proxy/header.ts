/**
 * The PROXY protocol, versions 1 and 2: what a balancer sends ahead of all else, to say who its client is.
 * Read without a socket, however the bytes are cut.
 *
 * @module
 */
import { formatIp, parseIp } from "./ip.ts";

/** Longest line of version 1 with its end (bytes), as the specification has it. */
const MAX_LINE = 107;
/**
 * Longest header of version 2 (bytes). 64 KiB could be declared; balancers send some hundred at the most,
 * with what they know of a certificate.
 */
export const MAX_HEADER = 4096;

/** What version 1 begins with. */
const LINE_START = [..."PROXY "].map((letter) => letter.charCodeAt(0));
/** What version 2 begins with. */
const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
/** Bytes of version 2 before the addresses. */
const FIXED = 16;

/** Families and transports of version 2, and the bytes of their addresses. */
const TCP4 = 0x11;
const TCP6 = 0x21;
const UNIX = 0x31;
const UNSPECIFIED = 0x00;
const SIZES: Readonly<Record<number, number>> = { [TCP4]: 12, [TCP6]: 36, [UNIX]: 216 };

/** The end of a connection that a header speaks of. */
export interface ProxiedClient {
  /** IP address in text form, without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** What is known after some bytes. */
export type ProxyProgress =
  /** The header is not whole. */
  | { readonly kind: "more" }
  /** It is, and `rest` comes behind it. Without a client the connection is the balancer's own. */
  | { readonly kind: "done"; readonly client?: ProxiedClient; readonly rest: Uint8Array }
  /** It is none: says why, without what came. */
  | { readonly kind: "wrong"; readonly why: string };

const MORE: ProxyProgress = { kind: "more" };
const wrong = (why: string): ProxyProgress => ({ kind: "wrong", why });

/** Reads one header. Not to be used again once it is done or wrong. */
export class ProxyHeaderReader {
  #bytes: Uint8Array = new Uint8Array();

  /** Takes what comes; `rest` may be a view of it. */
  read(bytes: Uint8Array): ProxyProgress {
    if (this.#bytes.length > 0) {
      const all = new Uint8Array(this.#bytes.length + bytes.length);
      all.set(this.#bytes);
      all.set(bytes, this.#bytes.length);
      bytes = all;
    }
    const progress = readHeader(bytes);
    // Kept beyond the turn, and never more than a header may have: what is longer is wrong, or done.
    if (progress.kind === "more") this.#bytes = bytes.slice();
    return progress;
  }
}

function readHeader(bytes: Uint8Array): ProxyProgress {
  if (bytes.length === 0) return MORE;
  const isLine = bytes[0] === LINE_START[0];
  const start = isLine ? LINE_START : SIGNATURE;
  for (let index = 0; index < start.length && index < bytes.length; index++) {
    if (bytes[index] !== start[index]) return wrong("there is no PROXY header");
  }
  if (bytes.length < start.length) return MORE;
  return isLine ? readLine(bytes) : readBinary(bytes);
}

/** Version 1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443`. */
function readLine(bytes: Uint8Array): ProxyProgress {
  const end = bytes.subarray(0, MAX_LINE).indexOf(0x0a);
  if (end === -1) {
    return bytes.length < MAX_LINE ? MORE : wrong("the line of its PROXY header has no end");
  }
  if (bytes[end - 1] !== 0x0d) return wrong("the line of its PROXY header does not end in CRLF");
  const line = String.fromCharCode(...bytes.subarray(LINE_START.length, end - 1));
  const rest = bytes.subarray(end + 1);
  if (/^UNKNOWN(?: |$)/.test(line)) return { kind: "done", rest };
  const [family, source, destination, port, other, ...more] = line.split(" ");
  const length = { TCP4: 4, TCP6: 16 }[family!];
  if (length === undefined) return wrong("its PROXY header names no family that there is");
  if (more.length > 0 || !isPort(port) || !isPort(other)) {
    return wrong("its PROXY header is damaged");
  }
  const isOfFamily = (text: string) =>
    parseIp(text) !== undefined && text.includes(":") === (length === 16);
  if (!isOfFamily(source!) || !isOfFamily(destination!)) {
    return wrong("its PROXY header has addresses that are none");
  }
  const hostname = formatIp(parseIp(source!)!);
  return { kind: "done", client: { hostname, port: Number(port) }, rest };
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

/** Version 2. */
function readBinary(bytes: Uint8Array): ProxyProgress {
  if (bytes.length < FIXED) return MORE;
  const [version, command] = [bytes[12]! >> 4, bytes[12]! & 15];
  if (version !== 2) return wrong("its PROXY header is of no version that there is");
  if (command > 1) return wrong("its PROXY header has no command that there is");
  const [family, length] = [bytes[13]!, bytes[14]! << 8 | bytes[15]!];
  const end = FIXED + length;
  if (end > MAX_HEADER) return wrong("its PROXY header is too long");
  // LOCAL: the balancer speaks for itself, whatever else it says.
  const size = command === 0 || family === UNSPECIFIED ? 0 : SIZES[family];
  if (size === undefined) return wrong("its PROXY header is of no family that is for TCP");
  if (length < size) return wrong("its PROXY header is too short for its addresses");
  if (bytes.length < end) return MORE;
  const rest = bytes.subarray(end);
  if (size === 0 || family === UNIX) return { kind: "done", rest };
  const ip = family === TCP4 ? 4 : 16;
  const hostname = formatIp(bytes.subarray(FIXED, FIXED + ip));
  const at = FIXED + 2 * ip;
  return { kind: "done", client: { hostname, port: bytes[at]! << 8 | bytes[at + 1]! }, rest };
}
