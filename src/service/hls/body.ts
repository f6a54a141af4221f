/**
 * Bytes of parts, shared by all that are sent them.
 *
 * @module
 */

/** The bytes of one part. */
export interface PartBody {
  readonly bytes: Uint8Array;
}

/** What a name of a playlist stands for. */
export interface MediaFile {
  /** Media type. */
  readonly type: string;
  /** In order; none is copied for whoever is sent them. */
  readonly chunks: readonly Uint8Array[];
  /** Bytes of all. */
  readonly size: number;
  /** It is in the folder of its stream, and not in memory. */
  readonly stored?: true;
}

/** A file of these bytes. */
export function mediaFile(type: string, chunks: readonly Uint8Array[]): MediaFile {
  return { type, chunks, size: chunks.reduce((sum, { length }) => sum + length, 0) };
}
