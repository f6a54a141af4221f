/**
 * `sluice new-plugin`: writes a plugin to begin with, and its test.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ExitCode } from "../config/mod.ts";
import type { CommandResult } from "./command_result.ts";

const HELP = `Writes a plugin to begin with, and a test of it.

  sluice new-plugin NAME [--folder plugins]

  NAME         1 to 64 of a-z, 0-9, _ and -
  --folder     where NAME.ts and NAME_test.ts go (plugins)
`;

/** Does what `args` ask for. */
export function newPlugin(args: readonly string[]): CommandResult {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        folder: { type: "string", default: "plugins" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { text: HELP, exitCode: ExitCode.Ok };
    const [name = "", ...rest] = positionals;
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) || rest.length > 0) {
      return fail("expected one name of 1 to 64 of a-z, 0-9, _ and -");
    }
    const folder = values.folder.replace(/(?<=.)\/+$/, "");
    const [plugin, test] = [`${folder}/${name}.ts`, `${folder}/${name}_test.ts`];
    const taken = [plugin, test].find((path) => existsSync(path));
    if (taken !== undefined) return fail(`there is ${taken} already`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(plugin, pluginText(name), { flag: "wx" });
    writeFileSync(test, testText(name), { flag: "wx" });
    return { text: whatNow(plugin, test), exitCode: ExitCode.Ok };
  } catch (error) {
    const { name, message } = error as Error;
    return fail(
      name === "NotCapable" ? "Deno needs --allow-read and --allow-write (-RW) here" : message,
    );
  }
}

function fail(problem: string): CommandResult {
  return {
    text: `sluice new-plugin: ${problem}\nSee sluice new-plugin --help.\n`,
    exitCode: ExitCode.Config,
  };
}

function whatNow(plugin: string, test: string): string {
  return `Written: ${plugin} and ${test}

  On Deno:
    deno test ${test}
    deno run -NER mod.ts --plugin ${plugin}
  On Bun:
    bun install && bun test ./${test}
    bun mod.ts --plugin ${plugin}
`;
}

function pluginText(name: string): string {
  return `/** Lets nobody publish without the key, which players do not need to know. */
import { definePlugin, type PluginFactory, refuse, rename } from "sluice/plugin";

const make: PluginFactory = (env) => {
  const key = env.${variableOf(name)} ?? "";
  if (key === "") throw new Error("${variableOf(name)} is not set");
  return definePlugin({
    name: "${name}",
    onPublish({ name }) {
      // rtmp://HOST/live/demo-KEY is live as live/demo.
      if (!name.endsWith(\`-\${key}\`)) return refuse("Unknown stream key");
      return rename(name.slice(0, -key.length - 1));
    },
    onLive({ app, name }) {
      console.log(\`\${app}/\${name} is live\`);
    },
    onEnded({ app, name, durationMs }) {
      console.log(\`\${app}/\${name} was live for \${Math.round(durationMs / 1000)} s\`);
    },
  });
};
export default make;
`;
}

function testText(name: string): string {
  return `import assert from "node:assert/strict";
import { test } from "node:test";
import { testPlugin } from "sluice/plugin";
import make from "./${name}.ts";

const env = { ${variableOf(name)}: "k3y" };

test("who has the key publishes, under a name without it", async () => {
  await using plugin = await testPlugin(make, { env });
  const encoder = plugin.client({ app: "live" });
  assert.deepEqual(await encoder.publish("demo-k3y"), { allowed: true, name: "demo" });
  assert.equal(plugin.server.stream("live", "demo")?.publisher?.sessionId, encoder.id);
  encoder.disconnect();
  assert.deepEqual(plugin.faults, []);
});

test("who has not is told so", async () => {
  await using plugin = await testPlugin(make, { env });
  const { allowed, reason } = await plugin.client().publish("demo");
  assert.equal(allowed, false);
  assert.equal(reason, "Unknown stream key");
});

test("without a key there is no plugin", async () => {
  await assert.rejects(testPlugin(make), /is not set/);
});
`;
}

/** Options of a plugin are in a variable of its name. */
function variableOf(name: string): string {
  return `SLUICE_PLUGIN_${name.replaceAll("-", "_").toUpperCase()}`;
}
