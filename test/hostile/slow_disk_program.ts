/**
 * The program with a disk that can be stopped: what it writes to files goes through a pipe first, so that the
 * thread that writes stands still while nobody reads that. The first argument is the pipe, the others are those
 * of the program.
 *
 * @module
 */
import { open } from "node:fs/promises";
import process from "node:process";
import type { WritableFile } from "../../src/ports.ts";
import { main } from "../../src/program/main.ts";
import { openByNode } from "../../src/storage/written_file.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";

const [pipe, ...argv] = process.argv.slice(2);
const runtime = await loadRuntime();
const openFile = runtime.openFile ?? openByNode;

/** Writes to the pipe, in a thread of its own on both runtimes. */
async function openPipe(): Promise<(bytes: Uint8Array) => Promise<unknown>> {
  if ("Deno" in globalThis) {
    // deno-lint-ignore no-explicit-any
    const file = await (globalThis as any).Deno.open(pipe!, { read: true, write: true });
    return (bytes) => file.write(bytes);
  }
  const file = await open(pipe!, "r+");
  return (bytes) => file.write(bytes, 0, bytes.length, null);
}

async function openSlow(path: string, mode?: number): Promise<WritableFile> {
  const file = await openFile(path, mode);
  const writeToPipe = await openPipe();
  return {
    write: async (bytes, position) => {
      await writeToPipe(bytes);
      return await file.write(bytes, position);
    },
    truncate: (size) => file.truncate(size),
    datasync: () => file.datasync(),
    close: () => file.close(),
  };
}

Object.assign(runtime, { openFile: openSlow });
await main(argv);
