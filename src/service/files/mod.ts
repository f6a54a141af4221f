/**
 * Recordings and other media files as files behind HTTP.
 *
 * @module
 */
export { FileService, type FileSettings } from "./service.ts";
