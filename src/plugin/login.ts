/**
 * What a plugin answers about a user who wants to log in, read.
 *
 * @module
 */
import { cleanReason, NEUTRAL_REASON } from "./verdict.ts";

/** What proves that somebody is a user, as {@link LoginVerdict} has it, or that nobody can. */
export type LoginAnswer =
  | { readonly kind: "unknown" }
  | { readonly kind: "password"; readonly password: string }
  | { readonly kind: "digest"; readonly salt: string; readonly digest: string }
  | { readonly kind: "proven" }
  | { readonly kind: "refused"; readonly reason: string; readonly plugin?: string };

/** No plugin knows the user. */
export const UNKNOWN_USER: LoginAnswer = Object.freeze({ kind: "unknown" });
/** A plugin failed. The client learns nothing about it. */
export const LOGIN_FAULT: LoginAnswer = Object.freeze({ kind: "refused", reason: NEUTRAL_REASON });

/** A salt goes into a query as it is. */
const SALT = /^[\w./+-]{1,32}$/;
/** 16 bytes in base64. */
const DIGEST = /^[\w/+-]{22}==$/;

/** The settled answer of `onLogin`. @throws {TypeError} when it is nonsense */
export function readLoginAnswer(answer: unknown): LoginAnswer {
  if (answer === undefined) return UNKNOWN_USER;
  if (typeof answer === "object" && answer !== null) {
    const { refuse, password, salt, digest, proven } = answer as Record<string, unknown>;
    if (typeof refuse === "string") return { kind: "refused", reason: cleanReason(refuse) };
    if (proven === true) return { kind: "proven" };
    if (typeof password === "string") return { kind: "password", password };
    if (typeof salt === "string" && typeof digest === "string") {
      if (SALT.test(salt) && DIGEST.test(digest)) return { kind: "digest", salt, digest };
    }
  }
  // Not the value: there is a password in it.
  throw new TypeError("onLogin answered neither nothing nor what proves a user");
}
