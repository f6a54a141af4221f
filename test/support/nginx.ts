/**
 * nginx with its RTMP module, for tests.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nginxRtmp } from "../../bench/servers/nginx_rtmp.ts";
import { until } from "./deadline.ts";
import { TestProcess } from "./process.ts";

/** Ports below those that the kernel gives out by itself, so that nobody gets ours meanwhile. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** Whether somebody listens at a port of this machine. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** A port of this machine that nobody has. */
export async function unusedPort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if (!await answers(port)) return port;
  }
}

/** A running nginx with one application, `live`. Use it with `await using`. */
export class TestNginx implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #work: string;
  readonly port: number;

  private constructor(process: TestProcess, work: string, port: number) {
    this.#process = process;
    this.#work = work;
    this.port = port;
  }

  /** Starts it, at a port that nobody has if none is named, and waits until it listens. */
  static async start(at?: number): Promise<TestNginx> {
    const found = await nginxRtmp.find();
    const port = at ?? await unusedPort();
    const work = mkdtempSync(join(tmpdir(), "sluice-nginx-"));
    const { program, args } = found.command({
      port,
      httpPort: 0,
      work,
      latency: "lowest",
      floorWindowMs: 0,
      kbps: 0,
    });
    const nginx = new TestNginx(new TestProcess(program, args), work, port);
    await until(() => answers(port), "nginx listens");
    return nginx;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its worker ends with it only when it is asked.
    this.#process.signal("SIGTERM");
    await this.#process.ended();
    rmSync(this.#work, { recursive: true, force: true });
  }
}
