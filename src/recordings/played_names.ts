/**
 * What files are called that can be played: known without what reads them.
 *
 * @module
 */

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
