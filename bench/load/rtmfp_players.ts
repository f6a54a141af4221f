/**
 * Players of RTMFP, all of them in one process: they acknowledge and read nothing.
 *
 *     deno run -A bench/load/rtmfp_players.ts PORT COUNT [codes]
 *
 * With `codes` packets have codes and numbers in place of checksums.
 *
 * @module
 */
import process from "node:process";
import { amfObject, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { Initiator, type InitiatorOwner } from "../../src/core/rtmfp/initiator.ts";
import type { ReceiveFlow } from "../../src/core/rtmfp/receive_flow.ts";
import type { Session } from "../../src/core/rtmfp/session.ts";
import { metadataOf, tcMessage } from "../../src/core/rtmfp/tc_message.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { now, sleep } from "../clock.ts";

const [port = 0, count = 1] = process.argv.slice(2, 4).map(Number);
const wishes = process.argv[4] === "codes" ? { codeLength: 16, numbered: true } : {};
const HOST = "127.0.0.1";
const URL = `rtmfp://${HOST}/live`;

/** How often they look at the clock (ms), and how long after one the next joins: each costs the server milliseconds. */
const TICK_MS = 20;
const JOIN_MS = 30;

const runtime = await loadRuntime();

/** One player. */
class Player implements InitiatorOwner {
  readonly #send: (datagram: Uint8Array) => void;

  constructor(send: (datagram: Uint8Array) => void) {
    this.#send = send;
  }

  send(datagram: Uint8Array): void {
    this.#send(datagram);
  }

  randomBytes(length: number): Uint8Array {
    return runtime.randomBytes(length);
  }

  onOpen(session: Session): void {
    const { outgoing } = session;
    const control = outgoing.open(metadataOf(0), undefined, false);
    const command = (name: string, id: number, ...values: Parameters<typeof encodeAmf0>) =>
      tcMessage(20, 0, encodeAmf0(name, id, ...values));
    control.write(command("connect", 1, amfObject({ app: "live", tcUrl: URL })));
    control.write(command("createStream", 2, null));
    // The first stream of a connection has number 1.
    outgoing.open(metadataOf(1), undefined, false).write(command("play", 0, null, "s", -1000));
    session.flush(now());
  }

  onFailed(why: unknown): void {
    console.error("failed", why);
  }

  onFlow(): boolean {
    return true;
  }

  onMessages(flow: ReceiveFlow): void {
    while (flow.shift() !== undefined);
  }

  onClose(reason: string): void {
    console.error("closed", reason);
  }

  onFlowEnd(): void {}
  onRoom(): void {}
  onRefused(): void {}
  onPong(): void {}
  onMoved(): void {}

  othersCriticalAt(): number {
    return -Infinity;
  }
}

const players: Initiator[] = [];
setInterval(() => {
  const at = now();
  for (const player of players) player.tick(at);
}, TICK_MS);
const ciphers = await runtime.ciphers?.();
for (let index = 0; index < count; index++) {
  const at = { hostname: HOST, port: 0 };
  const socket = await runtime.listenUdp(at, (datagram, from) => {
    players[index]?.receive(datagram, from, now());
  });
  const server = { hostname: HOST, port };
  const owner = new Player((datagram) => socket.send(datagram, server));
  const options = { ...wishes, url: URL, server, maxMessageBytes: 1 << 24, ciphers };
  players.push(new Initiator(owner, options, now()));
  await sleep(JOIN_MS);
}
