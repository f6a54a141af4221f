/**
 * Opens so many connections by TLS a second, each with a full handshake, and leaves once that is done:
 * `PORT RATE`. Prints how many were done, once a second.
 *
 * @module
 */
import process from "node:process";
import { connect } from "node:tls";

const [port, rate] = process.argv.slice(2).map(Number) as [number, number];
let [begun, done, failed] = [0, 0, 0];
const start = performance.now();

function shake(): void {
  // A session that is gone on with would be no full handshake.
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  socket.once("secureConnect", () => {
    done++;
    socket.destroy();
  });
  socket.on("error", () => {
    failed++;
    socket.destroy();
  });
}

setInterval(() => {
  const due = Math.floor((performance.now() - start) / 1000 * rate);
  while (begun < due) {
    begun++;
    shake();
  }
}, 10);
setInterval(() => {
  console.log(`shaken ${done} ${failed}`);
  done = failed = 0;
}, 1000);
