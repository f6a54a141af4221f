/**
 * What the benchmark needs of a server.
 *
 * @module
 */
import type { Way } from "../load/ways.ts";
import type { Command } from "../processes.ts";

/** How a server is to be started. */
export interface Start {
  /** Where to listen for RTMP, on 127.0.0.1. */
  readonly port: number;
  /** Where to listen for HTTP there; 0 where nobody comes by it. */
  readonly httpPort: number;
  /** A folder of its own for its files; it is removed afterwards. */
  readonly work: string;
  /** How long Sluice may hold media back, as its `--play-latency`. */
  readonly latency: string;
  /** How long the floor holds its media back (ms). */
  readonly floorWindowMs: number;
  /** Video of the floor's media (10^3 bit/s). */
  readonly kbps: number;
}

/** A server that can run here. */
export interface FoundServer {
  /** Its name and version, and those of what runs it. */
  readonly about: string;
  /** Writes what files it needs, and says how to start it. It must let anybody publish and play. */
  command(start: Start): Command;
}

/** A server to measure. */
export interface BenchServer {
  readonly name: string;
  /** How its streams can be watched. */
  readonly ways: readonly Way[];
  /** Where it has playlists, if not where Sluice has them; `NAME` stands for the name of a stream. */
  readonly playlist?: string;
  /** @throws {Error} saying what is missing and where to get it */
  find(): Promise<FoundServer>;
}
