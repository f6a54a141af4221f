/**
 * Connections from balancers: what they send first says who their client is. Until then they count as
 * others that have not shown what they want.
 *
 * @module
 */
import type {
  Address,
  Clock,
  Connection,
  ConnectionHandler,
  DoorHandler,
  HeaderReader,
  Proxies,
  Timer,
  Visitor,
} from "../ports.ts";
import { PassedConnection } from "./passed_connection.ts";

/** A connection of which the client is at another address than its other end. */
class ProxiedConnection extends PassedConnection {
  readonly #arrival: ProxiedArrival;
  readonly #remote: Address;

  constructor(arrival: ProxiedArrival, connection: Connection, remote: Address) {
    super(connection);
    this.#arrival = arrival;
    this.#remote = remote;
  }

  override get remote(): Address {
    return this.#remote;
  }

  override start(handler: ConnectionHandler): void {
    this.#arrival.handTo(handler);
  }
}

/** One connection from a balancer. */
class ProxiedArrival implements Visitor, ConnectionHandler {
  spoke = false;
  readonly remote: Address;
  readonly #connection: Connection;
  readonly #proxies: Proxies;
  readonly #door: DoorHandler;
  readonly #reader: HeaderReader;
  #timer: Timer | undefined;
  #handler: ConnectionHandler | undefined;
  /** Nothing more is read of it here. */
  #over = false;

  constructor(connection: Connection, proxies: Proxies, door: DoorHandler, clock: Clock) {
    this.remote = connection.remote;
    this.#connection = connection;
    this.#proxies = proxies;
    this.#door = door;
    this.#reader = proxies.reader();
    connection.start(this);
    if (door.onVisitor(this)) {
      this.#timer = clock.after(proxies.headerMs, () => this.#refuse("its PROXY header is late"));
    } else {
      this.#over = true;
      connection.destroy();
    }
  }

  /** Whoever has the connection is told all that comes behind the header. */
  handTo(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  onData(bytes: Uint8Array): void {
    if (this.#handler !== undefined) return this.#handler.onData(bytes);
    if (this.#over) return;
    this.spoke = true;
    const progress = this.#reader.read(bytes);
    if (progress.kind === "more") return;
    if (progress.kind === "wrong") return this.#refuse(progress.why);
    this.#leave();
    const { client = this.remote, rest } = progress;
    const proxied = new ProxiedConnection(this, this.#connection, client);
    this.#door.onConnection(proxied, this, false);
    if (rest.length > 0) this.onData(rest);
  }

  onWritable(): void {
    this.#handler?.onWritable();
  }

  onClose(error?: Error): void {
    if (this.#handler !== undefined) return this.#handler.onClose(error);
    if (this.#over) return;
    this.#leave();
    this.#door.onLeft(this);
  }

  destroy(): void {
    this.#leave();
    this.#connection.destroy();
  }

  #refuse(why: string): void {
    this.#proxies.onWrong(this.remote, why);
    this.destroy();
    this.#door.onLeft(this);
  }

  #leave(): void {
    this.#over = true;
    this.#timer?.cancel();
  }
}

/** What takes connections of a listener that balancers connect to, for those behind the door. */
export function behindBalancers(
  proxies: Proxies | undefined,
  door: DoorHandler,
  clock: Clock,
  accept: (connection: Connection) => void,
): (connection: Connection) => void {
  if (proxies === undefined) return accept;
  return (connection) => {
    if (proxies.has(connection.remote.hostname)) {
      new ProxiedArrival(connection, proxies, door, clock);
    } else accept(connection);
  };
}
