/**
 * Long playlists, compressed once for all that ask for them [RFC 8216bis §6.2.1].
 *
 * @module
 */
import { acceptsGzip } from "../../core/http/accept_encoding.ts";
import { type MediaFile, mediaFile } from "./body.ts";

/** Playlists of fewer bytes than this go as they are: they fit into a few packets. */
const LONG_BYTES = 4096;

const made = new WeakMap<MediaFile, Promise<MediaFile>>();

/** Whether a playlist is worth it, to a client that reads it. `accept`: the header of its request. */
export function wantsCompressed({ size }: MediaFile, accept: string | null | undefined): boolean {
  return size >= LONG_BYTES && acceptsGzip(accept);
}

/** The playlist, compressed. */
export function compressed(file: MediaFile): Promise<MediaFile> {
  let known = made.get(file);
  if (known === undefined) made.set(file, known = compress(file));
  return known;
}

async function compress({ type, chunks }: MediaFile): Promise<MediaFile> {
  const blob = new Blob(chunks as Uint8Array<ArrayBuffer>[]);
  const stream = blob.stream().pipeThrough(new CompressionStream("gzip"));
  return mediaFile(type, [new Uint8Array(await new Response(stream).arrayBuffer())]);
}
