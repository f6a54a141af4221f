/** What those who watch notice of the disk that recordings are written to. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { disposeAll } from "../support/dispose.ts";
import { figure, sized } from "../support/figure.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { startServer, startSlow, type TestServer } from "../support/server.ts";
import { Beat, HealthySet } from "./healthy_set.ts";
import { residentBytes } from "./machine.ts";

const MiB = 2 ** 20;

/** Bytes of a picture: 2.5 Mbit/s at 25 a second. */
const PICTURE_BYTES = 12_500;

/** Most that waits to be written, of all files together (bytes). */
const QUEUE_BYTES = 16 * MiB;

/** What a server keeps beside that: chunks that are filled and used again, and what a collector has not seen. */
const BESIDE_BYTES = 24 * MiB;

/** Streams that are recorded, one of which is watched. */
class Stage implements AsyncDisposable {
  readonly server: TestServer;
  readonly #beats: readonly Beat[];
  readonly #players: HealthySet;

  private constructor(server: TestServer, beats: readonly Beat[], players: HealthySet) {
    this.server = server;
    this.#beats = beats;
    this.#players = players;
  }

  static async open(server: TestServer, streams: number): Promise<Stage> {
    const beats: Beat[] = [];
    for (let stream = 0; stream < streams; stream++) {
      beats.push(await Beat.start(server.rtmpPort, `s${stream}`, PICTURE_BYTES));
    }
    return new Stage(server, beats, await HealthySet.join(server.rtmpPort, "s0", 10));
  }

  /** Lets so much time pass. @returns what players noticed of it, and the most memory that was held (bytes) */
  async pass(ms: number): Promise<{ p99: number; missing: number; bytes: number }> {
    this.#players.take();
    let bytes = 0;
    for (const end = performance.now() + ms; performance.now() < end;) {
      await this.#beats[0]!.pass(Math.min(250, ms));
      bytes = Math.max(bytes, residentBytes(this.server.pid));
    }
    const { p99, missing, pictures } = this.#players.take();
    assert.ok(pictures > 0);
    return { p99, missing, bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await disposeAll(...this.#beats, this.#players)[Symbol.asyncDispose]();
  }
}

test("R2: a disk that stalls for five seconds delays nobody who watches, and takes the memory that it may", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-stalled-"));
  const pipe = join(folder, "pipe");
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  await using reader = new TestProcess("cat", [pipe]);
  await using server = await startSlow(pipe, [
    ...["--record-folder", join(folder, "media"), "--record-streams", "live/*"],
    ...["--record-queue-bytes", `${QUEUE_BYTES}`],
  ]);
  await using stage = await Stage.open(server, sized(4, 20));
  await stage.pass(sized(1000, 5000));
  const before = await stage.pass(sized(1000, 5000));
  reader.signal("SIGSTOP");
  const stalled = await stage.pass(sized(1500, 5000));
  reader.signal("SIGCONT");
  const after = await stage.pass(sized(1000, 5000));
  assert.deepEqual([before.missing, stalled.missing, after.missing], [0, 0, 0]);
  const { body } = await server.api("/health");
  assert.deepEqual((body as { faults: unknown[] }).faults, []);
  server.assertHealthy();
  const delay = { id: "R2", unit: "ms", by: "wall" } as const;
  figure({ ...delay, what: "delay of pictures, p99, before", value: before.p99 });
  const later = Math.max(stalled.p99, after.p99) - before.p99;
  figure({ ...delay, what: "the disk stalls: p99 later than before", value: later, atMost: 10 });
  const bytes = Math.max(stalled.bytes, after.bytes) - before.bytes;
  const memory = { id: "R2", what: "memory on top while the disk stalls", unit: "MiB" };
  const atMost = (QUEUE_BYTES + BESIDE_BYTES) / MiB;
  figure({ ...memory, value: bytes / MiB, atMost });
  rmSync(folder, { recursive: true });
});

test(
  ...needs("tmpfs", "R2: a disk that is full ends recordings, and nobody who watches notices"),
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-full-"));
    const streams = sized(4, 20);
    // The size of some seconds.
    const size = `${sized(1, 8) * streams * PICTURE_BYTES * 25}`;
    const mount = `mount -t tmpfs -o size=${size} tmpfs ${folder} && exec "$@"`;
    const args = ["--record-folder", folder, "--record-streams", "live/*"];
    const through = ["unshare", "-Urm", "sh", "-c", mount, "sh"];
    await using server = await startServer(args, {}, undefined, through);
    await using stage = await Stage.open(server, streams);
    const before = await stage.pass(sized(500, 4000));
    const failed = () => server.logs.filter(({ message }) => message === "recorded").length;
    const during = await stage.pass(sized(1500, 8000));
    await until(() => Promise.resolve(failed() >= streams), "all recordings have ended");
    const after = await stage.pass(sized(500, 4000));
    assert.deepEqual([before.missing, during.missing, after.missing], [0, 0, 0]);
    for (const { message, properties } of server.logs) {
      if (message === "recorded") assert.equal(properties.why, "disk");
    }
    server.assertHealthy();
    figure({
      ...{ id: "R2", what: "the disk is full: p99 later than before", unit: "ms", by: "wall" },
      value: Math.max(during.p99, after.p99) - before.p99,
      atMost: 10,
    });
    rmSync(folder, { recursive: true });
  },
);
