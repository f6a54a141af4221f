/**
 * Connecting by TLS, with `node:tls` on both runtimes.
 *
 * @module
 */
import { isIP } from "node:net";
import { connect, rootCertificates, type TLSSocket } from "node:tls";
import { type Connection, DialError, type DialTarget, type DialTlsOptions } from "../ports.ts";
import { dial, toDialError } from "./dial.ts";
import { SocketConnection } from "./socket_connection.ts";
import { HandshakeGate } from "./tls/handshake_gate.ts";

/** What the runtimes say of a certificate that will not do. */
const CERTIFICATE =
  /cert|issuer|altname|self[- ]?signed|unable to verify|not ?valid ?for ?name|chain/i;
/** What they say where something other than TLS is spoken. */
const NO_TLS =
  /ssl|tls|wrong version|corrupt message|handshake|eproto|unexpected eof|packet length/i;

/**
 * Of many targets that are connected to at once, as when their stream begins, a few at a time: a handshake takes the
 * only thread for milliseconds, on Deno for tens of them where authorities of one's own are trusted. It is another
 * gate than that of who comes to us: a crowd there must not keep us from getting out.
 */
export const outgoing = new HandshakeGate();

/** What the runtimes say where the peer hung up, and what is said here where they say nothing. */
const HUNG_UP = "ECONNRESET";

/** Connects by TLS; see `Runtime.dialTls`. @throws {DialError} */
export function dialTls(target: DialTarget, options: DialTlsOptions = {}): Promise<Connection> {
  return dial(target, options, (abandoned) => open(target, options, abandoned));
}

function open(
  target: DialTarget,
  options: DialTlsOptions,
  abandoned: AbortSignal,
): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  let socket: TLSSocket | undefined;
  const leave = outgoing.enter(() => {
    try {
      socket = begin(target, options, resolve, (error) => reject(toTlsError(error, target)));
    } catch (error) {
      // Such as one of Deno's permissions.
      reject(error);
    }
  });
  const giveUp = () => {
    leave();
    socket?.destroy();
  };
  abandoned.addEventListener("abort", giveUp, { once: true });
  return promise;
}

function begin(
  { hostname, port }: DialTarget,
  { serverName = hostname, ca, alsoTrust }: DialTlsOptions,
  onOpen: (connection: Connection) => void,
  onFailed: (error: Error) => void,
): TLSSocket {
  const isName = isIP(serverName) === 0;
  const socket = connect({
    host: hostname,
    port,
    // An address is no name to ask for [RFC 6066 §3]; the certificate is held against it all the same.
    ...(isName ? { servername: serverName } : {}),
    ...(ca === undefined ? {} : { ca }),
    // What is named takes the place of what is known.
    ...(alsoTrust === undefined ? {} : { ca: [...rootCertificates, alsoTrust] }),
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
  });
  const fail = (error: Error) => {
    socket.destroy();
    onFailed(error);
  };
  const onClose = () => fail(Object.assign(new Error("The peer hung up"), { code: HUNG_UP }));
  socket.once("error", fail);
  socket.once("close", onClose);
  socket.once("secureConnect", () => {
    socket.off("error", fail);
    socket.off("close", onClose);
    onOpen(new SocketConnection(socket));
  });
  return socket;
}

/** What an error of a connection by TLS means. */
export function toTlsError(error: Error, target: DialTarget): DialError {
  const known = toDialError(error, target);
  if (known.reason !== "other") return known;
  const { code } = error as { code?: unknown };
  if (code === HUNG_UP) return new DialError("hung-up", target, { cause: error });
  const said = `${code} ${error.message}`;
  const reason = CERTIFICATE.test(said) ? "untrusted" : NO_TLS.test(said) ? "no-tls" : "other";
  return new DialError(reason, target, { cause: error });
}
