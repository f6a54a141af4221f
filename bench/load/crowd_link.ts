/**
 * The load generator's end of the line to its crowd.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CrowdCommand, CrowdCount, CrowdEvent, CrowdTask } from "./crowd_protocol.ts";

/** The crowd in its own process. It ends when this process ends, however it ends. */
export class Crowd {
  readonly #child: ChildProcess;
  readonly #events: CrowdEvent[] = [];
  #wake: () => void = () => {};
  #ended = false;

  constructor(task: CrowdTask) {
    const program = fileURLToPath(new URL("crowd.ts", import.meta.url));
    const args = ["Deno" in globalThis ? ["run", "-A"] : ["run"], program].flat();
    this.#child = spawn(process.execPath, [...args, JSON.stringify(task)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.#events.push(JSON.parse(line));
      this.#wake();
    });
    this.#child.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async #next<E extends CrowdEvent["event"]>(event: E): Promise<CrowdEvent & { event: E }> {
    for (;;) {
      const next = this.#events.shift();
      if (next?.event === event) return next as CrowdEvent & { event: E };
      if (this.#ended) throw new Error("The crowd broke down");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #tell(command: CrowdCommand): void {
    this.#child.stdin!.write(`${command}\n`);
  }

  /** Waits until all have joined. */
  async ready(): Promise<void> {
    await this.#next("ready");
  }

  /** Begins the window. */
  async start(): Promise<void> {
    this.#tell("start");
    await this.#next("started");
  }

  /** Ends the window. */
  async stop(): Promise<CrowdCount> {
    this.#tell("stop");
    return (await this.#next("stopped")).count;
  }

  /** Sends everybody home. */
  end(): void {
    this.#child.kill("SIGKILL");
  }
}
