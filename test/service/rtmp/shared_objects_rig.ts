/**
 * What the tests of shared objects do to them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { SharedObjectEvent } from "../../../src/core/rtmp/message/shared_object.ts";
import type { Plugin } from "../../../src/plugin/mod.ts";
import type { Rig, RigClient } from "../../support/rtmp_service.ts";
import { heard, sharedObject, USE } from "../../support/shared_object_client.ts";

/** Says something to a shared object. */
export function tell(
  client: RigClient,
  name: string,
  events: readonly SharedObjectEvent[],
  options: { type?: 16 | 19; persistent?: boolean } = {},
): void {
  client.message(options.type ?? 19, 0, 0, sharedObject(name, events, options));
}

/** What the client heard since the last call. */
export function told(client: RigClient): string[] {
  return client.takeMessages().filter(({ type }) => type === 16 || type === 19)
    .map(({ type, payload }) => heard(type, payload));
}

/** A client that uses the object `chat`. */
export function user(rig: Rig, app = "live"): RigClient {
  const client = rig.client().connected(1, app);
  tell(client, "chat", [USE]);
  assert.deepEqual(told(client).map((line) => line.replace(/@\d+/, "").slice(0, 14)), [
    "chat use clear",
  ]);
  return client;
}

export const gate = (onSharedObject: Plugin["onSharedObject"], name = "gate"): Plugin => ({
  name,
  onSharedObject,
});
