/**
 * The metadata that Enhanced RTMP sends beside HDR video [E-RTMP v2 "Metadata Frame"].
 *
 * @module
 */
import { type AmfLimits, asRecord, COMMAND_AMF_LIMITS, decodeAmf0 } from "../../amf/mod.ts";
import { hdrOf, type HdrTransfer } from "../fields/colour.ts";

/** Bits of a sample that video has. */
const BIT_DEPTHS = new Set([8, 10, 12]);

/** Colours are some thirty numbers, and a stream may have them for many tracks. */
const LIMITS: AmfLimits = {
  ...COMMAND_AMF_LIMITS,
  maxNodes: 256,
  maxStringBytes: 1024,
  maxTotalBytes: 8192,
};

/** What `colorInfo` says. */
export interface ColorInfo {
  /** Bits of a sample. */
  readonly bitDepth?: number;
  /** The transfer function, when it is one of high dynamic range. */
  readonly hdr?: HdrTransfer;
}

/**
 * Reads the body of a metadata packet: names, each with its value. `undefined` when it is damaged or
 * has no colours in it.
 */
export function parseColorInfo(body: Uint8Array): ColorInfo | undefined {
  let values;
  try {
    values = decodeAmf0(body, LIMITS);
  } catch {
    return undefined;
  }
  const at = values.indexOf("colorInfo");
  const config = at < 0 ? undefined : asRecord(asRecord(values[at + 1])?.get("colorConfig"));
  if (config === undefined) return undefined;
  const bitDepth = Number(config.get("bitDepth"));
  return {
    bitDepth: BIT_DEPTHS.has(bitDepth) ? bitDepth : undefined,
    hdr: hdrOf(config.get("transferCharacteristics")),
  };
}
