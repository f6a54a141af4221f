/**
 * Live streams over RTMP.
 *
 * @module
 */
export { formatAddress } from "../address.ts";
export type { ClientAnswer } from "./call_side.ts";
export type { RtmpSettings } from "./context.ts";
export { maskSaid } from "./said.ts";
export { RtmpService } from "./service.ts";
export type { RtmpSession } from "./session.ts";
