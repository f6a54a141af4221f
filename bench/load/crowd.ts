/**
 * The crowd: the players of one load, without the probes. Started by the load generator.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { now, sleep } from "../clock.ts";
import type { CrowdCommand, CrowdCount, CrowdEvent, CrowdTask } from "./crowd_protocol.ts";
import { probeIndices, streamName } from "./player.ts";
import { watch, type Watcher } from "./watcher.ts";

/** How long to wait for first key frames when the last player has joined (ms). */
const PATIENCE_MS = 10_000;
/** A player that got nothing for this long at the end is stalled (ms); one that gets whole segments later. */
const STALL_MS = 2000;
const SEGMENT_STALL_MS = 8000;
/** How long a player stays that joined within the window (ms). */
const STAY_MS = 1000;
/** How long slow players read again to learn whether they were closed (ms). */
const WAKE_MS = 500;

const { options, startAt } = JSON.parse(process.argv[2]!) as CrowdTask;
const { publishers, players, probes, slow, joins, joinRate, name, fps, gop } = options;
const stallMs = options.way === "hls" ? SEGMENT_STALL_MS : STALL_MS;
const total = publishers * players;
const crowd: Watcher[] = [];
const late: Watcher[] = [];
/** When each player last was seen to have got something. */
const grewAt = new Map<Watcher, { bytes: number; at: number }>();

function say(event: CrowdEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function join(index: number): Watcher {
  return watch(options, streamName(name, index % publishers));
}

/** Calls `join` `rate` times a second for as long as it answers `true`. */
function paced(rate: number, from: number, join: (index: number) => boolean): Promise<void> {
  return new Promise((resolve) => {
    let done = 0;
    const timer = setInterval(() => {
      while (from + done * 1000 / rate <= now()) {
        if (join(done++)) continue;
        clearInterval(timer);
        return resolve();
      }
    }, 1);
  });
}

async function joinAll(): Promise<void> {
  const others = probeIndices(total, probes);
  await paced(joinRate, startAt, (index) => {
    if (index >= total) return false;
    if (!others.has(index)) crowd.push(join(index));
    return true;
  });
  const deadline = now() + PATIENCE_MS;
  const hoped = (player: Watcher) => player.joinMs === undefined && !player.closed;
  while (crowd.some(hoped) && now() < deadline) await sleep(20);
  say({ event: "ready" });
}

function look(): void {
  const at = now();
  for (const player of crowd) {
    const last = grewAt.get(player);
    if (last?.bytes !== player.bytes) grewAt.set(player, { bytes: player.bytes, at });
  }
}

/** The measured window; ends when `stop` resolves. */
async function measure(stop: Promise<void>): Promise<CrowdCount> {
  const reading = crowd.slice(0, crowd.length - slow);
  const slowOnes = crowd.slice(crowd.length - slow);
  for (const player of slowOnes) player.pause();
  const bytes = () => reading.reduce((sum, player) => sum + player.bytes, 0);
  const bytesBefore = bytes();
  const cpuBefore = process.cpuUsage();
  let open = true;
  const joining = joins === 0 ? undefined : paced(joins, now(), (index) => {
    if (open) late.push(join(index));
    return open;
  });
  say({ event: "started" });

  await stop;
  open = false;
  look();
  const at = now();
  const cpu = process.cpuUsage(cpuBefore);
  const counted = {
    reading: reading.length,
    bytes: bytes() - bytesBefore,
    playing: reading.filter(({ joinMs }) => joinMs !== undefined).length,
    closed: reading.filter(({ closed }) => closed).length,
    refused: reading.filter(({ refusal }) => refusal !== undefined).length,
    stalled: reading.filter((player) => !player.closed && at - grewAt.get(player)!.at > stallMs)
      .length,
    lateBytes: late.reduce((sum, player) => sum + player.bytes, 0),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  };

  await joining;
  // The last one may have to wait for the next key frame.
  const deadline = now() + gop / fps * 1000 + 1000;
  while (late.some(({ joinMs, closed }) => joinMs === undefined && !closed)) {
    if (now() > deadline) break;
    await sleep(20);
  }
  for (const player of slowOnes) player.resume();
  if (slow > 0) await sleep(WAKE_MS);
  const known = (all: readonly Watcher[]) => all.flatMap(({ joinMs }) => joinMs ?? []);
  return {
    ...counted,
    slowClosed: slowOnes.filter(({ closed }) => closed).length,
    joinMs: known(crowd),
    lateJoinMs: known(late),
    lateFailed: late.length - known(late).length,
  };
}

/** Lets players that joined late leave again. */
function dismiss(): void {
  const limit = now() - STAY_MS;
  for (const player of late) {
    if (player.closed || player.joinMs === undefined) continue;
    const since = leaving.get(player) ?? now();
    leaving.set(player, since);
    if (since < limit) player.close();
  }
}
const leaving = new Map<Watcher, number>();

let stop = () => {};
const stopped = new Promise<void>((resolve) => stop = resolve);
const lines = createInterface({ input: process.stdin });
lines.on("close", () => process.exit(0)); // Whoever started it is gone.
lines.on("line", async (line) => {
  const command = line as CrowdCommand;
  if (command === "stop") stop();
  else say({ event: "stopped", count: await measure(stopped) });
});
setInterval(look, 500);
if (joins > 0) setInterval(dismiss, 100);
await joinAll();
