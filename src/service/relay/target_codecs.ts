/**
 * Which codecs a target takes: by what it announced of Enhanced RTMP, or by what its operator says.
 *
 * @module
 */
import { fourCcText } from "../../core/media/four_cc.ts";
import { type Capabilities, readsMultitrack } from "../../core/rtmp/session/mod.ts";
import type { PushOptions } from "../../plugin/mod.ts";

/** What a target takes beside what FLV had from the beginning. */
export interface TargetCodecs {
  /** Messages of Enhanced RTMP at all; without them H.264 and AAC go in their old form. */
  readonly enhanced: boolean;
  /** FourCCs; `undefined` is all. */
  readonly fourCcs: ReadonlySet<string> | undefined;
  /** Messages of several tracks. */
  readonly multitrack: boolean;
}

/** What a target takes that announced `capabilities`. */
export function codecsOf(capabilities: Capabilities, { codecs }: PushOptions): TargetCodecs {
  const { enhanced, fourCcList, videoFourCcs, audioFourCcs } = capabilities;
  const announced = [...fourCcList ?? [], ...videoFourCcs.keys(), ...audioFourCcs.keys()];
  // Whoever says something of Enhanced RTMP and nothing of codecs has none that it would not take.
  const named = codecs ?? (announced.length === 0 ? ["*"] : announced);
  const takes = codecs !== undefined || enhanced;
  return {
    enhanced: takes && named.length > 0,
    fourCcs: !takes ? new Set() : named.includes("*") ? undefined : new Set(named),
    multitrack: enhanced && readsMultitrack(capabilities),
  };
}

/** Whether a target takes a codec. */
export function takes({ fourCcs }: TargetCodecs, fourCc: number): boolean {
  return fourCcs === undefined || fourCcs.has(fourCcText(fourCc));
}

/** Equal where the same is taken. */
export function codecsKey({ enhanced, fourCcs, multitrack }: TargetCodecs): string {
  const named = fourCcs === undefined ? "*" : [...fourCcs].sort().join("+");
  return `${enhanced ? named : "-"}${multitrack ? ":m" : ""}`;
}
