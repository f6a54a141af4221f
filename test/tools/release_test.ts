/** What `deno task release` does, in checkouts of a few files. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { lockedPackages } from "../../tools/audit.ts";
import { madeOnce } from "../../tools/made_once.ts";
import { billOf, billProblems } from "../../tools/release/bill.ts";
import { notesOf, released } from "../../tools/release/changelog.ts";
import { release, type ReleaseOptions } from "../../tools/release/run.ts";
import { isLater, PLACES, withVersion } from "../../tools/release/version.ts";
import { ROOT } from "../../tools/root.ts";
import { VERSION } from "../../src/version.ts";

const LOG =
  "# Changelog\n\nForm. Nothing has been released yet.\n\n## [Unreleased]\n\n### Added\n\n- A.\n";

test("the version stands in each place that names it, and versions are in order", () => {
  for (const path of Object.keys(PLACES)) {
    const text = readFileSync(join(ROOT, path), "utf8");
    assert.equal(
      withVersion(path, withVersion(path, text, VERSION, "9.8.7"), "9.8.7", VERSION),
      text,
    );
    assert.throws(() => withVersion(path, text, "9.8.7", VERSION), / has no .*9\.8\.7/);
  }
  const order = ["0.1.0", "0.1.1", "0.2.0", "0.10.0", "1.0.0", "1.0.10"];
  for (const [index, one] of order.entries()) {
    for (const [other, two] of order.entries()) assert.equal(isLater(one, two), index > other);
  }
});

test("what was not released gets its version and date, and nothing is released twice or empty", () => {
  const once = released(LOG, "0.1.0", "2027-01-31");
  assert.match(
    once,
    /^# Changelog\n\nForm\.\n\n## \[Unreleased\]\n\n## \[0\.1\.0\] - 2027-01-31\n\n### Added\n\n- A\.\n$/,
  );
  assert.equal(notesOf(once, "0.1.0"), "### Added\n\n- A.");
  assert.throws(() => released(once, "0.1.0", "2027-01-31"), /already/);
  assert.throws(() => released(once, "0.2.0", "2027-01-31"), /nothing to release/);
  assert.throws(() => released("# Changelog\n", "0.2.0", "2027-01-31"), /no one \[Unreleased\]/);
  const real = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
  assert.notEqual(notesOf(released(real, "99.0.0", "2027-01-31"), "99.0.0"), "");
});

/** A checkout with the places of the version and a changelog, and makers that make little. */
function checkout() {
  const root = mkdtempSync(join(tmpdir(), "sluice-release-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.com", ...args], {
      cwd: root,
      encoding: "utf8",
    });
  for (const path of Object.keys(PLACES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), readFileSync(join(ROOT, path)));
  }
  writeFileSync(join(root, "CHANGELOG.md"), LOG);
  writeFileSync(join(root, ".gitignore"), "dist/\n");
  git("init", "-q", ".");
  git("config", "user.name", "A");
  git("config", "user.email", "a@example.com");
  git("add", ".");
  git("commit", "-q", "-m", "Begin");
  const gates: string[] = [];
  const options: ReleaseOptions = {
    root,
    date: "2027-01-31",
    gate: () => {
      gates.push(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version);
      return Promise.resolve(true);
    },
    makers: {
      pack: (folder) => {
        const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
        const path = join(folder, `sluice-${version}.tgz`);
        writeFileSync(path, "package");
        return Promise.resolve(path);
      },
      binary: (path) => Promise.resolve(writeFileSync(path, "binary")),
      bill: () => Promise.resolve("{}"),
    },
  };
  return {
    ...{ root, git, gates, options },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

test("a release passes the gate as its version, and is a commit, a tag and files with their hashes", async () => {
  using place = checkout();
  const { root, git, gates, options } = place;
  const names = await release("0.3.0", options);
  const machine = `${process.platform}-${process.arch}`;
  const files = [`sluice-0.3.0-${machine}`, "sluice-0.3.0.cdx.json", "sluice-0.3.0.tgz"];
  assert.deepEqual(names, [...files, "SHA256SUMS"]);
  assert.deepEqual(gates, ["0.3.0"]);
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], {
    cwd: join(root, "dist"),
  });
  assert.equal(git("tag", "--list").trim(), "v0.3.0");
  assert.equal(git("log", "-1", "--format=%s").trim(), "Release 0.3.0");
  assert.equal(git("status", "--porcelain"), "");
  for (const [path, form] of Object.entries(PLACES)) {
    assert.ok(readFileSync(join(root, path), "utf8").includes(form("0.3.0")), path);
  }
  assert.match(git("show", "v0.3.0:CHANGELOG.md"), /^## \[0\.3\.0\] - 2027-01-31$/m);
  await assert.rejects(release("0.3.0", options), /tag v0\.3\.0 already/);
  await assert.rejects(release("0.2.9", options), /does not come behind 0\.3\.0/);
  await assert.rejects(release("0.4.0", options), /nothing to release/);
});

test("what is no release leaves the checkout as it was", async () => {
  using place = checkout();
  const { root, git, gates, options } = place;
  for (const wrong of ["1", "1.0", "v1.0.0", "1.0.0-rc.1", "01.0.0"]) {
    await assert.rejects(release(wrong, options), /no version of the form/);
  }
  const closed = { ...options, gate: () => Promise.resolve(false) };
  await assert.rejects(release("0.3.0", closed), /the gate is closed/);
  const makers = { ...options.makers, binary: () => Promise.reject(new Error("no disk")) };
  await assert.rejects(release("0.3.0", { ...options, makers }), /no disk/);
  assert.deepEqual([git("status", "--porcelain"), git("tag", "--list")], ["", ""]);
  writeFileSync(join(root, "src/version.ts"), "// changed\n");
  gates.length = 0;
  await assert.rejects(release("0.3.0", options), /not committed/);
  assert.deepEqual(gates, []);
  assert.ok(existsSync(join(root, "src/version.ts")));
});

test("npm's bill of materials names the dependencies, in the versions that are locked", async () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const locked = lockedPackages();
  // npm takes its time, and both runtimes ask it the same.
  const folder = await madeOnce("bill", async (folder) => {
    writeFileSync(join(folder, "bill.json"), await billOf(manifest, locked));
  });
  const bill = JSON.parse(readFileSync(join(folder, "bill.json"), "utf8"));
  assert.equal(bill.metadata.component.version, VERSION);
  assert.deepEqual(billProblems(bill, manifest, locked), []);
  const other = new Map([...locked, ["hono", "0.0.1"]]);
  assert.match(billProblems(bill, manifest, other).join(), /^hono \S+ is not what is locked$/);
  const more = { dependencies: { ...manifest.dependencies, left: "1.0.0" } };
  assert.deepEqual(billProblems(bill, more, locked), ["left is not in the bill"]);
  assert.deepEqual(billProblems({}, manifest, locked), ["it is no bill of CycloneDX"]);
});
