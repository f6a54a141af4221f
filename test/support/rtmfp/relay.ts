/**
 * A relay of UDP that loses, re-orders and repeats datagrams by a seed.
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";

/** How it treats datagrams, as parts of 1. */
export interface RelayFaults {
  readonly lost: number;
  readonly late: number;
  readonly twice: number;
}

/** What issue 14 calls a lossy link. */
export const LOSSY: RelayFaults = { lost: 0.05, late: 0.05, twice: 0.02 };

/** How long a datagram that is late stays (ms). */
const LATE_MS = 15;

/** A relay to one port of this machine, for clients that come to its own. */
export class LossyRelay implements AsyncDisposable {
  readonly seed: number;
  /** Datagrams that came, that were lost, late and repeated. */
  came = 0;
  lost = 0;
  late = 0;
  twice = 0;
  port = 0;
  readonly #faults: RelayFaults;
  readonly #inside = createSocket("udp4");
  readonly #outside = new Map<number, Socket>();
  #state: number;

  private constructor(faults: RelayFaults, seed: number) {
    this.#faults = faults;
    this.seed = seed;
    this.#state = seed >>> 0 || 1;
  }

  /** Opens a relay to a port. */
  static async open(
    target: number,
    faults: RelayFaults = LOSSY,
    seed: number = Math.floor(Math.random() * 2 ** 31),
  ): Promise<LossyRelay> {
    const relay = new LossyRelay(faults, seed);
    await new Promise<void>((resolve) => relay.#inside.bind(0, "127.0.0.1", resolve));
    relay.port = relay.#inside.address().port;
    relay.#inside.on("message", (datagram, { port }) => {
      const out = relay.#socketOf(port);
      relay.#pass(() => out.send(datagram, target, "127.0.0.1", () => {}));
    });
    return relay;
  }

  #socketOf(client: number): Socket {
    let socket = this.#outside.get(client);
    if (socket === undefined) {
      socket = createSocket("udp4");
      socket.on("error", () => {});
      socket.on("message", (datagram) => {
        this.#pass(() => this.#inside.send(datagram, client, "127.0.0.1", () => {}));
      });
      this.#outside.set(client, socket);
    }
    return socket;
  }

  #chance(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }

  #pass(go: () => void): void {
    const { lost, late, twice } = this.#faults;
    this.came++;
    if (this.#chance() < lost) return void this.lost++;
    const later = () => {
      try {
        go();
      } catch {
        // It was closed meanwhile.
      }
    };
    if (this.#chance() < late) {
      this.late++;
      setTimeout(later, LATE_MS);
    } else later();
    if (this.#chance() < twice) {
      this.twice++;
      setTimeout(later, 1);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#inside.close();
    for (const socket of this.#outside.values()) socket.close();
    return Promise.resolve();
  }
}
