import { test } from "node:test";
import assert from "node:assert/strict";
import { type CliInput, explain, runCli, useColor } from "../../src/program/cli.ts";
import { ConfigError } from "../../src/config/mod.ts";
import { defaults } from "../../src/config/assemble.ts";

/** Runs the command line on a machine that has one file. */
function cli(argv: string[], more: Partial<CliInput> = {}) {
  return runCli({
    argv,
    env: {},
    isTTY: false,
    version: "sluice 1.2.3 (test)",
    readFile: () => '{\n  "max": { "streams": 5 },\n}',
    ...more,
  });
}

test("without arguments the server starts with the defaults", async () => {
  assert.deepEqual(await cli([]), { kind: "run", config: defaults });
});

test("settings reach the server", async () => {
  const result = await cli(["--rtmp-port=0", "--config=f"], { env: { SLUICE_HTTP_PORT: "0" } });
  const config = {
    ...defaults,
    rtmp: { ...defaults.rtmp, port: 0 },
    http: { ...defaults.http, port: 0 },
    max: { ...defaults.max, streams: 5 },
  };
  assert.deepEqual(result, { kind: "run", config });
});

test("--version prints the version and nothing else", async () => {
  assert.deepEqual(await cli(["--version"]), {
    kind: "print",
    text: "sluice 1.2.3 (test)\n",
    exitCode: 0,
  });
});

test("--help prints the help, in colour only on a terminal without NO_COLOR", async () => {
  const help = async (isTTY: boolean, env: CliInput["env"]) => {
    const result = await cli(["--help"], { isTTY, env });
    assert.ok(result.kind === "print" && result.exitCode === 0);
    assert.match(result.text, /^Sluice takes live video/);
    return result.text.includes("\x1b");
  };
  assert.equal(await help(false, {}), false);
  assert.equal(await help(true, {}), true);
  assert.equal(await help(true, { NO_COLOR: "1" }), false);
});

test("an empty NO_COLOR counts for nothing", () => {
  assert.equal(useColor({ isTTY: true, env: { NO_COLOR: "" } }), true);
  assert.equal(useColor({ isTTY: true, env: { NO_COLOR: "0" } }), false);
  assert.equal(useColor({ isTTY: false, env: {} }), false);
});

test("mistakes are printed with exit code 78", async () => {
  assert.deepEqual(await cli(["--rtmp-port", "x", "--hots", "y"]), {
    kind: "print",
    exitCode: 78,
    text: `sluice: 2 configuration mistakes:
  command line: --rtmp-port: expected a whole number from 0 to 65535, found "x"
  command line: --hots: unknown flag, did you mean --host?
See --help for every setting.
`,
  });
});

test("--check tells what is set and where, but no secret", async () => {
  const env = { SLUICE_API_TOKEN: "hunter2hunter2hunter2", SLUICE_PLUGINS: "a.ts" };
  assert.deepEqual(await cli(["--check", "--config=f.jsonc", "--http-port=81"], { env }), {
    kind: "print",
    exitCode: 0,
    text: `The configuration is valid.
  plugins: ["a.ts"] (environment)
  http.port: 81 (command line)
  api.token: *** (environment)
  max.streams: 5 (f.jsonc:2:23)
`,
  });
});

test("--check finds the mistakes that a start would find", async () => {
  const result = await cli(["--check", "--rtmp-chunk-size=1"]);
  assert.ok(result.kind === "print");
  assert.equal(result.exitCode, 78);
  assert.match(result.text, /--rtmp-chunk-size: expected .*, found 1\n/);
});

test("--check makes the checks of the program too, a start leaves them to the program", async () => {
  const verify: CliInput["verify"] = (config) =>
    Promise.resolve([{ source: config.plugins[0], problem: "not a plugin" }]);
  assert.deepEqual(await cli(["--check", "--plugin=a.ts"], { verify }), {
    kind: "print",
    exitCode: 78,
    text: "sluice: 1 configuration mistake:\n  a.ts: not a plugin\nSee --help for every setting.\n",
  });
  assert.equal((await cli(["--plugin=a.ts"], { verify })).kind, "run");
  const right = await cli(["--check"], { verify: () => Promise.resolve([]) });
  assert.equal(right.kind === "print" && right.exitCode, 0);
});

test("an error that is no mistake in the configuration is not hidden", async () => {
  const verify = () => Promise.reject(new TypeError("a bug"));
  await assert.rejects(cli(["--check"], { verify }), new TypeError("a bug"));
});

test("the explanation ends in a line break, so that the shell's prompt starts a line", () => {
  const error = new ConfigError([{ source: "command line", problem: "wrong" }]);
  assert.ok(explain(error).endsWith("\n"));
});
