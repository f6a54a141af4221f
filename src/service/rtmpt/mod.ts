/**
 * RTMPT, RTMP inside requests of HTTP.
 *
 * @module
 */
export { TunnelService, type TunnelSurroundings } from "./service.ts";
export { Tunnel } from "./tunnel.ts";
