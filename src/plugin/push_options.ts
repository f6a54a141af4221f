/**
 * Where a stream is pushed to, and what of it is sent there, as settings, plugins and the API say it.
 *
 * @module
 */
import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { parseRtmpUrl } from "../core/rtmp/url.ts";
import type { StreamKey } from "../hub/mod.ts";

/** How a stream is pushed to a target. What is left out goes as it is published. */
export interface PushOptions {
  /** The video that is sent: every track, none, or the one of this id. */
  readonly video?: number | "all" | "none" | undefined;
  /** The same of audio. */
  readonly audio?: number | "all" | "none" | undefined;
  /**
   * Codecs that the target takes, as FourCCs, or `*` for all: in place of what it announces itself. H.264,
   * AAC and what else FLV had from the beginning every target takes.
   */
  readonly codecs?: readonly string[] | undefined;
  /** `false` sends no metadata; an object has members that are set, or with `null` left out. */
  readonly metadata?:
    | false
    | Readonly<Record<string, string | number | boolean | null>>
    | undefined;
}

/** Where a stream is pushed to. */
export interface PushWish extends PushOptions {
  /** `rtmp://` or `rtmps://`, with `{app}` and `{name}` for those of the stream. */
  readonly url: string;
}

/** Most members of metadata that are set or left out. */
export const MAX_METADATA = 32;
/** Most codecs that are named. */
export const MAX_CODECS = 32;
/** Longest name of a member (UTF-16 units). */
const MAX_METADATA_NAME = 64;
/** Longest text that is set (UTF-16 units). */
export const MAX_METADATA_TEXT = 512;

/** Whether this is a FourCC, or `*`. */
export function isFourCc(text: string): boolean {
  return text === "*" || /^[\x21-\x7e]{4}$/.test(text);
}

/** The URL of a target for one stream. @throws {UsageError} for one that cannot be used; it is not repeated */
export function fillUrl(template: string, { app, name }: StreamKey): string {
  const path = (text: string) => text.split("/").map(encodePart).join("/");
  return template.replace(/\{(app|name)\}/g, (_, key) => path(key === "app" ? app : name));
}

/** What would end a part of a path, or begin something else, is escaped; all else stays as it is. */
function encodePart(text: string): string {
  return text.replace(/[?#%\s]/g, (sign) => encodeURIComponent(sign));
}

/** Why a URL of a target cannot be used; `undefined` when it can. */
export function urlMistake(template: string): string | undefined {
  const unknown = /\{(?!(?:app|name)\})/.test(template);
  if (unknown) return "has {app} and {name} in braces, and nothing else";
  try {
    const { name } = parseRtmpUrl(fillUrl(template, { app: "a", name: "n" }));
    return name === "" ? "has the name of the stream behind the application" : undefined;
  } catch (error) {
    return error instanceof UsageError ? error.message : "cannot be used";
  }
}

const track = v.optional(
  v.union([
    v.picklist(["all", "none"]),
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  ]),
);

const member = v.union([
  v.pipe(v.string(), v.maxLength(MAX_METADATA_TEXT)),
  v.pipe(v.number(), v.finite()),
  v.boolean(),
  v.null(),
]);

/** The members of `PushWish`. */
export const PUSH_WISH_ENTRIES = {
  url: v.pipe(
    v.string(),
    v.check((url) => urlMistake(url) === undefined, "must be rtmp:// or rtmps://, with a name"),
  ),
  video: track,
  audio: track,
  codecs: v.optional(v.pipe(
    v.array(v.pipe(v.string(), v.check(isFourCc, "must be a FourCC, or *"))),
    v.maxLength(MAX_CODECS),
  )),
  metadata: v.optional(v.union([
    v.literal(false),
    v.pipe(
      v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_METADATA_NAME)), member),
      v.check((members) => Object.keys(members).length <= MAX_METADATA, "has too many members"),
    ),
  ])),
};

const PushWishShape = v.strictObject(PUSH_WISH_ENTRIES);

/** Most targets that a plugin names for one stream. */
export const MAX_WISHES = 100;

/** Targets as a plugin names them: one or several, as URLs or whole; `undefined` when they cannot be meant. */
export function readPushWishes(value: unknown): readonly PushWish[] | undefined {
  const wishes = Array.isArray(value) ? value : [value];
  if (wishes.length > MAX_WISHES) return undefined;
  const read: PushWish[] = [];
  for (const wish of wishes) {
    if (Array.isArray(wish)) return undefined;
    const result = v.safeParse(PushWishShape, typeof wish === "string" ? { url: wish } : wish);
    if (!result.success) return undefined;
    read.push(result.output);
  }
  return read;
}
