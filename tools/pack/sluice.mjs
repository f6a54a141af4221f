#!/usr/bin/env node
/**
 * The command of the package: `npx sluice`, `bunx sluice`, `deno run -A npm:sluice`. On Deno and on Bun it
 * is the server. On Node it starts the server on whichever of the two is there, and passes signals on.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** How each runtime runs a file, in the order in which they are looked for. */
const RUNTIMES = [["deno", ["run", "-A"]], ["bun", ["run"]]];

const MISSING = `sluice: it runs on Deno or on Bun, and neither is on PATH. Install one of them:

  npm install -g deno      https://docs.deno.com/runtime/getting_started/installation/
  npm install -g bun       https://bun.com/docs/installation
`;

/** The exit code of a program that could not be found, as shells have it. */
const NOT_FOUND = 127;

function start([[name, flags], ...others]) {
  const file = fileURLToPath(import.meta.url);
  const child = spawn(name, [...flags, file, ...process.argv.slice(2)], { stdio: "inherit" });
  // On a terminal Ctrl-C reaches both, and a second one would end the server at once.
  const pass = (signal) => {
    if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, pass);
  child.on("error", (error) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, pass);
    if (error.code === "ENOENT" && others.length > 0) return start(others);
    process.stderr.write(error.code === "ENOENT" ? MISSING : `sluice: ${name}: ${error.message}\n`);
    process.exitCode = NOT_FOUND;
  });
  child.on("exit", (code, signal) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, pass);
    // Whoever waits is to see the same end.
    if (signal !== null) process.kill(process.pid, signal);
    process.exitCode = code ?? 1;
  });
}

if ("Deno" in globalThis || "Bun" in globalThis) {
  const { main } = await import("../src/program/main.js");
  await main();
} else {
  start(RUNTIMES);
}
