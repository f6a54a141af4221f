/** The documented commands as people type them: on a terminal, where Deno asks for what is missing. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { denoCommands, documentedCommands } from "../support/permissions.ts";
import { inCheckout, runtimeCommand } from "../support/server.ts";
import { onTerminal } from "../support/terminal.ts";

const PORTS = ["--rtmp-port", "0", "--http-port", "0"];
const START_MS = 60_000;

/** Runs the server on a terminal until it listens; fails when it asks, or does not get there. */
async function listens(flags: readonly string[], args: readonly string[]): Promise<void> {
  const [program, before] = runtimeCommand("mod.ts", flags);
  const env = { SLUICE_TOKEN_SECRET: "a secret of more than 16 characters", NO_COLOR: "1" };
  await using terminal = onTerminal([program, ...before, ...PORTS, ...args], { env });
  const line = await terminal.waitForLine(
    (line) => /Allow\?|requests|listening|mistake/.test(line) ? line : undefined,
    `${flags.join(" ")} ${args.join(" ")} listens`,
    START_MS,
  );
  assert.match(line, /listening/, terminal.stdout);
}

test("H12: on a terminal the commands documented with narrow permissions start without a question", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-terminal-"));
  try {
    const file = join(folder, "sluice.jsonc");
    writeFileSync(file, '{ "host": "0.0.0.0", "plugins": ["plugins/token_auth.ts"] }');
    const placed = (words: readonly string[]) =>
      words.filter((word) => word !== "--no-prompt")
        .map((word) => word.replace("sluice.jsonc", file));
    const commands = documentedCommands();
    assert.ok(commands.length >= 4);
    for (const { flags, args } of commands) await listens(placed(flags), placed(args));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("H12: on a terminal the commands of the README start without a question", async () => {
  const commands = denoCommands(readFileSync(inCheckout("README.md"), "utf8"))
    // Those that need what the reader writes first.
    .filter(({ args }) => !args.some((word) => /only_demo|\.jsonc|^--rtmp-port$/.test(word)));
  assert.ok(commands.length >= 2);
  for (const { flags, args } of commands) await listens(flags, args);
});

test("H12: on a terminal a server by the name of this machine starts without a question", async () => {
  await listens(["--allow-net=localhost,127.0.0.1,[::1]"], ["--host", "localhost"]);
});

test("H12: on a terminal a variable that was not granted is no question but a mistake", async () => {
  const [program, before] = runtimeCommand("mod.ts", ["--allow-net", "--allow-read=plugins"]);
  const env = { SLUICE_TOKEN_SECRET: undefined, NO_COLOR: "1" };
  const args = [...PORTS, "--plugin", "plugins/token_auth.ts"];
  await using terminal = onTerminal([program, ...before, ...args], { env });
  const { code, stdout } = await terminal.ended(START_MS);
  assert.equal(code, 78, stdout);
  assert.match(stdout, /SLUICE_TOKEN_SECRET/);
});
