/**
 * Requests of RTMPT, which is RTMP inside requests of HTTP. There is no specification; librtmp and FFmpeg
 * say it like this.
 *
 * @module
 */

/** What a request of RTMPT asks for. */
export type TunnelRequest =
  /** A new session. */
  | { readonly kind: "open" }
  /** Which server is meant by its name; Flash goes on without an answer. */
  | { readonly kind: "ident" }
  | {
    /** Bytes for the server, none, or the last request of a session. */
    readonly kind: "send" | "idle" | "close";
    /** The secret that {@link TunnelRequest} `open` was answered with. */
    readonly id: string;
    /** Counts the requests of a session. */
    readonly sequence: number;
  };

const IN_SESSION = /^\/(send|idle|close)\/([\w-]{1,64})\/(\d{1,10})$/;

/** Reads the path of a request by POST; `undefined` when it is none of RTMPT. */
export function readTunnelPath(pathname: string): TunnelRequest | undefined {
  if (/^\/open\/\d{1,10}$/.test(pathname)) return { kind: "open" };
  if (/^\/fcs\/ident2?$/.test(pathname)) return { kind: "ident" };
  const [, kind, id, sequence] = IN_SESSION.exec(pathname) ?? [];
  if (id === undefined) return undefined;
  return { kind: kind as "send" | "idle" | "close", id, sequence: Number(sequence) };
}
