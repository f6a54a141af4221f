/**
 * What a way of calling an endpoint has to know: what to send, and what an answer means.
 *
 * @module
 */
import type {
  ConnectContext,
  DisconnectContext,
  EndedContext,
  LiveContext,
  PlayContext,
  PlayEndContext,
  PublishContext,
  PublishVerdict,
  RecordedContext,
  RecordFailedContext,
  UnpublishContext,
} from "../../../src/plugin/api.ts";
import type { PostAnswer } from "../post.ts";

/** What is asked. */
export type Question = "connect" | "publish" | "play";

/** What is asked about. */
export type Asked = ConnectContext | PublishContext | PlayContext;

/** What is told, by hook. */
export interface Told {
  onUnpublish: UnpublishContext;
  onPlayEnd: PlayEndContext;
  onDisconnect: DisconnectContext;
  onLive: LiveContext;
  onEnded: EndedContext;
  onRecorded: RecordedContext;
  onRecordFailed: RecordFailedContext;
}

/** A hook that is told. */
export type ToldHook = keyof Told;

/** What goes to an endpoint. */
export interface Message {
  readonly url: string;
  /** Media type of the body. */
  readonly type: string;
  readonly body: string;
}

/** The same, in the order of those of one key. */
export interface Note extends Message {
  readonly key: string;
}

/** Of one message. */
export interface Stamp {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A way of calling an endpoint. */
export interface Mode {
  /** Whether anybody is asked this. */
  asks(question: Question): boolean;
  /** Whether anybody is told this. */
  tells(hook: ToldHook): boolean;
  /** What is sent to ask; `undefined` lets in whom nobody is asked about. */
  ask(question: Question, context: Asked, stamp: Stamp): Message | undefined;
  /** What the answer means. @throws {Error} when it means nothing: the client is refused then */
  read(question: Question, answer: PostAnswer, context: Asked): PublishVerdict;
  /** What is sent to tell. */
  tell<H extends ToldHook>(hook: H, context: Told[H], stamp: Stamp): readonly Note[];
  /** Whether an event has arrived whatever an endpoint answers that does not fail. */
  readonly anyAnswer?: true;
  /** What tells that events were lost, where that can be said. */
  lost?(count: number, stamp: Stamp): Note;
  /** What is sent about those who publish and play every now and then. */
  updates?: Updates;
}

/** What is sent every now and then, and not queued. */
export interface Updates {
  /** Pause between two (ms). */
  readonly everyMs: number;
  /** Of all who are there now. `sessions`: what each of them publishes and plays. */
  messages(sessions: readonly SessionNames[]): Iterable<Message & { readonly session: string }>;
  /** Whether the session goes on. */
  goesOn(answer: PostAnswer): boolean;
}

/** What a session does now. */
export interface SessionNames {
  readonly id: string;
  readonly publishing: readonly string[];
  readonly playing: readonly string[];
}

/** Longest text of a client that is sent on (UTF-16 units). */
const MAX_TEXT = 4096;

/** A text of a client, cut where it is long. */
export function clip(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

/** The query of a client, cut where it is long, without the parameters of these names. */
export function clipQuery(
  query: URLSearchParams,
  without?: ReadonlySet<string>,
): [key: string, value: string][] {
  const entries: [string, string][] = [];
  let length = 0;
  for (const [key, value] of query) {
    length += key.length + value.length;
    if (length > MAX_TEXT) break;
    if (without?.has(key) !== true) entries.push([key, value]);
  }
  return entries;
}
