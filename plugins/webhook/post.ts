/**
 * One request to an endpoint, bounded in time and in what is read of its answer. Redirects are not
 * followed: where a request may go is for the operator to say.
 *
 * @module
 */
import { boundedText } from "../../src/plugin/api.ts";

/** Most of an answer that is read (bytes). */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** What is sent. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long all of it may take (ms). */
  readonly timeoutMs: number;
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

/** What came back. */
export interface PostAnswer {
  readonly status: number;
  /** Of a redirect. */
  readonly location: string | undefined;
  readonly body: string;
}

/** Sends a request. */
export type Poster = (post: Post) => Promise<PostAnswer>;

/** Sends a request with `fetch`. Rejects when there is no whole answer in time, or too much of one. */
export const post: Poster = async ({ url, headers, body, timeoutMs, signal }) => {
  const { target, more } = withoutUser(url);
  const abort = new AbortController();
  // What leads from one long signal to many short ones keeps them all in memory on some runtimes.
  const giveUp = () => abort.abort(signal?.reason);
  const timer = setTimeout(() => abort.abort(new DOMException("", "TimeoutError")), timeoutMs);
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    if (signal?.aborted) throw signal.reason;
    const response = await fetch(target, {
      method: "POST",
      redirect: "manual",
      headers: { ...headers, ...more },
      body,
      signal: abort.signal,
    });
    return {
      status: response.status,
      location: response.headers.get("location") ?? undefined,
      body: await boundedText(response, MAX_ANSWER_BYTES),
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
};

/** `fetch` takes no user and password in a URL: they become a header. */
function withoutUser(url: string): { target: string; more: Record<string, string> } {
  const target = new URL(url);
  const { username, password } = target;
  if (username === "" && password === "") return { target: url, more: {} };
  target.username = target.password = "";
  const bytes = new TextEncoder().encode(
    `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  );
  const authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  return { target: target.href, more: { authorization } };
}

/** What went wrong, without the URL, which may hold secrets. */
export function problemOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError") return "no answer in time";
  if (name === "AbortError") return "given up";
  if (error instanceof Error && error.message.startsWith("the answer ")) return error.message;
  return "cannot be reached";
}
