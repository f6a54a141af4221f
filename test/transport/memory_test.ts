import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryOf } from "../../src/transport/memory.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";

const MiB = 1024 * 1024;

function memory(files: Record<string, string>, total?: number): number | undefined {
  return memoryOf((path) => files[path], () => total);
}

const MEMINFO = { "/proc/meminfo": "MemTotal:       2048000 kB\nMemFree: 1 kB\n" };

test("memory is that of the machine where no control group has a limit", () => {
  assert.equal(memory(MEMINFO), 2048000 * 1024);
  assert.equal(memory({}, 5 * MiB), 5 * MiB, "what the runtime says, where there is no such file");
  assert.equal(memory({}), undefined);
  assert.equal(memory({ ...MEMINFO, "/sys/fs/cgroup/memory.max": "max\n" }), 2048000 * 1024);
  const none = { "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n" };
  assert.equal(memory({ ...MEMINFO, ...none }), 2048000 * 1024);
  assert.equal(memory(none), undefined);
});

test("memory is the smallest limit of the control groups of the process", () => {
  const groups = { "/proc/self/cgroup": "0::/a/b\n" };
  const at = (path: string, mib: number) => ({
    [`/sys/fs/cgroup${path}/memory.max`]: `${mib * MiB}\n`,
  });
  assert.equal(memory({ ...MEMINFO, ...at("", 512) }), 512 * MiB, "as seen in a container");
  assert.equal(memory({ ...MEMINFO, ...groups, ...at("/a/b", 512) }), 512 * MiB);
  assert.equal(memory({ ...MEMINFO, ...groups, ...at("/a", 256), ...at("/a/b", 512) }), 256 * MiB);
  const v1 = {
    "/proc/self/cgroup": "4:cpu:/x\n7:memory,other:/d\n",
    "/sys/fs/cgroup/memory/d/memory.limit_in_bytes": `${128 * MiB}\n`,
  };
  assert.equal(memory({ ...MEMINFO, ...v1 }), 128 * MiB);
});

test("the runtime knows how much memory there is, or that it may not know", async () => {
  const bytes = (await loadRuntime()).memory?.();
  assert.ok(bytes === undefined || bytes > 16 * MiB, `${bytes}`);
});
