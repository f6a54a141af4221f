/**
 * The formats of files that can be played, by what they are called.
 *
 * @module
 */
import { FlvFile } from "./flv_file.ts";
import type { MediaSource } from "./folder.ts";
import { Mp4File } from "./mp4_file.ts";
import type { FileProblem, PlayedFile } from "./played_file.ts";

const FLV = [".flv"];
const MP4 = [".mp4", ".f4v", ".m4v", ".m4a", ".mov"];

/** What files are called that can be played; those of a container that is asked for come first. */
export function playedExtensions(container?: "flv" | "mp4"): readonly string[] {
  return container === "mp4" ? [...MP4, ...FLV] : [...FLV, ...MP4];
}

/** Whether a file of this name is of the container. */
export function isOfContainer(path: string, container: "flv" | "mp4"): boolean {
  return (container === "mp4" ? MP4 : FLV).some((extension) => path.endsWith(extension));
}

/** Whether a file of this name can be played. */
export function isPlayed(path: string): boolean {
  return playedExtensions().some((extension) => path.endsWith(extension));
}

/**
 * Opens a file for those who play it.
 *
 * @param grows whether it is still being written
 * @throws what its disk throws
 */
export function openPlayed(
  source: MediaSource,
  grows: () => boolean,
): Promise<PlayedFile | FileProblem> {
  const isFlv = FLV.some((extension) => source.path.endsWith(extension));
  return isFlv ? FlvFile.open(source) : Mp4File.open(source, grows);
}
