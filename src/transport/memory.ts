/**
 * How much memory there is for this process: that of its control group, or of the machine.
 *
 * @module
 */

/** The text of a file; `undefined` when there is none, or it may not be read. */
export type ReadText = (path: string) => string | undefined;

/** A control group without a limit names a number near 2^63. */
const NO_LIMIT_BYTES = 2 ** 50;

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The smallest number in `file` of a control group and those above it. */
function smallest(read: ReadText, root: string, group: string, file: string): number {
  let limit = Infinity;
  for (let path = group === "/" ? "" : group;; path = parent(path)) {
    const bytes = Number(read(`${root}${path}/${file}`)?.trim() || NaN);
    if (bytes > 0 && bytes < limit) limit = bytes;
    if (path === "") return limit;
  }
}

/** The limit of the control group of this process (v2 or v1); `Infinity` when there is none. */
function groupLimit(read: ReadText): number {
  const groups = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  const pathOf = (is: (controllers: string) => boolean) =>
    groups.find(([, controllers]) => controllers !== undefined && is(controllers))?.[2] ?? "/";
  const v2 = pathOf((controllers) => controllers === "");
  const v1 = pathOf((controllers) => controllers.split(",").includes("memory"));
  return Math.min(
    smallest(read, "/sys/fs/cgroup", v2, "memory.max"),
    smallest(read, "/sys/fs/cgroup/memory", v1, "memory.limit_in_bytes"),
  );
}

/**
 * Memory for this process in bytes; `undefined` when nothing says how much.
 *
 * @param total what the runtime says of the machine
 */
export function memoryOf(read: ReadText, total: () => number | undefined): number | undefined {
  const kibibytes = /^MemTotal:\s+(\d+) kB/m.exec(read("/proc/meminfo") ?? "")?.[1];
  const machine = kibibytes === undefined ? total() ?? Infinity : Number(kibibytes) * 1024;
  const bytes = Math.min(machine, groupLimit(read));
  return bytes < NO_LIMIT_BYTES ? bytes : undefined;
}
