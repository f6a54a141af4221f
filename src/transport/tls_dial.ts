/**
 * Connecting by TLS, with `node:tls` on both runtimes.
 *
 * @module
 */
import { isIP } from "node:net";
import { connect, rootCertificates } from "node:tls";
import { type Connection, DialError, type DialTarget, type DialTlsOptions } from "../ports.ts";
import { dial, toDialError } from "./dial.ts";
import { SocketConnection } from "./socket_connection.ts";

/** What the runtimes say of a certificate that will not do. */
const CERTIFICATE =
  /cert|issuer|altname|self[- ]?signed|unable to verify|not ?valid ?for ?name|chain/i;
/** What they say where something other than TLS is spoken. */
const NO_TLS =
  /ssl|tls|wrong version|corrupt message|handshake|eproto|unexpected eof|packet length/i;

/** Connects by TLS; see `Runtime.dialTls`. @throws {DialError} */
export function dialTls(target: DialTarget, options: DialTlsOptions = {}): Promise<Connection> {
  return dial(target, options, (abandoned) => open(target, options, abandoned));
}

function open(
  target: DialTarget,
  { serverName = target.hostname, ca, alsoTrust }: DialTlsOptions,
  abandoned: AbortSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const isName = isIP(serverName) === 0;
    const socket = connect({
      host: target.hostname,
      port: target.port,
      // An address is no name to ask for [RFC 6066 §3]; the certificate is held against it all the same.
      ...(isName ? { servername: serverName } : {}),
      ...(ca === undefined ? {} : { ca }),
      // What is named takes the place of what is known.
      ...(alsoTrust === undefined ? {} : { ca: [...rootCertificates, alsoTrust] }),
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
    });
    const giveUp = () => socket.destroy();
    abandoned.addEventListener("abort", giveUp, { once: true });
    const fail = (error: Error) => {
      abandoned.removeEventListener("abort", giveUp);
      socket.destroy();
      reject(toTlsError(error, target));
    };
    const onClose = () => fail(new Error("The peer hung up during the TLS handshake"));
    socket.once("error", fail);
    socket.once("close", onClose);
    socket.once("secureConnect", () => {
      abandoned.removeEventListener("abort", giveUp);
      socket.off("error", fail);
      socket.off("close", onClose);
      resolve(new SocketConnection(socket));
    });
  });
}

/** What an error of a connection by TLS means. */
export function toTlsError(error: Error, target: DialTarget): DialError {
  const known = toDialError(error, target);
  if (known.reason !== "other") return known;
  const said = `${(error as { code?: unknown }).code} ${error.message}`;
  const reason = CERTIFICATE.test(said) ? "untrusted" : NO_TLS.test(said) ? "no-tls" : "other";
  return new DialError(reason, target, { cause: error });
}
