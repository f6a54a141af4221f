/**
 * What all clients that take files share.
 *
 * @module
 */
import type { MediaFolder } from "../../recordings/folder.ts";
import type { MediaOrigins } from "../media_origins.ts";
import type { Surroundings } from "../surroundings.ts";

/** The settings used here; see the configuration table. */
export interface FileSettings {
  /** Requests that may wait for their answers at once: the others are for the control API. */
  readonly maxUnanswered: number;
}

/** What the service is made with. */
export interface FileSurroundings extends Surroundings {
  readonly config: FileSettings;
  readonly folder: MediaFolder;
  /** Which web pages may play. */
  readonly origins: MediaOrigins;
}
