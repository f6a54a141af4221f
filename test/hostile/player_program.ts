/**
 * Players as a process of their own, which a test can stop or give a core to:
 * `watch PORT NAME` writes a line for each picture, `crowd PORT NAME COUNT BYTES` lets COUNT players
 * in at once and writes how long the slowest took to be sent so many BYTES; each leaves then.
 *
 * @module
 */
import { connect } from "node:net";
import process from "node:process";
import { encodeAmf } from "../support/amf0.ts";
import { joined, writeMessage } from "../support/chunks.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { pictureOf } from "./healthy_set.ts";

const HANDSHAKE = 1536;

async function watch(port: number, name: string): Promise<void> {
  const client = await RtmpClient.open(port);
  await client.play("live", name);
  for (;;) {
    await client.waitFor(({ type }) => type === Type.Video, "a picture", 60_000);
    for (const { type, payload } of client.messages.splice(0)) {
      const picture = pictureOf(type, payload);
      if (picture === undefined) continue;
      console.log(`picture ${picture.number} ${picture.isKey ? "key" : "inter"}`);
    }
  }
}

/** What a player says behind the handshake, all at once. */
function requests(name: string): Uint8Array {
  const command = (streamId: number, payload: Uint8Array) =>
    writeMessage({ type: Type.Command, streamId, timestamp: 0, payload }, 3, 128);
  return joined([
    command(0, encodeAmf("connect", 1, { app: "live", tcUrl: "rtmp://127.0.0.1/live" })),
    command(0, encodeAmf("createStream", 2, null)),
    command(1, encodeAmf("play", 3, null, name)),
  ]);
}

/** One player that counts bytes and keeps none; resolves with the ms until it had `bytes`. */
function join(port: number, name: string, bytes: number): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    let count = 0;
    let answered = false;
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => {
      const hello = new Uint8Array(1 + HANDSHAKE);
      hello[0] = 3;
      socket.write(hello);
    });
    socket.on("data", (data) => {
      count += data.length;
      if (!answered && count >= 1 + 2 * HANDSHAKE) {
        answered = true;
        socket.write(joined([new Uint8Array(HANDSHAKE), requests(name)]));
      }
      if (count < bytes) return;
      resolve(performance.now() - start);
      // A crowd that stayed would be a test of how many players there may be.
      socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
  });
}

async function crowd(port: number, name: string, count: number, bytes: number): Promise<void> {
  const joins: Promise<number>[] = [];
  // Spread over a second.
  for (let index = 0; index < count; index++) {
    joins.push(join(port, name, bytes).catch(() => NaN));
    if (index % Math.ceil(count / 50) === 0) await new Promise((done) => setTimeout(done, 20));
  }
  const times = (await Promise.all(joins)).filter((took) => !Number.isNaN(took));
  console.log(`joined ${times.length} slowest ${Math.round(Math.max(...times))}`);
}

const [mode, port, name, count, bytes] = process.argv.slice(2);
if (mode === "watch") await watch(Number(port), name!);
else await crowd(Number(port), name!, Number(count), Number(bytes));
