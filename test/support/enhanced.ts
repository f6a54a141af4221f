/**
 * The captures of Enhanced RTMP in `test/vectors/enhanced/`; its README.md says what made them.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { ChunkReader, type WireMessage } from "./chunks.ts";

const FOLDER = new URL("../vectors/enhanced/", import.meta.url);

/** Bytes of C0, C1 and C2. */
const HANDSHAKE = 1 + 2 * 1536;

/** What FFmpeg 9 decodes of a capture. */
export interface Decoded {
  /** Of each video track in order: MD5 of its pictures. */
  readonly video: readonly {
    readonly codec: string;
    readonly width: number;
    readonly height: number;
    readonly frames: readonly string[];
  }[];
  /** Of each audio track in order. */
  readonly audio: readonly {
    readonly codec: string;
    readonly channels: number;
    readonly sampleRate: number;
    readonly samples: number;
  }[];
}

const decoded: Readonly<Record<string, Decoded>> = JSON.parse(
  readFileSync(new URL("decoded.json", FOLDER), "utf8"),
);

/** Names of the captures of publishers, sorted. */
export const ENHANCED_NAMES: readonly string[] = Object.keys(decoded);

/** What FFmpeg 9 decodes of a capture. */
export function decodedOf(name: string): Decoded {
  return decoded[name]!;
}

/** All that the client sent, handshake first. */
export function enhancedCapture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.c2s.bin`, FOLDER)));
}

/** The client's messages, all of them. */
export function enhancedMessages(name: string): WireMessage[] {
  return new ChunkReader().read(enhancedCapture(name).subarray(HANDSHAKE));
}

/** The client's audio and video messages. */
export function enhancedMedia(name: string): WireMessage[] {
  return enhancedMessages(name).filter(({ type }) => type === 8 || type === 9);
}
