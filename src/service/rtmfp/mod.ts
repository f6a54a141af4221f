/**
 * RTMFP, RTMP messages over UDP.
 *
 * @module
 */
export { RtmfpConnection } from "./connection.ts";
export { RtmfpService, type RtmfpSettings, type RtmfpSurroundings } from "./service.ts";
