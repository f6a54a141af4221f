/**
 * What transfer characteristics say of the dynamic range [H.273 §8.2]. Their numbers are the same in
 * H.264, H.265, AV1, VP9 and Enhanced RTMP.
 *
 * @module
 */

/** Transfer functions of high dynamic range: SMPTE ST 2084 and ARIB STD-B67. */
export type HdrTransfer = "pq" | "hlg";

const PQ = 16;
const HLG = 18;

/** The name of a transfer function of high dynamic range; `undefined` of any other one. */
export function hdrOf(transferCharacteristics: unknown): HdrTransfer | undefined {
  if (transferCharacteristics === PQ) return "pq";
  return transferCharacteristics === HLG ? "hlg" : undefined;
}
