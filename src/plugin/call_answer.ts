/**
 * Reads what `onCall` answered.
 *
 * @module
 */
import { type AmfValue, fromPlain } from "../core/amf/mod.ts";
import { clientCallErrorIn } from "./client_call.ts";
import { cleanReason, NEUTRAL_REASON } from "./verdict.ts";

/** What a call came to. */
export type CallAnswer =
  | { readonly ok: true; readonly value: AmfValue }
  | {
    readonly ok: false;
    /** What the client is told. */
    readonly reason: string;
  };

/** A plugin failed. The client learns nothing about it. */
export const CALL_FAULT: CallAnswer = Object.freeze({ ok: false, reason: NEUTRAL_REASON });

/** Too many calls are waiting for this plugin, as clients please: no fault of it. */
export const CALL_BUSY: CallAnswer = Object.freeze({
  ok: false,
  reason: "Too many calls wait for an answer.",
});

/** The answer of a plugin that threw because the client did not answer it. */
export function excuseCall(error: unknown): CallAnswer | undefined {
  const failure = clientCallErrorIn(error);
  return failure && { ok: false, reason: `${failure.message}.` };
}

/**
 * The answer in what `onCall` returned; `undefined` when the plugin has no such method.
 *
 * @throws {UsageError} when it is nothing that can be sent
 */
export function readCallAnswer(answer: unknown): CallAnswer | undefined {
  if (answer === undefined) return undefined;
  if (typeof answer === "object" && answer !== null && "refuse" in answer) {
    const reason: unknown = answer.refuse;
    if (typeof reason === "string") return { ok: false, reason: cleanReason(reason) };
  }
  return { ok: true, value: fromPlain(answer) };
}
