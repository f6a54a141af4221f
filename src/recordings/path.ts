/**
 * The grammar of paths in the folder of media: what cannot leave it, on any system.
 *
 * @module
 */

/** Most parts of a path: folders, and the file. */
export const MAX_MEDIA_PATH_PARTS = 8;

/** Longest part, in bytes: what file systems have. Some are left for a suffix. */
export const MAX_MEDIA_PART_BYTES = 240;

/** What a part may not hold: what paths, shells and other systems read in a special way, and what cannot be printed. */
const UNSAFE = /[/\\:*?"<>|%\p{C}\p{Zl}\p{Zp}\ufffd]/u;

/** Names of devices where files are on other systems, whatever follows behind a dot. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** Whether this can be one part of a path, on any system, and means no other file than itself. */
export function isMediaPathPart(part: string): boolean {
  return part !== "" && !part.startsWith(".") && !/[. ]$/.test(part) && !UNSAFE.test(part) &&
    !DEVICE.test(part) && part === part.normalize("NFC") &&
    new TextEncoder().encode(part).length <= MAX_MEDIA_PART_BYTES;
}

/**
 * The parts of a path below the folder, with `/` between them. Nothing is decoded: `%2e` is refused as it
 * stands.
 *
 * @returns `undefined` when it might leave the folder, name a hidden file or a device, or is too long
 */
export function mediaPathParts(path: string): string[] | undefined {
  if (path.length > MAX_MEDIA_PATH_PARTS * (MAX_MEDIA_PART_BYTES + 1)) return undefined;
  const parts = path.split("/");
  return parts.length <= MAX_MEDIA_PATH_PARTS && parts.every(isMediaPathPart) ? parts : undefined;
}
