/**
 * Publishes a capture of Enhanced RTMP as its client did.
 *
 * @module
 */
import { connect } from "node:net";
import { decodeAmf } from "./amf0.ts";
import { enhancedCapture, enhancedMessages } from "./enhanced.ts";
import { Type } from "./rtmp_client.ts";
import type { TestServer } from "./server.ts";

/** The stream name that a capture publishes to. */
export function enhancedStream(name: string): string {
  const publish = enhancedMessages(name).map(({ type, payload }) =>
    type === Type.Command ? decodeAmf(payload) : []
  ).find(([command]) => command === "publish")!;
  return publish[3] as string;
}

/** Sends a capture again, byte by byte as its client did, up to `end`; the rest when it is called. */
export function replay(
  server: TestServer,
  name: string,
  part = 1,
): { finish(): void } & AsyncDisposable {
  const bytes = enhancedCapture(name);
  const cut = Math.round(bytes.length * part);
  const socket = connect({ host: "127.0.0.1", port: server.rtmpPort });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.resume();
  socket.write(bytes.subarray(0, cut));
  const finish = () => socket.end(bytes.subarray(cut));
  if (part === 1) finish();
  return {
    finish,
    [Symbol.asyncDispose]() {
      socket.destroy();
      return closed;
    },
  };
}
