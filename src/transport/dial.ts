/**
 * What is the same on every runtime about connecting: the time limit, calling it off, and what the
 * errors mean.
 *
 * @module
 */
import { type Connection, DialError, type DialOptions, type DialTarget } from "../ports.ts";

/** Longest time until a connection stands (ms), if nobody says how long. */
const DIAL_MS = 10_000;

const REASONS: Record<string, DialError["reason"]> = {
  ECONNREFUSED: "refused",
  ConnectionRefused: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EAFNOSUPPORT: "unreachable",
  HostUnreachable: "unreachable",
  NetworkUnreachable: "unreachable",
  AddrNotAvailable: "unreachable",
  ENOTFOUND: "not-found",
  ENODATA: "not-found",
  EAI_AGAIN: "not-found",
  EAI_NODATA: "not-found",
  EAI_NONAME: "not-found",
  EAI_FAIL: "not-found",
  NotFound: "not-found",
  EACCES: "not-permitted",
  EPERM: "not-permitted",
  PermissionDenied: "not-permitted",
  NotCapable: "not-permitted",
  ETIMEDOUT: "timeout",
  TimedOut: "timeout",
};

/** Maps a runtime's error; both runtimes name the cause in `code` or in `name`. */
export function toDialError(error: unknown, target: DialTarget): DialError {
  if (error instanceof DialError) return error;
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  const known = REASONS[String(code).replace(/^DNS_/, "")] ?? REASONS[String(name)];
  const ofName = /lookup|resolve|getaddrinfo|ENOTFOUND/i.test(String(message)) ||
    String(code).startsWith("DNS_");
  return new DialError(known ?? (ofName ? "not-found" : "other"), target, { cause: error });
}

/**
 * Connects with `open`, within the time limit. What comes too late is closed; `open` is told by its
 * signal that nobody waits any more.
 */
export function dial(
  target: DialTarget,
  { timeoutMs = DIAL_MS, signal }: DialOptions,
  open: (abandoned: AbortSignal) => Promise<Connection>,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const attempt = new AbortController();
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const giveUp = (reason: DialError["reason"], options?: ErrorOptions) => {
      settle();
      reject(new DialError(reason, target, options));
      attempt.abort();
    };
    const onAbort = () => giveUp("aborted", { cause: signal!.reason });
    const timer = setTimeout(() => giveUp("timeout"), timeoutMs);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    open(attempt.signal).then((connection) => {
      if (attempt.signal.aborted) return connection.destroy();
      settle();
      resolve(connection);
    }, (error) => {
      settle();
      reject(toDialError(error, target));
    });
  });
}
