/**
 * Files of FLV, made of tags, and a folder of them in memory.
 *
 * @module
 */
import { encodeAmf0 } from "../../src/core/amf/mod.ts";
import { AmfEcmaArray } from "../../src/core/amf/value.ts";
import { FLV_TAG_OVERHEAD, flvHeader, writeFlvTag } from "../../src/core/flv/tag.ts";
import type { MediaEntry, MediaFolder, MediaSource } from "../../src/recordings/folder.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "./media.ts";
import { BytesSource } from "./media_source.ts";

/** What stands in a tag. */
export type Tag = readonly [type: number, timestamp: number, body: Uint8Array];

/** A file of these. */
export function flv(...tags: Tag[]): Uint8Array {
  const size = tags.reduce((sum, [, , body]) => sum + body.length + FLV_TAG_OVERHEAD, 13);
  const file = new Uint8Array(size);
  file.set(flvHeader(true, true));
  let at = 13;
  for (const [type, timestamp, body] of tags) {
    writeFlvTag(file, at, type, timestamp, body);
    at += body.length + FLV_TAG_OVERHEAD;
  }
  return file;
}

/** The headers of AVC and AAC. */
export const HEADERS: Tag[] = [[9, 0, VIDEO_HEADER], [8, 0, AUDIO_HEADER]];

/** `seconds` of sound and of 25 pictures a second, a key frame every two seconds, from `base` on. */
export function media(seconds: number, base = 0): Tag[] {
  const tags: Tag[] = [];
  for (let number = 0; number < seconds * 25; number++) {
    const time = base + number * 40;
    tags.push([9, time, number % 50 === 0 ? keyFrame(900) : interFrame(300)]);
    tags.push([8, time + 10, audioFrame(60)]);
  }
  return tags;
}

/** `onMetaData` with these members. */
export function metadata(members: [string, unknown][]): Tag {
  return [18, 0, encodeAmf0("onMetaData", new AmfEcmaArray(members as [string, number][]))];
}

/** Finished files in memory, which are not written to. */
export class MemoryFolder implements MediaFolder {
  readonly files: Map<string, Uint8Array>;
  /** All that were opened. */
  readonly opened: BytesSource[] = [];

  constructor(files: Record<string, Uint8Array>) {
    this.files = new Map(Object.entries(files));
  }

  open(path: string): Promise<MediaSource | undefined> {
    const bytes = this.files.get(path);
    if (bytes === undefined) return Promise.resolve(undefined);
    const source = new BytesSource(bytes, path);
    this.opened.push(source);
    return Promise.resolve(source);
  }

  async *list(folder: string): AsyncIterable<MediaEntry> {
    let modified = 0;
    for (const [path, { length: size }] of this.files) {
      await Promise.resolve();
      if (path.startsWith(`${folder}/`)) yield { path, size, modified: modified++ };
    }
  }

  create(): Promise<never> {
    return Promise.reject(new Error("It is not written to"));
  }

  resume(): Promise<never> {
    return this.create();
  }

  async *leftovers(): AsyncIterable<never> {}

  remove(): Promise<boolean> {
    return Promise.resolve(false);
  }
}
