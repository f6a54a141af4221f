/**
 * Tokens of the control API: who they are of, what they allow, and what is kept of them.
 *
 * A token is made of random bytes, so that one round of SHA-256 is all that its hash needs: there is no
 * list of likely ones to try.
 *
 * @module
 */

/** What a caller may do: `read` asks only, `control` changes things too. */
export type Role = "read" | "control";

/** Who asks. */
export interface Caller {
  /** The name of its token; `token` for the single one, `local` where there are none. */
  readonly name: string;
  readonly role: Role;
}

/** A token of the setting `api.tokens`. */
export interface ApiToken extends Caller {
  /** SHA-256 of the token, 64 hex digits. */
  readonly sha256: string;
}

/** Who asks with the single token of `api.token`. */
export const SINGLE: Caller = { name: "token", role: "control" };
/** Who asks where there are no tokens: this machine. */
export const LOCAL: Caller = { name: "local", role: "control" };

const TOKEN = /^([A-Za-z0-9_.-]{1,64})\s+(read|control)\s+([0-9a-f]{64})$/i;

/** Reads `NAME ROLE SHA256`; `undefined` where it is something else. */
export function readApiToken(text: string): ApiToken | undefined {
  const [, name, role, sha256] = TOKEN.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  return { name, role: role!.toLowerCase() as Role, sha256: sha256!.toLowerCase() };
}

/** The line of the setting for a token. */
export function formatApiToken({ name, role, sha256 }: ApiToken): string {
  return `${name} ${role} ${sha256}`;
}

/** Random bytes of a new token. */
export const TOKEN_BYTES = 32;

/** A new token and what is kept of it. */
export async function makeApiToken(
  name: string,
  role: Role,
  random: Uint8Array,
): Promise<{ readonly token: string; readonly kept: ApiToken }> {
  const token = hex(random);
  return { token, kept: { name, role, sha256: hex(await sha256(token)) } };
}

/** SHA-256 of a text. Hashes have one length, so comparing them tells nothing about the token's. */
export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** The bytes of a hash of {@link ApiToken}. */
export function hashBytes(sha256: string): Uint8Array {
  return Uint8Array.from(sha256.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
