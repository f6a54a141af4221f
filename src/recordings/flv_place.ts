/**
 * Finds the place of a time in a file: by a hint that turns out to be true, else by halving the file.
 *
 * @module
 */
import { MediaFlag } from "../core/media/mod.ts";
import { type AnyFlvMessage, anyFlvMessage, type FlvMessage } from "./flv_message.ts";
import type { MediaSource } from "./folder.ts";
import { findTag, FlvTags } from "./flv_tags.ts";
import { borrow, giveBack } from "./scratch.ts";

/** Bytes that are read at a time where all tags are looked at, and room for them and the rest of a tag. */
const WALK_BYTES = 128 * 1024;
const WALK_ROOM = 2 * WALK_BYTES;

/** Where halving ends, in bytes, and after how many halves, whatever a file says. */
const NEAR_BYTES = 128 * 1024;
const MAX_HALVES = 64;

/** Bytes in which a half looks for a tag. */
const MAX_LOOK = 32 * 1024 * 1024;

/** How far before a time its key frame is looked for first (ms), then twice as far, and so on. */
const FIRST_STEP_BACK_MS = 4_000;

/** Sound so far behind a time means that there are no more pictures before it (ms). */
const SOUND_BEYOND_MS = 10_000;

/** What a place is looked for in. */
export interface SoughtFile {
  readonly source: MediaSource;
  readonly hasVideo: boolean;
  /** Where its first message stands. */
  readonly first: number;
  /** `message` becomes the next one. @returns `false` when more has to be read */
  nextOf(tags: FlvTags, message: AnyFlvMessage): boolean;
}

/** What was found. */
interface Found {
  readonly time: number;
  readonly offset: number;
  /** Whether there was a key frame where the hint said. */
  readonly usedHint: boolean;
}

/** The last key frame at or before `time`, or without pictures the last sound. */
export async function findPlace(file: SoughtFile, time: number, hint?: number): Promise<Found> {
  if (hint !== undefined) {
    const found = await walk(file, hint, time, true);
    if (found !== undefined) return { ...found, usedHint: true };
  }
  if (!file.hasVideo) {
    const from = await halve(file, time);
    const found = await walk(file, from, time, false);
    return { ...found ?? { time: 0, offset: file.first }, usedHint: false };
  }
  for (let back = 0;; back = Math.max(FIRST_STEP_BACK_MS, back * 2)) {
    const from = time - back <= 0 ? file.first : await halve(file, time - back);
    const found = await walk(file, from, time, false);
    if (found !== undefined) return { ...found, usedHint: false };
    if (from <= file.first) return { time: 0, offset: file.first, usedHint: false };
  }
}

/**
 * Reads on from a tag to the last place at or before `time` where decoding can begin.
 *
 * @param strictly nothing is found unless that first tag is such a place
 */
async function walk(
  file: SoughtFile,
  from: number,
  time: number,
  strictly: boolean,
): Promise<{ time: number; offset: number } | undefined> {
  const room = borrow(WALK_ROOM);
  try {
    const tags = new FlvTags(file.source, from, WALK_BYTES, room);
    return await walkTags(file, tags, from, time, strictly);
  } finally {
    giveBack(room);
  }
}

async function walkTags(
  file: SoughtFile,
  tags: FlvTags,
  from: number,
  time: number,
  strictly: boolean,
): Promise<{ time: number; offset: number } | undefined> {
  let found: { time: number; offset: number } | undefined;
  const message = anyFlvMessage();
  while (await tags.read()) {
    while (file.nextOf(tags, message)) {
      if (isStart(file, message) && message.time <= time) {
        found = { time: message.time, offset: message.offset };
      }
      if (strictly && (found === undefined || tags.damages > 0)) return undefined;
      if (isBeyond(file, message, time)) return found;
    }
    if (strictly && (found === undefined && tags.offset !== from || tags.isOther)) return undefined;
  }
  return found;
}

function isStart({ hasVideo }: SoughtFile, { kind, media, payload }: FlvMessage): boolean {
  if (payload.length === 0) return false;
  if (hasVideo) return kind === 9 && (media & MediaFlag.Key) !== 0;
  return kind === 8 && media === 0;
}

function isBeyond({ hasVideo }: SoughtFile, { kind, time }: FlvMessage, to: number): boolean {
  if (kind === 18) return false;
  return time > to + (hasVideo && kind === 8 ? SOUND_BEYOND_MS : 0);
}

/** A tag at or before `time`, near to it. */
async function halve(file: SoughtFile, time: number): Promise<number> {
  let low = file.first;
  let high = file.source.size;
  for (let half = 0; half < MAX_HALVES && high - low > NEAR_BYTES; half++) {
    const middle = low + Math.floor((high - low) / 2);
    const at = await mediaFrom(file, middle, high);
    if (at !== undefined && at.time <= time) low = at.offset;
    else high = middle;
  }
  return low;
}

/** The first message of media from `from` on, before `end`. */
async function mediaFrom(file: SoughtFile, from: number, end: number) {
  const at = await findTag(file.source, from, Math.min(MAX_LOOK, end - from));
  if (at === undefined || at >= end) return undefined;
  const room = borrow(WALK_ROOM);
  try {
    const tags = new FlvTags(file.source, at, 32 * 1024, room);
    const message = anyFlvMessage();
    while (tags.offset < end && await tags.read()) {
      while (file.nextOf(tags, message)) {
        const { kind, time, offset, media } = message;
        if (kind !== 18 && (media & MediaFlag.SequenceHeader) === 0) return { time, offset };
      }
    }
    return undefined;
  } finally {
    giveBack(room);
  }
}
