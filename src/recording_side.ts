/**
 * What records streams and plays files: only of a server with a media folder, so that others start without
 * it.
 *
 * @module
 */
import type { Config } from "./config/mod.ts";
import { errorText } from "./faults.ts";
import { loggerOf } from "./log/log.ts";
import { RecordingLibrary } from "./recordings/library.ts";
import { FileService } from "./service/files/mod.ts";
import type { MediaOrigins } from "./service/media_origins.ts";
import type { Runtime } from "./ports.ts";
import { RecordService } from "./service/record/mod.ts";
import type { Surroundings } from "./service/surroundings.ts";
import { fileSettings, recordSettings } from "./settings_of.ts";
import { MediaFiles } from "./storage/media_files.ts";

/** What a server with a media folder has beside others. */
export interface RecordingSide {
  readonly recordings: RecordingLibrary;
  readonly recorder: RecordService;
  readonly files: FileService;
}

/** What it is made with. */
export type RecordingSurroundings = Surroundings & { readonly runtime: Pick<Runtime, "openFile"> };

/** Makes it, for the files in `path`. */
export function recordingSideOf(
  path: string,
  config: Config,
  origins: MediaOrigins,
  surroundings: RecordingSurroundings,
): RecordingSide {
  const { faults, runtime } = surroundings;
  const folder = new MediaFiles(path, runtime.openFile);
  const recordings = new RecordingLibrary(folder, (error) => {
    faults.count("record", error);
    loggerOf("record").warn("recording cannot be read", { error: errorText(error) });
  });
  return {
    recordings,
    recorder: new RecordService({
      ...{ config: recordSettings(config), folder, recordings },
      ...surroundings,
    }),
    files: new FileService({ config: fileSettings(config), folder, origins, ...surroundings }),
  };
}
