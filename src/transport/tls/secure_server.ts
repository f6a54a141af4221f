/**
 * The server's side of TLS on sockets that were accepted, with `node:tls`: several certificates, bounds
 * of the version, certificates of clients.
 *
 * @module
 */
import type { Socket } from "node:net";
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type Server,
  type TLSSocket,
} from "node:tls";
import type { TlsOptions, TlsPair, TlsVersion } from "../../ports.ts";
import { tieReading } from "./tie_reading.ts";

/** What becomes of a handshake. */
export interface Handshaking {
  /** It is over, and the client is who it has to be. */
  onSecure(socket: TLSSocket): void;
  /** It failed. */
  onFailed(error: Error): void;
}

/** A socket is known by who is at its other end, as both layers of it tell that alike. */
const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;

/** Shakes hands with whoever it is given. */
export class SecureServer {
  readonly #options: TlsOptions;
  readonly #server: Server;
  readonly #handshakes = new Map<string, Handshaking>();
  readonly #unwatch: () => void;
  #contexts: readonly (readonly [names: readonly string[], context: SecureContext])[];

  /** @throws {Error} when the certificates cannot be used */
  constructor(options: TlsOptions) {
    this.#options = options;
    const { pairs, clientCa } = options.source.current;
    this.#contexts = this.#make();
    this.#server = createServer({
      ...contextOptions(pairs[0]!, options, clientCa),
      SNICallback: (name, found) => found(null, this.#contextOf(name)),
      ...(clientCa !== undefined && { requestCert: true, rejectUnauthorized: true }),
      // There is a deadline of ours, which begins earlier.
      handshakeTimeout: options.handshakeMs,
    });
    this.#server.on("secureConnection", (socket: TLSSocket) => {
      const handshake = this.#take(socket);
      if (handshake === undefined) socket.destroy();
      else handshake.onSecure(socket);
    });
    this.#server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      this.#take(socket)?.onFailed(error);
      // Nobody else closes it.
      socket.destroy();
    });
    this.#unwatch = options.source.watch(() => this.#renew());
  }

  /** Shakes hands on a socket whose first bytes have been put back. @returns what forgets it */
  begin(socket: Socket, handshaking: Handshaking): () => void {
    const key = keyOf(socket);
    this.#handshakes.set(key, {
      onFailed: (error) => handshaking.onFailed(error),
      onSecure(secure) {
        tieReading(secure, socket);
        handshaking.onSecure(secure);
      },
    });
    const entry = this.#handshakes.get(key);
    this.#server.emit("connection", socket);
    return () => {
      if (this.#handshakes.get(key) === entry) this.#handshakes.delete(key);
    };
  }

  close(): void {
    this.#unwatch();
    this.#handshakes.clear();
  }

  #take(socket: Socket): Handshaking | undefined {
    const key = keyOf(socket);
    const handshaking = this.#handshakes.get(key);
    this.#handshakes.delete(key);
    return handshaking;
  }

  #make() {
    const { pairs, clientCa } = this.#options.source.current;
    return pairs.map((pair) =>
      [
        pair.names,
        createSecureContext(contextOptions(pair, this.#options, clientCa)),
      ] as const
    );
  }

  /** Handshakes from now on are with the new certificates; what has shaken hands goes on. */
  #renew(): void {
    const { pairs, clientCa } = this.#options.source.current;
    this.#contexts = this.#make();
    this.#server.setSecureContext(contextOptions(pairs[0]!, this.#options, clientCa));
  }

  #contextOf(name: string): SecureContext {
    const asked = name.toLowerCase();
    const above = asked.replace(/^[^.]+/, "*");
    const found = this.#contexts.find(([names]) => names.includes(asked)) ??
      this.#contexts.find(([names]) => names.includes(above)) ?? this.#contexts[0]!;
    return found[1];
  }
}

const VERSIONS = { "1.2": "TLSv1.2", "1.3": "TLSv1.3" } as const satisfies Record<
  TlsVersion,
  string
>;

function contextOptions(
  { cert, key }: TlsPair,
  { minVersion, maxVersion }: TlsOptions,
  ca: string | undefined,
) {
  return {
    cert,
    key,
    minVersion: VERSIONS[minVersion],
    maxVersion: VERSIONS[maxVersion],
    ...(ca !== undefined && { ca }),
  };
}
