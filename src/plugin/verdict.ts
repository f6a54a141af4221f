/**
 * Reads what a deciding hook answered. Plugins may be plain JavaScript, so nothing is believed:
 * what is not a verdict refuses the client.
 *
 * @module
 */
import { isStreamName, withoutContainer } from "../core/rtmp/stream_name.ts";
import type { RecordWish } from "../recordings/record_wish.ts";
import type { DecidingHook } from "./contract.ts";
import { type PushWish, readPushWishes } from "./push_options.ts";
import { readRecordWish } from "./record_options.ts";

/** They let a client in. */
export interface Allowed {
  readonly allow: true;
  /** The stream name to use instead, when a plugin chose one. */
  readonly name?: string;
  /** Whether a shared object may be read only. */
  readonly readOnly?: true;
  /** Whether and how what is published is to be recorded, when a plugin said so. */
  readonly record?: RecordWish;
  /** Where else it is to be sent, when a plugin said so. */
  readonly push?: readonly PushWish[];
}

/** What the plugins decided. */
export type Decision =
  | Allowed
  | {
    readonly allow: false;
    /** What the client is told. */
    readonly reason: string;
    /** Set when a plugin failed, rather than refused. */
    readonly fault?: true;
    /** Set when the client is to say who it is. */
    readonly login?: true;
    /** Name of the plugin that refused, or failed. */
    readonly plugin?: string;
  };

/** Yes, under the name the client gave. */
export const ALLOW: Allowed = Object.freeze({ allow: true });
/** Not without a user. */
export const NEED_LOGIN: Decision = Object.freeze({
  allow: false,
  reason: "A user and a password are required",
  login: true,
});
/** Yes, but only to read. */
export const READ_ONLY: Allowed = Object.freeze({ allow: true, readOnly: true });
/** What a client is told when there is nothing better to say. */
export const NEUTRAL_REASON = "Refused by the server";
/** A plugin failed. The client learns nothing about it. */
export const FAULT: Decision = Object.freeze({ allow: false, reason: NEUTRAL_REASON, fault: true });

/** Most UTF-16 units of a refusal that reach the client. */
export const MAX_REASON_LENGTH = 256;

/**
 * The decision in the settled answer of a hook.
 *
 * @throws {TypeError} when it is no verdict
 */
export function readVerdict(hook: DecidingHook, answer: unknown): Decision {
  if (answer === undefined || answer === true) return ALLOW;
  if (typeof answer === "object" && answer !== null) {
    // Read once: a getter may answer differently the next time.
    const refused = "refuse" in answer;
    const reason: unknown = refused ? answer.refuse : undefined;
    if (typeof reason === "string") return { allow: false, reason: cleanReason(reason) };
    if (hook === "onSharedObject") {
      if (!refused && "readOnly" in answer && answer.readOnly === true) return READ_ONLY;
    } else if (hook === "onConnect") {
      if (!refused && "login" in answer && answer.login === true) return NEED_LOGIN;
    } else if (!refused) {
      const named = "rename" in answer ? { name: readName(hook, answer.rename) } : {};
      const more = hook === "onPublish" ? readPublishWishes(answer) : {};
      if ("name" in named || "record" in more || "push" in more) {
        return { allow: true, ...named, ...more };
      }
    }
  }
  // The value itself stays out of the message: it may be large, or hold a secret.
  const kind = answer === false || answer === null ? String(answer) : `a value of ${typeof answer}`;
  throw new TypeError(`${hook} answered ${kind}: answer nothing, true or refuse("reason")`);
}

/** What is to be done with what is published. @throws {TypeError} when it is nothing that can be done */
function readPublishWishes(answer: object): Pick<Allowed, "record" | "push"> {
  const record = "record" in answer ? readRecordWish(answer.record) : undefined;
  if ("record" in answer && record === undefined) {
    throw new TypeError("onPublish answered with a way of recording that there is not");
  }
  const push = "push" in answer ? readPushWishes(answer.push) : undefined;
  // What is wrong with it is not repeated: there are keys in it.
  if ("push" in answer && push === undefined) {
    throw new TypeError("onPublish answered with a target to push to that there cannot be");
  }
  return { ...(record === undefined ? {} : { record }), ...(push === undefined ? {} : { push }) };
}

function readName(hook: DecidingHook, name: unknown): string {
  if (isStreamName(name)) return withoutContainer(name);
  throw new TypeError(`${hook} renamed the stream to something that is not a stream name`);
}

/** One line of bounded length. */
export function cleanReason(reason: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what must go
  const line = reason.slice(0, MAX_REASON_LENGTH).replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return line.trim() || NEUTRAL_REASON;
}
