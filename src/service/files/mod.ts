/**
 * Recordings and other media files as files behind HTTP.
 *
 * @module
 */
export type { FileSettings } from "./context.ts";
export { FileService } from "./service.ts";
