/**
 * Live streams as FLV behind HTTP.
 *
 * @module
 */
export { FlvService, type FlvSettings } from "./service.ts";
