/**
 * A server that lets nobody publish or play: behind the handshake it sends messages of type 7 without a body, as
 * many as are taken. Prints its port, and what was taken of it once a second.
 *
 * @module
 */
import net from "node:net";

const PACKET = 1536;
/** A message of type 7, of no bytes. */
const MESSAGE = [2, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0];
const BLOCK = Uint8Array.from({ length: MESSAGE.length * 4096 }, (_, at) => MESSAGE[at % 12]!);

let blocks = 0;
const server = net.createServer((socket) => {
  let [count, begun] = [0, false];
  const flood = () => {
    do {
      blocks++;
    } while (socket.write(BLOCK));
  };
  socket.on("error", () => {});
  socket.on("data", (bytes: Uint8Array) => {
    count += bytes.length;
    if (begun || count < 1 + PACKET) return;
    begun = true;
    socket.write(Uint8Array.of(3));
    socket.write(new Uint8Array(2 * PACKET));
    socket.on("drain", flood);
    flood();
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(`port ${(server.address() as net.AddressInfo).port}`);
});
setInterval(() => {
  console.log(`messages ${blocks * 4096}`);
  blocks = 0;
}, 1000);
