import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../../src/program/cli.ts";
import { ConfigError, loadConfig } from "../../src/config/mod.ts";
import { APPS, appSettings, groups, type Setting, settings } from "../../src/config/settings.ts";
import { figure } from "../support/figure.ts";
import { runProgram } from "../support/server.ts";

/** A value that no setting of the kind takes: as text, and as a file has it. */
const WRONG: Record<Setting["kind"], readonly [text: string, json: string][]> = {
  text: [["", '""'], ["", "[1]"], ["", "7"]],
  integer: [["-1", "-1"], ["9999999999999999", "1.5"], ["ten", '"10"']],
  boolean: [["yes", '"true"'], ["", "1"]],
  choice: [["other", '"other"'], ["", "null"]],
  list: [[",", "[1]"], [Array(101).fill("a=1").join(","), '"a"']],
};

/** One mistake in one place. */
interface Wrong {
  readonly what: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly source: RegExp;
  readonly key: string;
}

/** Every setting, wrong in every way its kind allows, in each of the three sources. */
function* mistakes(): Generator<Wrong> {
  for (const setting of settings) {
    for (const [text, json] of WRONG[setting.kind]) {
      const what = `${setting.key} ${JSON.stringify(text)}`;
      if (setting.kind !== "list") {
        const key = `--${setting.flag}`;
        const argv = [`${key}=${text}`];
        yield { what: `${what} as a flag`, argv, env: {}, source: /^command line$/, key };
      }
      const env = { [setting.env]: text };
      yield { what: `${what} in env`, argv: [], env, source: /^environment$/, key: setting.env };
      yield {
        what: `${json} for ${setting.key} in the file`,
        argv: [],
        env: {},
        file: fileWith(setting, json),
        source: /^sluice\.jsonc:3:\d+$/,
        key: setting.key,
      };
    }
  }
  for (const key of [...groups.flatMap(({ key }) => key ?? []), APPS.key]) {
    for (const json of ["1", "[]", '"text"', "null"]) {
      const file = `{\n  // a comment\n  "${key}": ${json}\n}`;
      const source = /^sluice\.jsonc:3:\d+$/;
      yield { what: `${json} for the section ${key}`, argv: [], env: {}, file, source, key };
    }
  }
  for (const { name } of appSettings) {
    for (const text of [`radio.${name}=?`, `radio.${name}`, `.${name}=1`, `radio.${name}x=1`, ""]) {
      const argv = [`--${APPS.flag}=${text}`];
      yield { what: text, argv, env: {}, source: /^command line$/, key: `--${APPS.flag}` };
    }
    const env = { [APPS.env]: `radio.${name}=?` };
    yield { what: "an app in env", argv: [], env, source: /^environment$/, key: APPS.env };
    const file = `{"apps": {"radio": {\n"a": 1,\n"${name}": true}}}`.replace('"a": 1,', "// x");
    const source = /^sluice\.jsonc:3:\d+$/;
    yield { what: "an app", argv: [], env: {}, file, source, key: `apps.radio.${name}` };
  }
}

/** A file whose third line has a value of one setting. */
function fileWith({ section, name }: Setting, json: string): string {
  return section === undefined
    ? `{\n  // a comment\n  "${name}": ${json}\n}`
    : `{\n  "${section}": {\n  "${name}": ${json}\n}}`;
}

function inputOf({ argv, env, file }: Wrong) {
  return {
    argv: file === undefined ? argv : ["--config", "sluice.jsonc", ...argv],
    env,
    readFile: () => file ?? "",
    isTTY: false,
    version: "test",
  };
}

test("H4: every mistake says where it is, of which setting, what was expected and what was found", async () => {
  let cases = 0;
  let complete = 0;
  for (const wrong of mistakes()) {
    const error = await loadConfig(inputOf(wrong)).then(() => undefined, (error) => error);
    assert.ok(error instanceof ConfigError, `${wrong.what} is taken`);
    cases++;
    assert.equal(error.mistakes.length, 1, `${wrong.what}: ${error.message}`);
    const { source, key, problem } = error.mistakes[0]!;
    assert.match(source, wrong.source, wrong.what);
    assert.equal(key, wrong.key, wrong.what);
    assert.match(problem, /^expected .+, found .+$/, wrong.what);
    complete++;
    const checked = await runCli({ ...inputOf(wrong), argv: [...inputOf(wrong).argv, "--check"] });
    const started = await runCli(inputOf(wrong));
    assert.deepEqual(checked, started, `--check says the same of ${wrong.what}`);
    assert.ok(checked.kind === "print" && checked.exitCode === 78, wrong.what);
    const line = `${source}: ${key}: ${problem}`;
    assert.ok(checked.text.includes(line), checked.text);
  }
  figure({ id: "H4", what: "mistakes", value: cases, unit: "", atLeast: 60 });
  const missing = cases - complete;
  figure({
    id: "H4",
    what: "messages without all four parts",
    value: missing,
    unit: "",
    atMost: 0,
  });
});

test("H4: secrets among the mistakes are not repeated", async () => {
  const secret = "hunter2 ".repeat(3);
  for (const setting of settings.filter(({ secret }) => secret)) {
    for (
      const wrong of [
        { argv: [`--${setting.flag}=${secret}`], env: {} },
        { argv: [], env: { [setting.env]: secret } },
        { argv: [], env: {}, file: fileWith(setting, `"${secret}"`) },
      ]
    ) {
      const input = inputOf({ ...wrong, what: "", source: /^/, key: "" });
      const result = await runCli(input);
      assert.ok(result.kind === "print");
      assert.doesNotMatch(result.text, /hunter2/);
    }
  }
});

test("H4: the program exits with 78 before it listens, and --check does the same", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-config-"));
  try {
    const path = join(folder, "sluice.jsonc");
    writeFileSync(path, '{\n  "rtmp": { "port": 70000 },\n  "log": { "level": "loud" },\n}');
    const env = { SLUICE_HTTP_PORT: "-1" };
    const args = ["--config", path, "--play-wait-ms", "soon", "--plugin", "none.ts"];
    const [checked, started] = await Promise.all([
      runProgram([...args, "--check"], env),
      runProgram(args, env),
    ]);
    assert.deepEqual(checked, started);
    assert.deepEqual([started.code, started.stdout], [78, ""]);
    const lines = [
      `${path}:2:21: rtmp.port: expected a whole number from 0 to 65535, found 70000`,
      `${path}:3:21: log.level: expected one of trace, debug, info, warning, error, found "loud"`,
      "environment: SLUICE_HTTP_PORT: expected a whole number from 0 to 65535, found -1",
      "command line: --play-wait-ms: expected a whole number of milliseconds from 0 to 3600000, " +
      'found "soon"',
    ];
    for (const line of lines) assert.ok(started.stderr.includes(line), started.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("H4: a plugin that cannot be loaded is a mistake in the configuration too", async () => {
  const args = ["--plugin", "test/no-such-plugin.ts", "--rtmp-port", "0", "--http-port", "0"];
  const [checked, started] = await Promise.all([
    runProgram([...args, "--check"]),
    runProgram(args),
  ]);
  assert.deepEqual([checked.code, started.code], [78, 78]);
  for (const { stderr } of [checked, started]) {
    assert.match(stderr, /plugin: test\/no-such-plugin\.ts: there is no file .*no-such-plugin\.ts/);
  }
});
