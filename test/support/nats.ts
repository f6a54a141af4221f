/**
 * NATS with JetStream, for tests, and wires to it that can be cut.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { until } from "./deadline.ts";
import { answers, unusedPort } from "./nginx.ts";
import { TestProcess } from "./process.ts";

/** A running nats-server. Use it with `await using`. */
export class TestNats implements AsyncDisposable {
  readonly port: number;
  readonly #work: string;
  #process: TestProcess;

  private constructor(port: number, work: string) {
    this.port = port;
    this.#work = work;
    this.#process = this.#run();
  }

  static async start(): Promise<TestNats> {
    const nats = new TestNats(await unusedPort(), mkdtempSync(join(tmpdir(), "sluice-nats-")));
    await nats.#listens();
    return nats;
  }

  #run(): TestProcess {
    const args = ["-js", "-a", "127.0.0.1", "-p", `${this.port}`, "-sd", this.#work];
    return new TestProcess("nats-server", args);
  }

  async #listens(): Promise<void> {
    await until(() => answers(this.port), "nats-server listens");
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Kills it, without a word. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Starts it again behind {@link kill}; `forgetful`: without what it knew. */
  async again(forgetful = false): Promise<void> {
    if (forgetful) rmSync(this.#work, { recursive: true, force: true });
    this.#process = this.#run();
    await this.#listens();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
    rmSync(this.#work, { recursive: true, force: true });
  }
}

/** A wire to a port of this machine that can be cut: then nothing passes, and nobody is told. */
export class Wire implements AsyncDisposable {
  readonly port: number;
  readonly #server: net.Server;
  readonly #to: number;
  readonly #sockets = new Set<net.Socket>();
  #isCut = false;

  private constructor(server: net.Server, to: number) {
    this.#server = server;
    this.#to = to;
    this.port = (server.address() as net.AddressInfo).port;
    server.on("connection", (socket) => this.#pass(socket));
  }

  static async to(port: number): Promise<Wire> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Wire(server, port);
  }

  #pass(from: net.Socket): void {
    const to = net.connect(this.#to, "127.0.0.1");
    for (const [one, other] of [[from, to], [to, from]] as const) {
      this.#sockets.add(one);
      one.on("data", (bytes) => {
        if (!this.#isCut) other.write(bytes);
      });
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  /** Nothing passes from now on. */
  cut(): void {
    this.#isCut = true;
  }

  /** What passes from now on passes; what was lost ends its connections. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
