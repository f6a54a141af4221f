/**
 * Live streams over RTMP.
 *
 * @module
 */
export { formatAddress } from "../address.ts";
export { type ClientAnswer, MAX_PENDING_CALLS } from "./calling.ts";
export type { RtmpSettings } from "./context.ts";
export { MAX_STREAMS_PER_CONNECTION, MIN_CHUNK_SIZE } from "./limits.ts";
export { maskSaid } from "../mask_context.ts";
export { RtmpService } from "./service.ts";
export type { RtmpSession } from "./session.ts";
export { MAX_OBJECTS_PER_CONNECTION } from "./shared_object_use.ts";
