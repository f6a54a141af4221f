/**
 * Runs the fuzzer from the command line.
 *
 *     deno task fuzz [--way rtmp|rtmfp|rtmpt] [--count N] [--seed N] [--runtime deno|bun]
 *
 * A failure prints the seed of its input, and the input itself, so that it can become a vector in
 * `test/vectors/hostile/`; `--seed <that seed> --count 1` feeds it again.
 *
 * @module
 */
import process from "node:process";
import { run } from "../../tools/command.ts";
import { findBun } from "../../tools/find_bun.ts";
import { packagesBeside, TREE } from "../../tools/packages.ts";
import { hex } from "../support/scripted_client.ts";
import { fuzz, FuzzFailure, HANDSHAKE_BYTES } from "./fuzzer.ts";
import { fuzzOldWay, OLD_WAYS, type OldWay, OldWayFailure } from "./old_ways.ts";

const USAGE =
  "Usage: deno task fuzz [--way rtmp|rtmfp|rtmpt] [--count N] [--seed N] [--runtime deno|bun]";

/** Inputs of a run that was told nothing. */
const DEFAULT_COUNT = 1_000_000;
/** Longest run on the other runtime (ms). */
const RUN_TIMEOUT_MS = 6 * 60 * 60 * 1000;

function fail(): never {
  console.error(USAGE);
  process.exit(2);
}

function readArguments(args: readonly string[]) {
  let count = DEFAULT_COUNT;
  let seed = Math.floor(Math.random() * 0x7fffffff);
  let runtime = "";
  let way: "rtmp" | OldWay = "rtmp";
  for (let i = 0; i < args.length; i += 2) {
    const value = args[i + 1] ?? fail();
    if (args[i] === "--runtime") runtime = value === "deno" || value === "bun" ? value : fail();
    else if (args[i] === "--way") {
      way = value === "rtmp" || value === "rtmfp" || value === "rtmpt" ? value : fail();
    } else if (!/^\d{1,10}$/.test(value)) fail();
    else if (args[i] === "--count") count = Number(value);
    else if (args[i] === "--seed") seed = Number(value);
    else fail();
  }
  return { count, seed, runtime, way };
}

const { count, seed, runtime, way } = readArguments(process.argv.slice(2));
if (runtime === "bun" && !("Bun" in globalThis)) {
  const { path } = await findBun();
  const args = ["run", `./${TREE}/test/fuzz/run.ts`, "--way", way];
  args.push("--count", `${count}`, "--seed", `${seed}`);
  const { code } = await run(path, args, {
    cwd: await packagesBeside(path),
    show: true,
    timeoutMs: RUN_TIMEOUT_MS,
  });
  process.exit(code ?? 1);
}

if (way !== "rtmp") {
  let told = 0;
  try {
    const report = await fuzzOldWay(way, seed, count, (done) => {
      if (done - told >= count / 20) console.log(`${told = done} ${OLD_WAYS[way]}`);
    });
    console.log(
      `${report.count} ${OLD_WAYS[way]} of ${report.seeds} seeds from ${seed} on in ` +
        `${report.seconds.toFixed(1)} s; the heap grew by ` +
        `${(report.heapGrowth / 2 ** 20).toFixed(1)} MiB`,
    );
    console.log("0 failures");
  } catch (error) {
    if (!(error instanceof OldWayFailure)) throw error;
    console.error(error.message);
    console.error(error.cause);
    console.error(`replay: deno task fuzz --way ${way} --seed ${error.seed} --count 1`);
    process.exit(1);
  }
  process.exit(0);
}

const step = Math.max(1, Math.floor(count / 20));
console.log(`${count} inputs from seed ${seed} on`);
try {
  const { inputs, bytes, ends, events, slowestMs, slowestSeed, seconds, heapGrowth } = await fuzz(
    seed,
    count,
    (done) => void (done % step === 0 && console.log(`${done} inputs`)),
  );
  console.log(
    `${inputs} inputs, ${bytes} bytes, ${events} events in ${seconds.toFixed(1)} s: ` +
      `${(inputs / seconds).toFixed(0)} a second, the slowest ${slowestMs.toFixed(1)} ms ` +
      `(seed ${slowestSeed}); the heap grew by ${(heapGrowth / 2 ** 20).toFixed(1)} MiB`,
  );
  const sorted = [...ends].sort(([, a], [, b]) => b - a);
  console.log(`ends: ${sorted.map(([end, times]) => `${end} ${times}`).join(", ")}`);
  console.log("0 failures");
} catch (error) {
  if (!(error instanceof FuzzFailure)) throw error;
  console.error(error.message);
  console.error(error.cause);
  console.error(`replay: deno task fuzz --seed ${error.input.seed} --count 1`);
  // Behind the handshake, unless that is what was damaged.
  console.error(hex(error.input.bytes.subarray(HANDSHAKE_BYTES)));
  process.exit(1);
}
