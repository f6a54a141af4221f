import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hashOfKey } from "../../src/plugin/key_file.ts";
import { manageKeys } from "../../src/program/key.ts";

const NOW = Date.parse("2026-11-26T12:00:00Z");

/** Runs the command in a folder of its own. */
function inFolder(
  use: (
    file: string,
    run: (...args: string[]) => string,
    fails: (...args: string[]) => string,
  ) => void,
) {
  const folder = mkdtempSync(join(tmpdir(), "sluice-key-"));
  const file = join(folder, "keys.json");
  const run = (expected: number) => (...args: string[]) => {
    const { text, exitCode } = manageKeys([...args, "--file", file], NOW);
    assert.equal(exitCode, expected, text);
    return text.trim();
  };
  try {
    use(file, run(0), run(78));
    assert.ok(readdirSync(folder).every((name) => name === "keys.json"), "nothing else is left");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("of a key that is made the hash is kept, with what it is for", () => {
  inFolder((file, run) => {
    const key = run(
      "add",
      "studio",
      "--app",
      "live",
      "--max-kbps",
      "8000",
      "--one-publisher",
      "--address",
      "10.0.0.0/8",
      "--address",
      "::1",
      "--expires",
      "30d",
    );
    run("add", "other");
    const text = readFileSync(file, "utf8");
    assert.ok(!text.includes(key));
    const { keys } = JSON.parse(text) as { keys: Record<string, unknown>[] };
    const { id, ...first } = keys[0]!;
    assert.match(String(id), /^[\da-f]{8}$/);
    assert.deepEqual(first, {
      ...{ hash: hashOfKey(key), name: "studio", app: "live", maxKbps: 8000, onePublisher: true },
      ...{ addresses: ["10.0.0.0/8", "::1"], expires: "2026-12-26T12:00:00.000Z" },
      created: "2026-11-26T12:00:00.000Z",
    });
    assert.equal(
      run("list").split("\n")[0],
      `${id}  live/studio, made 2026-11-26T12:00:00.000Z, expires 2026-12-26T12:00:00.000Z, ` +
        "at most 8000 kbit/s, one publisher, from 10.0.0.0/8 ::1",
    );
    assert.equal(run("revoke", String(id)), `Revoked ${id}.`);
    assert.match(run("list"), /^[\da-f]{8} {2}other, made [^\n]*$/);
  });
});

test("a mistake is told, and changes nothing", () => {
  inFolder((file, run, fails) => {
    assert.equal(run("list"), "There are no keys.");
    run("add", "studio");
    const before = readFileSync(file, "utf8");
    for (
      const [args, told] of [
        [["add"], /expected add NAME, list or revoke ID/],
        [["remove", "x"], /expected add NAME, list or revoke ID/],
        [["add", "a", "b"], /expected add NAME, list or revoke ID/],
        [["add", "a/b"], /name: expected a stream name/],
        [["add", "a", "--max-kbps", "many"], /maxKbps: expected/],
        [["add", "a", "--address", "home"], /addresses\.0: expected an address/],
        [["add", "a", "--expires", "yesterday"], /--expires: expected 30m/],
        [["add", "a", "--expires", "2020-01-01"], /--expires: expected 30m/],
        [["add", "a", "--limit", "3"], /Unknown option|--limit/],
        [["revoke", "nobody"], /has no key nobody/],
      ] satisfies [string[], RegExp][]
    ) assert.match(fails(...args), told, args.join(" "));
    assert.equal(readFileSync(file, "utf8"), before);
    writeFileSync(file, "{ keys");
    assert.match(fails("add", "a"), /keys\.json: this is no JSON/);
    writeFileSync(file, '{ "keys": [{ "id": "x" }] }');
    assert.match(fails("list"), /keys\.0\.hash: is missing/);
    assert.match(run("--help"), /sluice key add NAME/);
  });
});
