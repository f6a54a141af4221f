/**
 * Records streams into files.
 *
 * @module
 */
export { fileNameMistake } from "./file_name.ts";
export { RecordService, type RecordSettings } from "./service.ts";
export { patternMistake } from "./stream_patterns.ts";
