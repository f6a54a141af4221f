/**
 * The service of RTMFP in front of that of RTMP, on a fake clock and without a socket, and independent
 * clients whose datagrams go to it by hand.
 *
 * @module
 */
import { Admission, type Evictable } from "../../../src/service/admission.ts";
import type { Address, DatagramSocket } from "../../../src/ports.ts";
import {
  type RtmfpConnection,
  RtmfpService,
  type RtmfpSettings,
} from "../../../src/service/rtmfp/mod.ts";
import { type Amf, decodeAmf, encodeAmf } from "../amf0.ts";
import { Rig, settle } from "../rtmp_service.ts";
import { type PeerOptions, RtmfpPeer } from "./peer.ts";
import type { Came } from "./peer_inbound.ts";

/** How far the clock goes in one step (ms): as often as the service looks at it. */
const STEP_MS = 10;

/** A service of RTMFP, and of RTMP behind it. */
export class RtmfpRig extends Rig {
  readonly rtmfp: RtmfpService;
  /** Datagrams that the service sent to anybody, and bytes of them. */
  sent = 0;
  sentBytes = 0;
  closed = false;
  /** Clients that have spoken RTMP. */
  readonly clients: RtmfpConnection[] = [];
  readonly #peers = new Map<string, RigPeer>();
  #queue: { readonly datagram: Uint8Array; readonly to: Address }[] = [];

  constructor(
    settings: ConstructorParameters<typeof Rig>[0] = {},
    rtmfp: Partial<RtmfpSettings> = {},
  ) {
    super(settings);
    let ids = 0;
    const randomBytes = (length: number) => {
      const bytes = new Uint8Array(length).fill(0x5a);
      new DataView(bytes.buffer).setUint32(0, ++ids);
      return bytes;
    };
    this.rtmfp = new RtmfpService({
      config: { ...this.settings, redirect: undefined, ...rtmfp },
      runtime: { clock: this.clock, randomBytes },
      admission: new Admission<Evictable>(this.settings),
      accept: (client) => {
        this.clients.push(client);
        this.service.accept(client, { secure: false, tunnelled: false, inFlows: true });
      },
    });
    this.rtmfp.bind(this.#socket());
  }

  #socket(): DatagramSocket {
    return {
      address: { hostname: "192.0.2.2", port: 1935 },
      send: (datagram, to) => {
        this.sent++;
        this.sentBytes += datagram.length;
        this.#queue.push({ datagram, to });
      },
      close: () => this.closed = true,
    };
  }

  /** A client at an address, which has said nothing yet. */
  peer(address: Address = { hostname: "192.0.2.7", port: 5000 }, options?: PeerOptions): RigPeer {
    const peer = new RigPeer(this, address, options);
    this.#peers.set(keyOf(address), peer);
    return peer;
  }

  /** A client has another address from now on, or none. */
  move(from: Address, to: Address | undefined): void {
    const peer = this.#peers.get(keyOf(from));
    this.#peers.delete(keyOf(from));
    if (peer !== undefined && to !== undefined) this.#peers.set(keyOf(to), peer);
  }

  /** Gives clients what they were sent, and what they sent for that, until there is nothing. */
  carry(): void {
    for (let turns = 0; this.#queue.length > 0 && turns < 1000; turns++) {
      for (const { datagram, to } of this.#queue.splice(0)) {
        this.#peers.get(keyOf(to))?.peer.receive(datagram, this.clock.now());
      }
    }
  }

  /** Forgets what was sent and not carried. Returns it. */
  takeSent(): { readonly datagram: Uint8Array; readonly to: Address }[] {
    return this.#queue.splice(0);
  }

  /** Lets time pass, in which everything arrives at once. */
  async pass(ms: number): Promise<void> {
    for (const end = this.clock.now() + ms; this.clock.now() < end;) {
      this.clock.advance(STEP_MS);
      await settle();
      this.carry();
      for (const { peer } of this.#peers.values()) peer.tick(this.clock.now());
    }
    await settle();
    this.carry();
  }
}

/** A client of the rig. */
export class RigPeer {
  readonly peer: RtmfpPeer;
  /** All that came and was not taken, oldest first. */
  readonly messages: Came[] = [];
  #address: Address;
  readonly #rig: RtmfpRig;
  #transaction = 0;

  constructor(rig: RtmfpRig, address: Address, options?: PeerOptions) {
    this.#rig = rig;
    this.#address = address;
    this.peer = new RtmfpPeer((datagram) => this.send(datagram), options);
    this.peer.onMessage = (came) => this.messages.push(came);
  }

  /** Sends a datagram from where it is. */
  send(datagram: Uint8Array): void {
    // It is lent to the service.
    const lent = new Uint8Array(datagram);
    this.#rig.rtmfp.onDatagram(lent, this.#address);
    lent.fill(0xee);
  }

  /** Goes on at another address. */
  moveTo(address: Address): void {
    this.#rig.move(this.#address, address);
    this.#address = address;
  }

  /** Is not there any more, and does not say so. */
  vanish(): void {
    this.#rig.move(this.#address, undefined);
  }

  /** Shakes hands. */
  async open(url = "rtmfp://server.example/live"): Promise<this> {
    this.peer.connect(url, this.#rig.clock.now());
    for (let turns = 0; this.peer.state !== "open" && turns < 10; turns++) await this.#rig.pass(10);
    if (this.peer.state !== "open") throw new Error(`The peer is in state ${this.peer.state}`);
    return this;
  }

  /** Sends a message. */
  message(streamId: number, type: number, timestamp: number, payload: Uint8Array): void {
    this.peer.write(streamId, type, timestamp, payload, this.#rig.clock.now());
  }

  /** Sends a command. */
  command(streamId: number, name: string, ...values: Amf[]): void {
    this.message(streamId, 20, 0, encodeAmf(name, ++this.#transaction, ...values));
  }

  /** Shakes hands, connects and has a stream of number 1. */
  async connected(app = "live"): Promise<this> {
    await this.open();
    const tcUrl = `rtmfp://server.example/${app}`;
    this.command(0, "connect", { app, tcUrl, flashVer: "test", objectEncoding: 0 });
    this.command(0, "createStream", null);
    await this.#rig.pass(50);
    this.codes();
    return this;
  }

  /** The codes of statuses and answers that came since the last call. */
  codes(): string[] {
    return this.messages.splice(0).filter(({ type }) => type === 20).flatMap(({ payload }) => {
      const [name, , ...values] = decodeAmf(payload);
      const code = values.map((value) => (value as { code?: string } | null)?.code)
        .find((code) => code !== undefined);
      return [code ?? String(name)];
    });
  }

  /** Media that came since the last call, as "type timestamp length". */
  media(): string[] {
    return this.messages.splice(0).filter(({ type }) => type === 8 || type === 9)
      .map(({ type, timestamp, payload }) => `${type} ${timestamp} ${payload.length}`);
  }
}

function keyOf({ hostname, port }: Address): string {
  return `${hostname}:${port}`;
}
