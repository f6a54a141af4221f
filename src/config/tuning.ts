/**
 * Bounds that no operator turns, for programs that embed a server and for tests. Each has its default
 * beside the code that keeps it.
 *
 * @module
 */
import * as v from "valibot";
import { COMMAND_AMF_LIMITS } from "../core/amf/limits.ts";
import { DEFAULT_CHUNK_DECODER_LIMITS } from "../core/rtmp/chunk/limits.ts";
import { DEFAULT_ACK_WINDOW } from "../core/rtmp/session/acknowledger.ts";
import { MAX_EARLY_BYTES } from "../core/rtmp/session/options.ts";
import { DEFAULT_BODY_LIMITS } from "../http/mod.ts";
import { MAX_PENDING_HOOKS, UNHEALTHY_AFTER } from "../plugin/mod.ts";
import { AUTO_WINDOW_MS } from "../hub/mod.ts";
import {
  MAX_OBJECTS_PER_CONNECTION,
  MAX_PENDING_CALLS,
  MAX_STREAMS_PER_CONNECTION,
  MIN_CHUNK_SIZE,
} from "../service/rtmp/mod.ts";
import { DEFAULT_OBJECT_LIMITS } from "../shared_objects/keeper.ts";
import { mismatch, unknownName } from "./errors.ts";
import { show } from "./redact.ts";
import { integer, MiB, time, toggle } from "./setting.ts";
import { readEntries, type Setting } from "./settings.ts";
import { suggest } from "./suggest.ts";
import type { Tuning } from "./tuning_interface.ts";
import { accept, emptyResult, type SourceResult } from "./value.ts";

export type { Tuning } from "./tuning_interface.ts";

const count = (fallback: number, min: number, max: number, text: string) =>
  integer(fallback, min, max, { text });
const bytes = (fallback: number, min: number, max: number, text: string) =>
  integer(fallback, min, max, { unit: "bytes", text });

const chunks = DEFAULT_CHUNK_DECODER_LIMITS;
const amf = COMMAND_AMF_LIMITS;

const entries = {
  windowAckSize: bytes(
    DEFAULT_ACK_WINDOW,
    1000,
    2_147_483_647,
    "Bytes after which a peer is asked to acknowledge what it received.",
  ),
  minChunkSize: bytes(
    MIN_CHUNK_SIZE,
    1,
    128,
    "Smallest chunk size a client may set. 1 is for odd clients: it costs time for each byte.",
  ),
  maxChunkStreams: count(
    chunks.maxChunkStreams,
    8,
    65_597,
    "Chunk stream ids that one connection may use.",
  ),
  maxUnfinishedMessages: count(
    chunks.maxUnfinishedMessages,
    2,
    1024,
    "Messages of one connection that may be under way at once, each on its chunk stream.",
  ),
  maxAssemblyBytes: bytes(
    chunks.maxAssemblyBytes,
    65_536,
    1024 * MiB,
    "Memory for the unfinished messages of one connection.",
  ),
  maxEarlyMessageBytes: bytes(
    MAX_EARLY_BYTES,
    4096,
    16_777_215,
    "Largest message of any kind from a client that may not publish yet, or never asks to.",
  ),
  maxCommandBytes: bytes(
    chunks.maxCommandBytes,
    65_536,
    MiB,
    "Largest command or data message.",
  ),
  maxAudioBytes: bytes(
    chunks.maxAudioBytes,
    4096,
    16_777_215,
    "Largest audio message, where that of all media is not less.",
  ),
  maxAmfBytes: bytes(
    amf.maxTotalBytes,
    4096,
    MiB,
    "Longest command that is decoded; of a longer one only the name is read.",
  ),
  maxAmfDepth: count(amf.maxDepth, 4, 256, "Objects and arrays inside each other in a command."),
  maxAmfValues: count(amf.maxNodes, 64, 1_000_000, "Values in a command, all told."),
  maxAmfStringBytes: bytes(amf.maxStringBytes, 1024, MiB, "Longest string in a command."),
  maxStreamsPerConnection: count(
    MAX_STREAMS_PER_CONNECTION,
    1,
    1024,
    "Message streams (NetStreams) of one connection.",
  ),
  limitLoopback: toggle("Limit the connections of this machine by address too."),
  maxPendingHooks: count(
    MAX_PENDING_HOOKS,
    1,
    1_000_000,
    "Answers of one plugin that are awaited at once, of hooks that decide; over it the answer is no." +
      " As many calls of clients wait beside them.",
  ),
  hookFaultLimit: count(
    UNHEALTHY_AFTER,
    1,
    1000,
    "Faults of a hook in a row after which /health calls its plugin unhealthy.",
  ),
  maxPendingCalls: count(
    MAX_PENDING_CALLS,
    1,
    1000,
    "Remote calls of one connection that wait for an answer, in each direction.",
  ),
  apiBodyBytes: bytes(
    DEFAULT_BODY_LIMITS.bytes,
    1024,
    16 * MiB,
    "Largest body of a request to the control API.",
  ),
  latencyAutoMs: time(
    AUTO_WINDOW_MS,
    0,
    1000,
    "The longest that the latency `auto` holds pictures back, before it is stretched.",
  ),
  maxSharedObjectsPerConnection: count(
    MAX_OBJECTS_PER_CONNECTION,
    1,
    1000,
    "Shared objects that one connection uses at once.",
  ),
  maxSharedObjectBytes: bytes(
    DEFAULT_OBJECT_LIMITS.bytes,
    1024,
    131_072,
    "Names and values of one shared object together, and also one message to it. Over this, it is" +
      " refused.",
  ),
  maxSharedObjectProperties: count(
    DEFAULT_OBJECT_LIMITS.properties,
    1,
    256,
    "Properties of one shared object. Over this, changes are refused.",
  ),
};

/** Each member of {@link Tuning}, in the order of its interface. */
export const tunables: readonly Setting[] = readEntries(entries);

type Output = { readonly [K in keyof typeof entries]: v.InferOutput<typeof entries[K]> };

/** Where tuning is from. */
const SOURCE = "tuning";

/** Checks what an embedding program turns. */
export function readTuning(given: Partial<Tuning> = {}): SourceResult {
  const result = emptyResult();
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    result.mistakes.push({ source: SOURCE, problem: mismatch("an object", show(given)) });
    return result;
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const setting = tunables.find((known) => known.name === name);
    if (setting !== undefined) accept(result, setting, value, { source: SOURCE, spelling: name });
    else {
      const meant = suggest(name, tunables.map((known) => known.name));
      result.mistakes.push({ source: SOURCE, key: name, problem: unknownName("bound", meant) });
    }
  }
  return result;
}

/** What an embedding program turns, and the default of all that it does not; it is right. */
export function completeTuning(given: Partial<Tuning> = {}): Tuning {
  const { found } = readTuning(given);
  const tuning: Output = v.parse(
    v.object(entries),
    Object.fromEntries([...found].map(([name, { value }]) => [name, value])),
  );
  return Object.freeze(tuning);
}
