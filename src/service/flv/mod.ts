/**
 * Live streams as FLV behind HTTP.
 *
 * @module
 */
export type { FlvSettings } from "./context.ts";
export { FlvService } from "./service.ts";
