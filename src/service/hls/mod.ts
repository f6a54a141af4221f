/**
 * Live streams as HTTP Live Streaming.
 *
 * @module
 */
export type { HlsSettings } from "./context.ts";
export { HlsService } from "./service.ts";
