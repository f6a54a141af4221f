/**
 * Turns what a runtime throws from `listen` into a {@link ListenError}.
 *
 * @module
 */
import { type Address, ListenError } from "../ports.ts";

const REASONS: Record<string, ListenError["reason"]> = {
  EADDRINUSE: "in-use",
  AddrInUse: "in-use",
  EACCES: "not-permitted",
  EPERM: "not-permitted",
  PermissionDenied: "not-permitted",
  NotCapable: "not-permitted",
  EADDRNOTAVAIL: "bad-address",
  // As node:net of Deno has it.
  EINVAL: "bad-address",
  AddrNotAvailable: "bad-address",
  ENOTFOUND: "bad-address",
  EAI_AGAIN: "bad-address",
  // Of a socket of the file system.
  ENOENT: "bad-address",
  ENOTDIR: "bad-address",
  ENAMETOOLONG: "bad-address",
  NotFound: "bad-address",
  EROFS: "not-permitted",
};

/** Maps a runtime's error; both runtimes name the cause in `code` or in `name`. */
export function toListenError(error: unknown, address: Address): ListenError {
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  let reason = REASONS[String(code)] ?? REASONS[String(name)];
  // Bun says of a name that it cannot resolve no more than that it "failed to listen at" it.
  if (
    reason === undefined &&
    /lookup|resolve|getaddrinfo|ENOTFOUND|failed to listen at [^\d:]*$/i.test(String(message))
  ) reason = "bad-address";
  return new ListenError(reason ?? "other", address, { cause: error });
}
