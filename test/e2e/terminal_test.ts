/** A server that somebody started by hand, and the terminal that it was started on. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { runtimeCommand } from "../support/server.ts";
import { onTerminal } from "../support/terminal.ts";

/** Whether somebody listens on a port of this machine. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

test("a server ends with the terminal that it was started on", async () => {
  const [program, before] = runtimeCommand("mod.ts");
  const args = ["--rtmp-port", "0", "--http-port", "0"];
  const env = { NO_COLOR: "1" };
  await using terminal = onTerminal([program, ...before, ...args], { env });
  // The banner comes when all is ready, and names both ports.
  const address = await terminal.waitForLine(
    (line) => /rtmp:\/\/localhost:(\d+)\/live/.exec(line)?.[1],
    "the banner",
    60_000,
  );
  const port = Number(address);
  assert.ok(await answers(port));
  await terminal.kill();
  await until(async () => (await answers(port)) ? undefined : true, "nobody listens any more");
});
