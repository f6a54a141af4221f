/**
 * Through which servers a stream has come: each that passes it on adds its id, so that one which meets its own
 * knows that there is a loop. It travels in the command object of `connect`, which other servers read past.
 *
 * @module
 */
import type { AmfValue } from "../../core/amf/mod.ts";
import { equalBytes } from "../../core/bytes/equal.ts";

/** The member of the command object. */
export const VIA_MEMBER = "sluiceVia";

/** The member with the address of the client that an edge stands for. */
export const FORWARDED_MEMBER = "sluiceClient";

/** The member with what a node of a cluster shows to another one. */
export const PASS_MEMBER = "sluicePass";

/** Most servers that a stream may come through. */
export const MAX_VIA = 16;

/** What the refusal of a loop says. */
export const LOOP = "This stream came from this server: a loop of relays.";

const ID = /^[0-9a-f]{16}$/;

/** The ids that a client names; what is none of ours is left out. */
export function readVia(properties: ReadonlyMap<string, AmfValue>): readonly string[] {
  const value = properties.get(VIA_MEMBER);
  if (typeof value !== "string" || value.length > 17 * (MAX_VIA + 1)) return NONE;
  return value.split(",").filter((id) => ID.test(id));
}

const NONE: readonly string[] = [];

/** An id for a server: 16 hex digits. */
export function viaId(randomBytes: (length: number) => Uint8Array): string {
  return [...randomBytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The address of the client that an edge says it stands for; `undefined` when it says none. */
export function readForwarded(properties: ReadonlyMap<string, AmfValue>): string | undefined {
  const value = properties.get(FORWARDED_MEMBER);
  return typeof value === "string" && /^[0-9a-fA-F:.[\]%]{2,64}$/.test(value) ? value : undefined;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Whether a client shows this pass. */
export function showsPass(properties: ReadonlyMap<string, AmfValue>, pass: string): boolean {
  const shown = properties.get(PASS_MEMBER);
  return typeof shown === "string" && equalBytes(utf8(shown), utf8(pass));
}
