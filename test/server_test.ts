/** Starting and stopping a server, in every order, on a machine that does as it is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, definePlugin, UsageError } from "../mod.ts";
import type { Address, Runtime } from "../src/ports.ts";
import { Server } from "../src/server.ts";
import { FakeClock } from "./support/clock.ts";
import { within } from "./support/deadline.ts";
import { MemoryConnection } from "./support/memory_connection.ts";

class PortTaken extends Error {}

/** A machine on which each step of a start or a stop waits until it is let go. */
class GatedMachine {
  readonly clock = new FakeClock();
  readonly gates: { name: string; resolve(): void; reject(error: Error): void }[] = [];
  readonly open = { rtmp: 0, http: 0 };
  /** Most of one kind that were open at once. */
  most = 0;
  accept: ((connection: MemoryConnection) => void) | undefined;

  readonly loadRuntime = async (): Promise<Runtime> => {
    await this.#gate("load");
    return {
      name: "none",
      version: "0",
      clock: this.clock,
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      writeOut: (bytes) => Promise.resolve(bytes.length),
      listenTcp: async (address, onConnection) => {
        await this.#gate("rtmp");
        this.accept = onConnection;
        return { address, close: this.#opened("rtmp") };
      },
      listenUdp: () => Promise.reject(new Error("nobody asked for RTMFP")),
      listenDoor: () => Promise.reject(new Error("nobody asked for TLS")),
      dialTcp: () => Promise.reject(new Error("nobody is called")),
      dialTls: () => Promise.reject(new Error("nobody is called")),
      lookup: () => Promise.reject(new Error("nobody is looked for")),
      serveHttp: async (address: Address) => {
        await this.#gate("http");
        const close = this.#opened("http");
        const alsoAt = () => Promise.reject(new Error("nobody asked for a socket"));
        return { address, alsoAt, close: () => this.#gate("close").finally(close) };
      },
    };
  };

  #gate(name: string): Promise<void> {
    return new Promise((resolve, reject) => this.gates.push({ name, resolve, reject }));
  }

  #opened(kind: "rtmp" | "http"): () => void {
    this.most = Math.max(this.most, ++this.open[kind]);
    let open = true;
    return () => {
      if (open) this.open[kind]--;
      open = false;
    };
  }

  get listening(): boolean {
    return this.open.rtmp === 1 && this.open.http === 1;
  }

  /** Lets the oldest step succeed or fail. */
  release(failure?: Error): void {
    const gate = this.gates.shift();
    if (failure === undefined) gate?.resolve();
    else gate?.reject(failure);
  }

  async settle(): Promise<void> {
    await turns();
    while (this.gates.length > 0) {
      this.release();
      await turns();
    }
  }
}

/** All that follows at once has happened: nothing here waits for more than promises. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

const OPERATIONS = ["start", "stop", "go", "fail"] as const;
type Operation = (typeof OPERATIONS)[number];

/** What a promise came to. */
interface Outcome {
  readonly operation: Operation;
  state?: "fulfilled" | "rejected";
  error?: unknown;
}

/** Does these operations one after the other, and checks what must hold whatever they are. */
async function play(operations: readonly Operation[]): Promise<void> {
  const machine = new GatedMachine();
  const { loadRuntime } = machine;
  const server = new Server({}, { loadRuntime });
  const outcomes: Outcome[] = [];
  const ask = (operation: "start" | "stop") => {
    const outcome: Outcome = { operation };
    outcomes.push(outcome);
    server[operation]().then(() => {
      outcome.state = "fulfilled";
      if (operation === "start") assert.ok(machine.listening, "start resolved without listening");
    }, (error) => {
      outcome.state = "rejected";
      outcome.error = error;
    }).catch((error) => outcome.error = error);
    return outcome;
  };
  let failed = 0;
  for (const operation of operations) {
    if (operation === "start" || operation === "stop") ask(operation);
    else {
      await turns();
      if (operation === "fail" && machine.gates.length > 0) failed++;
      machine.release(operation === "fail" ? new PortTaken() : undefined);
      await turns();
    }
  }
  await machine.settle();

  for (const { operation, state, error } of outcomes) {
    assert.ok(state !== undefined, `${operation} never settles`);
    if (state === "fulfilled") assert.equal(error, undefined);
    else if (error instanceof PortTaken) assert.ok(failed > 0);
    else assert.ok(operation === "start" && error instanceof UsageError, `${operation}: ${error}`);
  }
  const last = outcomes.at(-1);
  const runs = last?.operation === "start" && last.state === "fulfilled";
  assert.equal(machine.listening, runs, runs ? "it does not listen" : "it still listens");
  assert.deepEqual(machine.open, runs ? { rtmp: 1, http: 1 } : { rtmp: 0, http: 0 });
  // Of the hub, of RTMP and of the dashboard.
  assert.equal(machine.clock.pending, runs ? 3 : 0, "timers");
  if (last?.operation === "start" && failed === 0) assert.equal(last.state, "fulfilled");

  const again = ask("start");
  await machine.settle();
  assert.equal(again.state, "fulfilled", "it cannot be started again");
  const end = ask("stop");
  await machine.settle();
  assert.equal(end.state, "fulfilled");
  assert.deepEqual(machine.open, { rtmp: 0, http: 0 });
  assert.equal(machine.clock.pending, 0);
  assert.ok(machine.most <= 1, "two listeners at once");
}

/** Every sequence of `length` operations. */
function* sequences(length: number): Generator<Operation[]> {
  if (length === 0) return yield [];
  for (const rest of sequences(length - 1)) {
    for (const operation of OPERATIONS) yield [...rest, operation];
  }
}

test("whatever the order of starts, stops and failures, the last word counts and can be taken back", async () => {
  const beginnings: Operation[][] = [
    [],
    ["start", "go", "go"],
    ["start", "go", "go", "go"],
    ["start", "go", "go", "go", "stop", "start"],
  ];
  for (const beginning of beginnings) {
    for (const sequence of sequences(5)) {
      const operations = [...beginning, ...sequence];
      try {
        await play(operations);
      } catch (error) {
        throw new Error(`After ${operations.join(" ")}: ${error}`, { cause: error });
      }
    }
  }
});

test("a stop does not wait for a machine that is never found", async () => {
  const server = new Server({}, { loadRuntime: () => new Promise(() => {}) });
  const started = assert.rejects(server.start(), UsageError);
  await within(server.stop(), "the stop");
  await within(started, "the start gives up");
});

test("a client that came before a start failed is gone when it has", async () => {
  const machine = new GatedMachine();
  const server = new Server({}, { loadRuntime: machine.loadRuntime });
  const started = assert.rejects(server.start(), PortTaken);
  await turns();
  machine.release();
  await turns();
  machine.release();
  await turns();
  const connection = new MemoryConnection();
  machine.accept!(connection);
  machine.release(new PortTaken());
  await turns();
  machine.clock.advance(server.config.shutdown.ms);
  await within(started, "the start fails");
  assert.ok(connection.closed);
  assert.deepEqual(machine.open, { rtmp: 0, http: 0 });
});

test("each start asks a plugin for its routes, and what it says against them opens no port", async () => {
  let asked = 0;
  const plugin = definePlugin({
    name: "routes",
    routes() {
      if (++asked === 2) throw new Error("Not now");
    },
  });
  const machine = new GatedMachine();
  const server = new Server({ plugins: [plugin] }, { loadRuntime: machine.loadRuntime });
  for (const [state, times] of [["fulfilled", 1], ["rejected", 2], ["fulfilled", 3]] as const) {
    const outcome = Promise.allSettled([server.start()]);
    await machine.settle();
    assert.equal((await outcome)[0].status, state);
    assert.equal(asked, times);
    assert.equal(machine.listening, state === "fulfilled");
    const stopped = server.stop();
    await machine.settle();
    await stopped;
  }
});

test("a start that the configuration forbids is forbidden again, not remembered", async () => {
  const { loadRuntime } = new GatedMachine();
  const server = new Server({ host: "0.0.0.0" }, { loadRuntime });
  await assert.rejects(server.start(), ConfigError);
  await assert.rejects(server.start(), ConfigError);
  await server.stop();
});
