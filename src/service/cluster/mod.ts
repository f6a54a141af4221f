/**
 * A node of a cluster: who has which name, and where.
 *
 * @module
 */
export type { Member } from "./members.ts";
export { ClusterService, type ClusterSettings } from "./service.ts";
export type { ClusterStream, OwnStream } from "./survey.ts";
