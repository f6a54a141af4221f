/**
 * Records streams into files.
 *
 * @module
 */
export type { Recordings } from "./catalogue.ts";
export { RecordService, type RecordSettings } from "./service.ts";
export { patternMistake } from "./stream_patterns.ts";
