/**
 * Reads targets as the setting `relay.push` has them.
 *
 * @module
 */
import {
  isFourCc,
  MAX_CODECS,
  type PushOptions,
  type PushWish,
  urlMistake,
} from "../../plugin/mod.ts";
import { patternMistake } from "../record/stream_patterns.ts";

/** One of the setting `relay.push`. */
export interface PushRule extends PushWish {
  /** Streams that are pushed there. */
  readonly pattern: string;
}

/**
 * Reads `PATTERN URL [video=ID] [audio=ID] [codecs=FOURCC+FOURCC] [metadata=none]`.
 *
 * @returns why not, where it cannot be read; without the URL, which may hold a secret
 */
export function readPushRule(text: string): PushRule | string {
  const [pattern = "", url = "", ...rest] = text.trim().split(/\s+/);
  const mistake = patternMistake(pattern);
  if (mistake !== undefined) return `its pattern ${mistake}`;
  const wrong = urlMistake(url);
  if (wrong !== undefined) return `its URL: ${wrong}`;
  let options: PushOptions = {};
  for (const word of rest) {
    const option = readOption(word);
    if (typeof option === "string") return option;
    options = { ...options, ...option };
  }
  return { pattern, url, ...options };
}

function readOption(word: string): PushOptions | string {
  const end = word.indexOf("=");
  const [key, value] = [word.slice(0, Math.max(0, end)), word.slice(end + 1)];
  switch (key) {
    case "video":
    case "audio": {
      const track = readTrack(value);
      return track === undefined ? `${key} is all, none or 0 to 255` : { [key]: track };
    }
    case "codecs": {
      const codecs = value.split("+");
      const right = codecs.length <= MAX_CODECS && codecs.every(isFourCc);
      return right ? { codecs } : "codecs are FourCCs with + between them, or *";
    }
    case "metadata":
      return value === "none" ? { metadata: false } : "metadata is none or left out";
    default:
      return "behind its URL are video=, audio=, codecs= and metadata=";
  }
}

function readTrack(text: string): number | "all" | "none" | undefined {
  if (text === "all" || text === "none") return text;
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}
