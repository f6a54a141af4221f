/**
 * A multivariant playlist as text: one variant, and the audio tracks that there are to choose from
 * [RFC 8216bis §4.4.6].
 *
 * @module
 */

/** An audio track with a playlist of its own. */
export interface AudioRendition {
  readonly uri: string;
  /** For people; unique. */
  readonly name: string;
  /** Number of channels, where it is known. */
  readonly channels: number | undefined;
  readonly isDefault: boolean;
}

/** The variant. A member is `undefined` where it is not known. */
export interface Variant {
  readonly uri: string;
  /** Codecs of all there is in it and in its renditions, as RFC 6381 has them. */
  readonly codecs: readonly string[];
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly frameRate: number | undefined;
  /** `SDR`, `HLG` or `PQ`; of sound alone there is none. */
  readonly videoRange: "SDR" | "HLG" | "PQ" | undefined;
  /** Bits per second: the most in a segment, and on average, renditions included. */
  readonly peakBandwidth: number;
  readonly averageBandwidth: number;
  readonly audio: readonly AudioRendition[];
  /** Whether its segments can be decoded by themselves. */
  readonly independent: boolean;
}

const AUDIO_GROUP = "audio";

/** Writes the playlist. */
export function writeMultivariantPlaylist(variant: Variant, version: number): string {
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${version}`];
  if (variant.independent) lines.push("#EXT-X-INDEPENDENT-SEGMENTS");
  for (const { uri, name, channels, isDefault } of variant.audio) {
    const attributes = [
      "TYPE=AUDIO",
      `GROUP-ID="${AUDIO_GROUP}"`,
      `NAME="${name}"`,
      `DEFAULT=${isDefault ? "YES" : "NO"}`,
      "AUTOSELECT=YES",
      ...(channels === undefined ? [] : [`CHANNELS="${channels}"`]),
      `URI="${uri}"`,
    ];
    lines.push(`#EXT-X-MEDIA:${attributes.join(",")}`);
  }
  const { width, height, frameRate, codecs, videoRange } = variant;
  const attributes = [
    `BANDWIDTH=${Math.ceil(variant.peakBandwidth)}`,
    `AVERAGE-BANDWIDTH=${Math.ceil(variant.averageBandwidth)}`,
    ...(codecs.length === 0 ? [] : [`CODECS="${codecs.join(",")}"`]),
    ...(width === undefined || height === undefined ? [] : [`RESOLUTION=${width}x${height}`]),
    ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRate.toFixed(3)}`]),
    ...(videoRange === undefined ? [] : [`VIDEO-RANGE=${videoRange}`]),
    ...(variant.audio.length === 0 ? [] : [`AUDIO="${AUDIO_GROUP}"`]),
  ];
  lines.push(`#EXT-X-STREAM-INF:${attributes.join(",")}`, variant.uri);
  return `${lines.join("\n")}\n`;
}
