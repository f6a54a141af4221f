/**
 * What the binary begins with.
 *
 * @module
 */

/** The doors of the package, by what follows its name, and the files that they lead to. */
const DOORS: Readonly<Record<string, string>> = {
  "": "mod.ts",
  "/client": "src/client/mod.ts",
  "/core": "src/core/mod.ts",
  "/plugin": "src/plugin/api.ts",
};

/**
 * A module, in a folder beside the sources, that runs the program. Plugins on the disk find the
 * doors of the package in it, and its plugins, as they do where the package is installed.
 *
 * @param plugins the plugins that come along, by the names of their files without an ending
 */
export function entryText(plugins: readonly string[]): string {
  const doors = [
    ...Object.entries(DOORS),
    ...plugins.map((name) => [`/plugins/${name}`, `plugins/${name}.ts`]),
  ];
  return `import { main } from "../src/program/main.ts";

// Loaded when they are asked for: most servers ask for none.
const doors = {
${doors.map(([door, file]) => `  "sluice${door}": () => import("../${file}"),`).join("\n")}
};

globalThis.Bun.plugin({
  name: "sluice",
  setup(build) {
    for (const [name, load] of Object.entries(doors)) {
      build.module(name, async () => ({ exports: await load(), loader: "object" }));
    }
  },
});

await main();
`;
}
