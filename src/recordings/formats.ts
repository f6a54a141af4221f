/**
 * Opens files that can be played, by what they are called.
 *
 * @module
 */
import { FlvFile } from "./flv_file.ts";
import type { MediaSource } from "./folder.ts";
import { Mp4File } from "./mp4_file.ts";
import type { FileProblem, PlayedFile } from "./played_file.ts";
import { isOfContainer } from "./played_names.ts";

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
  return isOfContainer(source.path, "flv") ? FlvFile.open(source) : Mp4File.open(source, grows);
}
