/**
 * What of a stream a target is not sent because it does not take it, for people.
 *
 * @module
 */
import { EnhancedReader, FourCc, fourCcText } from "../../core/media/mod.ts";
import { FrameKind, type LiveStream, type MediaTrack } from "../../hub/mod.ts";
import type { PushOptions } from "../../plugin/mod.ts";
import { takes, type TargetCodecs } from "./target_codecs.ts";

const KINDS = [[FrameKind.Video, "video"], [FrameKind.Audio, "audio"]] as const;

/** Such as `video 0: hvc1`: tracks that were to be sent, and are not. */
export function leftOutOf(
  stream: LiveStream,
  codecs: TargetCodecs,
  options: PushOptions,
): readonly string[] {
  const leftOut: string[] = [];
  for (const [kind, word] of KINDS) {
    const wanted = options[word] ?? (codecs.multitrack ? "all" : undefined);
    for (const track of stream.description.tracks(kind)) {
      if (wanted === "none" || (typeof wanted === "number" && wanted !== track.id)) continue;
      // Nobody asked for more than a target without tracks can be sent, and yet it is not sent.
      if (wanted === undefined && track.id !== 0) {
        leftOut.push(`${word} ${track.id}: another track`);
      } else {
        const fourCc = fourCcOf(track);
        if (fourCc !== undefined && !isSent(codecs, fourCc)) {
          leftOut.push(`${word} ${track.id}: ${fourCcText(fourCc).replace(/[^\x21-\x7e]/g, "?")}`);
        }
      }
    }
  }
  return leftOut;
}

function isSent(codecs: TargetCodecs, fourCc: number): boolean {
  if (codecs.enhanced) return takes(codecs, fourCc);
  return fourCc === FourCc.Avc || fourCc === FourCc.Aac;
}

/** The codec of a track that Enhanced RTMP names; `undefined` for what FLV had from the beginning. */
function fourCcOf({ kind, header, sample }: MediaTrack): number | undefined {
  const payload = header?.payload ?? sample;
  const reader = new EnhancedReader();
  if (payload === undefined) return undefined;
  const open = kind === FrameKind.Video ? reader.openVideo(payload) : reader.openAudio(payload);
  return open && reader.next() ? reader.fourCc : undefined;
}
