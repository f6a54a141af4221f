/**
 * RTMFP [RFC 7016] with the profile of Flash [RFC 7425], sans-IO.
 *
 * @module
 */
export { Initiator, type InitiatorOptions, type InitiatorOwner } from "./initiator.ts";
export { Responder, type ResponderOwner } from "./responder.ts";
export type { ReceiveFlow } from "./receive_flow.ts";
export type { SendFlow } from "./send_flow.ts";
export { Session, type SessionOwner } from "./session.ts";
export type { RedirectAddress } from "./startup.ts";
