/**
 * Another program to test in place of the checkout, such as the binary: `SLUICE_TEST_PROGRAM` is its command.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { ROOT } from "./process.ts";

/** The parts of the command, at spaces; `undefined` where none is named. */
export const OTHER_PROGRAM = process.env["SLUICE_TEST_PROGRAM"]?.split(" ").filter(Boolean);

let folder: string | undefined;

/**
 * The same arguments with plugins that need no checkout: those that come along from inside the program, those of the
 * tests with the door `sluice/plugin` in place of the sources.
 */
export function withOwnPlugins(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    if (args[index - 1] !== "--plugin") return arg;
    if (/^plugins\/\w+\.ts$/.test(arg)) {
      const name = basename(arg, ".ts");
      return write(`${name}.ts`, `export { default } from "sluice/plugins/${name}";\n`);
    }
    if (!arg.startsWith("test/support/plugins/")) return arg;
    const text = readFileSync(join(ROOT, arg), "utf8");
    return write(
      `of_tests_${basename(arg)}`,
      text.replace(/"[./]+\/src\/plugin\/\w+\.ts"/g, '"sluice/plugin"'),
    );
  });
}

function write(name: string, text: string): string {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), "sluice-plugins-"));
    process.on("exit", () => rmSync(folder!, { recursive: true, force: true }));
  }
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
