/** The ways to install of README and docs/install.md, in a root that has Debian and Node, and no runtime. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Chroot } from "../support/chroot.ts";
import { figure, FULL } from "../support/figure.ts";
import { RUNTIME } from "../support/installed.ts";
import { ROOT, type TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";

/** How long a server may take: its runtime is fetched first (ms). */
const FETCH_MS = 300_000;

const PORTS = ["--rtmp-port", "0", "--http-port", "0", "--log-format", "json"];

/** Where the checkout, an author's folder and all that is fetched are: a home that can be written. */
const [HOME, CHECKOUT, AUTHOR] = ["/home/you", "/home/you/sluice", "/home/you/author"];

/** A command of a document, as words. */
type Command = readonly string[];

/** Commands in the code blocks of a document, without what is behind `#`. */
function commandsOf(path: string): Command[] {
  const blocks = readFileSync(join(ROOT, path), "utf8").matchAll(/^```sh\n(.*?)^```/gms);
  return [...blocks].flatMap(([, block]) => block!.trim().split("\n"))
    .map((line) => line.replace(/ +#.*/, "").trim().split(" "));
}

/** The command of a document that begins with these words; it stands there, or the test is not of it. */
function documented(path: string, ...start: Command): Command {
  const found = commandsOf(path).find((words) => start.every((word, at) => words[at] === word));
  assert.ok(found !== undefined, `${path} has ${start.join(" ")}`);
  return found;
}

/** What is followed, from the documents. */
function ways() {
  return {
    start: documented("README.md", RUNTIME, "run"),
    pack: documented("docs/install.md", "deno", "task", "pack"),
    install: documented("docs/install.md", "npm", "install"),
    command: documented("docs/install.md", "npx", "sluice"),
    binary: documented("docs/install.md", "deno", "task", "binary"),
    compiled: documented("docs/install.md", "./dist/sluice"),
  };
}

/** Debian, Node, the checkout as git has it, and a home; nothing else. */
function nodeAlone(): Chroot {
  const root = new Chroot().debian();
  for (const folder of [CHECKOUT, AUTHOR]) mkdirSync(root.path(folder), { recursive: true });
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  for (const file of files.split("\0")) {
    if (/^(?:mod\.ts|src|plugins|tools|\w+\.(?:json|lock|md)|LICENSE)/.test(file)) {
      root.copy(join(ROOT, file), join(CHECKOUT, file));
    }
  }
  root.bind(root.path("/home"), "/home", true);
  root.bind(root.path("/tmp"), "/tmp", true);
  return root;
}

test("S1: the ways to install that are followed in full stand in the documents", () => {
  const { start, pack, install, command, binary, compiled } = ways();
  assert.deepEqual(
    start,
    RUNTIME === "deno" ? ["deno", "run", "-A", "mod.ts"] : ["bun", "run", "mod.ts"],
  );
  assert.deepEqual([pack, binary], [["deno", "task", "pack"], ["deno", "task", "binary"]]);
  assert.ok(install.some((word) => word.endsWith(".tgz")));
  assert.deepEqual(command, ["npx", "sluice"]);
  assert.equal(compiled[0], "./dist/sluice");
});

/** Takes minutes, and fetches both runtimes: it is none of the suite, and its name is not in it. */
if (FULL) {
  test(
    ...needs("chroot", "S1: where there is Node alone every way to install leads to a server"),
    followAll,
  );
}

async function followAll(): Promise<void> {
  const { start, pack, install, command, binary, compiled } = ways();
  using root = nodeAlone();
  const env = { HOME };
  // What `npx` starts goes with it: all processes of one command are in a namespace that ends with it.
  const inside = (cwd: string, command: Command) =>
    root.start("unshare", ["--pid", "--fork", "--kill-child", "--mount-proc", ...command], {
      cwd,
      env,
    });
  const run = (cwd: string, [program, ...args]: Command) => root.run(program!, args, { cwd, env });
  let servers = 0;
  const serves = async (program: TestProcess) => {
    await using server = program;
    await server.waitForLine(
      (line) => /"ready"|"listening"/.test(line) || undefined,
      "it listens",
      FETCH_MS,
    );
    servers++;
  };

  for (const name of ["deno", "bun"]) {
    await using none = inside(HOME, ["sh", "-c", `command -v ${name}`]);
    assert.notEqual((await none.ended()).code, 0, `no ${name} is there`);
  }
  await serves(inside(CHECKOUT, ["npx", "-y", ...start, ...PORTS]));

  await run(CHECKOUT, ["npx", "-y", ...pack]);
  const [tarball] = readdirSync(root.path(join(CHECKOUT, "dist")));
  await run(
    AUTHOR,
    install.map((word) => word.endsWith(".tgz") ? `../sluice/dist/${tarball}` : word),
  );
  await using helpless = inside(AUTHOR, [...command, "--version"]);
  const { code, stderr } = await helpless.ended(FETCH_MS);
  assert.equal(code, 127, helpless.describe());
  // What it says is done, into the author's folder: this root has no place for all.
  const [, cure] = new RegExp(`npm install -g (${RUNTIME})`).exec(stderr) ?? [];
  assert.equal(cure, RUNTIME, stderr);
  await run(AUTHOR, ["npm", "install", cure]);
  await serves(inside(AUTHOR, [...command, ...PORTS]));

  await run(CHECKOUT, ["npx", "-y", ...binary]);
  await serves(inside(CHECKOUT, [compiled[0]!, ...PORTS]));
  figure({
    id: "S1",
    what: "ways to a server: from the checkout, from the package, as one binary",
    value: servers,
    unit: "",
    atLeast: 3,
  });
}
