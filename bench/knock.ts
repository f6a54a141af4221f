/**
 * Tries to connect to a server that is starting.
 *
 * @module
 */
import { connect } from "node:net";
import { sleep } from "./clock.ts";

/** C0 and C1 of the simple handshake [RTMP 1.0 §5.2]. */
const HELLO = Uint8Array.from({ length: 1537 }, (_, i) => i === 0 ? 3 : 0);

/** When a server first accepted a connection, and when it answered it (`performance.now()`). */
export interface Knock {
  readonly acceptedAt: number;
  readonly answeredAt: number;
}

/** `undefined` when nobody listens. */
function knockOnce(port: number): Promise<Knock | undefined> {
  return new Promise((resolve) => {
    let acceptedAt = 0;
    const socket = connect({ host: "127.0.0.1", port }, () => {
      acceptedAt = performance.now();
      socket.write(HELLO);
    });
    socket.on("data", () => {
      resolve({ acceptedAt, answeredAt: performance.now() });
      socket.destroy();
    });
    socket.on("error", () => {}); // `close` follows.
    socket.on("close", () => resolve(undefined));
  });
}

/** Knocks every millisecond until the server answers. `undefined` when `givenUp` comes first. */
export async function knock(port: number, givenUp: Promise<unknown>): Promise<Knock | undefined> {
  let ended = false;
  const end = givenUp.then(() => {
    ended = true;
    return undefined;
  });
  while (!ended) {
    const answer = await Promise.race([knockOnce(port), end]);
    if (answer !== undefined) return answer;
    await sleep(1);
  }
  return undefined;
}
