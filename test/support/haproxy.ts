/**
 * HAProxy, for tests.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./deadline.ts";
import { answers } from "./nginx.ts";
import { TestProcess } from "./process.ts";

/** A running HAProxy. Use it with `await using`. */
export class TestHaproxy implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly #work: string;

  private constructor(process: TestProcess, work: string) {
    this.#process = process;
    this.#work = work;
  }

  /** Starts it with a configuration, and waits until it listens at `ports`. */
  static async start(config: string, ports: readonly number[]): Promise<TestHaproxy> {
    const work = mkdtempSync(join(tmpdir(), "sluice-haproxy-"));
    const file = join(work, "haproxy.cfg");
    writeFileSync(file, config);
    const haproxy = new TestHaproxy(new TestProcess("haproxy", ["-db", "-f", file]), work);
    for (const port of ports) await until(() => answers(port), "HAProxy listens");
    return haproxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its worker ends with it only when it is asked.
    this.#process.signal("SIGTERM");
    await this.#process.ended();
    rmSync(this.#work, { recursive: true, force: true });
  }
}
