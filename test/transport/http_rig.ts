/**
 * HTTP servers of the runtime at hand, for the tests of their contract.
 *
 * @module
 */
import { connect } from "node:net";
import type { HttpHandler, HttpLimits, PlainHandler } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { within } from "../support/deadline.ts";

export const HERE = { hostname: "127.0.0.1", port: 0 };

/** A server that ends with the test. */
export async function serve(handler: HttpHandler, limits?: HttpLimits, plain?: PlainHandler) {
  const server = await (await loadRuntime()).serveHttp(HERE, handler, limits, plain);
  const { port } = server.address;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** All that a server says to these bytes until it closes. */
export async function said(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("error", () => {});
  socket.on("data", (part: Uint8Array) => text += new TextDecoder().decode(part));
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(bytes);
  await within(closed, "the server closes", undefined, () => text);
  return text;
}
