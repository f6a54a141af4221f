/**
 * Finishes the files that a crash left under way.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { StreamKey } from "../../hub/mod.ts";
import type { PluginRunner } from "../../plugin/mod.ts";
import type { MediaFolder } from "../../recordings/folder.ts";
import { formatOf, FORMATS } from "./formats.ts";

const logger = getLogger(["sluice", "record"]);

/** What it works with. */
export interface LeftoverOptions {
  readonly folder: MediaFolder;
  readonly plugins: PluginRunner;
  /** Whose recording a file is. */
  readonly streamOf: (path: string) => StreamKey;
  /** Whether the rest is to be left for the next start. */
  readonly stopping: () => boolean;
  /** A file, or all of them, cannot be mended. */
  readonly onFault: (what: string, error: unknown) => void;
}

/** Mends them one after the other. Never rejects. */
export async function mendLeftovers(
  { folder, plugins, streamOf, stopping, onFault }: LeftoverOptions,
): Promise<void> {
  const isOurs = (path: string) => formatOf(path) !== undefined;
  try {
    for await (const target of folder.leftovers(isOurs)) {
      const format = formatOf(target.path)!;
      try {
        const { duration: durationMs, size: bytes, modified } = await FORMATS[format].mend(target);
        if (bytes === 0) await target.discard();
        else {
          const file = await target.finish(false);
          logger.info("recording mended", { file, ms: durationMs, bytes });
          const start = Math.max(0, Math.round(modified - durationMs));
          const about = { ...streamOf(file), file, format, start, durationMs, bytes };
          plugins.recorded({ ...about, tracks: [], reason: "crash" });
        }
      } catch (error) {
        await target.leave().catch(() => {});
        onFault(target.path, error);
      }
      if (stopping()) return;
    }
  } catch (error) {
    onFault("mend", error);
  }
}
