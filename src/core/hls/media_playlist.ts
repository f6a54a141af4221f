/**
 * A media playlist as text [RFC 8216bis §4.4].
 *
 * @module
 */
import { TICKS_PER_SECOND } from "./part_plan.ts";
import type { MediaWindow, Segment } from "./window.ts";

/** What another rendition has reached [RFC 8216bis §4.4.5.4]. */
export interface RenditionReport {
  readonly uri: string;
  readonly lastMsn: number;
  readonly lastPart: number | undefined;
}

/** What a playlist says beside its segments. */
export interface PlaylistOptions {
  /** EXT-X-VERSION: 3 for MPEG-TS, 6 with EXT-X-MAP, 9 where a delta may be asked for. */
  readonly version: number;
  /** Ticks behind the end at which players that read parts begin: PART-HOLD-BACK. */
  readonly partHoldBack: number;
  /** Ticks from the end up to which delta updates list everything: CAN-SKIP-UNTIL; 0 for none. */
  readonly skipUntil: number;
  /** Whether parts are listed, if there are any: a folder has none. */
  readonly parts: boolean;
  /** Whether reloads block: CAN-BLOCK-RELOAD. A file in a folder cannot. */
  readonly blocks: boolean;
  /** Segments are not removed: EXT-X-PLAYLIST-TYPE:EVENT. */
  readonly event: boolean;
  /** The part that comes next, of a stream that goes on. */
  readonly hint: string | undefined;
  readonly reports: readonly RenditionReport[];
}

/** Parts are listed so many Target Durations from the end [RFC 8216bis §6.2.2]. */
const PART_TARGETS = 3;

function seconds(ticks: number): string {
  return (ticks / TICKS_PER_SECOND).toFixed(5);
}

/** The same without zeros at its end, for attributes that never change. */
function plainSeconds(ticks: number): string {
  return String(Number((ticks / TICKS_PER_SECOND).toFixed(3)));
}

/** Writes the playlist; `skip`: as a delta update, where it has anything to skip. */
export function writeMediaPlaylist<B>(
  window: MediaWindow<B>,
  options: PlaylistOptions,
  skip = false,
): string {
  const { targetDuration } = window.limits;
  const partTarget = options.parts ? window.limits.partTarget : 0;
  const { segments, ended } = window;
  const open = partTarget > 0 ? window.open : undefined;
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${options.version}`];
  lines.push(`#EXT-X-TARGETDURATION:${Math.round(targetDuration / TICKS_PER_SECOND)}`);
  const control = serverControl(partTarget, options);
  if (control !== "") lines.push(`#EXT-X-SERVER-CONTROL:${control}`);
  if (partTarget > 0) lines.push(`#EXT-X-PART-INF:PART-TARGET=${plainSeconds(partTarget)}`);
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${window.mediaSequence}`);
  if (options.event) lines.push("#EXT-X-PLAYLIST-TYPE:EVENT");
  else lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`);
  const all = open === undefined ? segments : [...segments, open];
  if (all.length > 0 && all.every(({ independent }) => independent)) {
    lines.push("#EXT-X-INDEPENDENT-SEGMENTS");
  }
  const skipped = skip && !ended ? skippable(segments, options.skipUntil) : 0;
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);

  // What follows a segment, and the end of it, tell whether its parts are still listed.
  let behind = segments.reduce((sum, { duration }) => sum + duration, open?.duration ?? 0);
  let map: string | undefined;
  for (const [index, segment] of segments.entries()) {
    behind -= segment.duration;
    if (index < skipped) {
      map = segment.map;
      continue;
    }
    startLines(lines, segment, map);
    map = segment.map;
    if (partTarget > 0 && behind < PART_TARGETS * targetDuration) partLines(lines, segment);
    lines.push(`#EXTINF:${seconds(segment.duration)},`, segment.uri);
  }
  if (open !== undefined) {
    startLines(lines, open, map);
    partLines(lines, open);
  }
  if (ended) lines.push("#EXT-X-ENDLIST");
  else {
    if (partTarget > 0 && options.hint !== undefined) {
      lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${options.hint}"`);
    }
    for (const { uri, lastMsn, lastPart } of options.reports) {
      const part = lastPart === undefined ? "" : `,LAST-PART=${lastPart}`;
      lines.push(`#EXT-X-RENDITION-REPORT:URI="${uri}",LAST-MSN=${lastMsn}${part}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function serverControl(partTarget: number, options: PlaylistOptions): string {
  const attributes = options.blocks ? ["CAN-BLOCK-RELOAD=YES"] : [];
  if (options.skipUntil > 0) {
    attributes.push(`CAN-SKIP-UNTIL=${plainSeconds(options.skipUntil)}`);
  }
  if (partTarget > 0) attributes.push(`PART-HOLD-BACK=${plainSeconds(options.partHoldBack)}`);
  return attributes.join(",");
}

/** Segments that a delta update leaves out: further from the end of the last one than the boundary. */
function skippable<B>(segments: readonly Segment<B>[], skipUntil: number): number {
  if (skipUntil <= 0) return 0;
  let behind = 0;
  for (let index = segments.length - 1; index >= 0; index--) {
    behind += segments[index]!.duration;
    if (behind > skipUntil) return index;
  }
  return 0;
}

function startLines<B>(lines: string[], segment: Segment<B>, map: string | undefined): void {
  if (segment.discontinuity) lines.push("#EXT-X-DISCONTINUITY");
  if (segment.map !== undefined && (segment.map !== map || segment.discontinuity)) {
    lines.push(`#EXT-X-MAP:URI="${segment.map}"`);
  }
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${segment.programTime}`);
}

function partLines<B>(lines: string[], { parts }: Segment<B>): void {
  for (const { uri, duration, independent } of parts) {
    const start = independent ? ",INDEPENDENT=YES" : "";
    lines.push(`#EXT-X-PART:DURATION=${seconds(duration)},URI="${uri}"${start}`);
  }
}
