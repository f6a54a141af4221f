/**
 * Dockerfiles, as far as those of `deploy/` go, carried out in roots of this machine where no engine is at hand.
 *
 * @module
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Chroot, ChrootOptions } from "./chroot.ts";
import type { TestProcess } from "./process.ts";

/** A line: its first word, and what follows. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Reads a file: lines that go on are joined, comments are gone. */
export function readDockerfile(path: string): Instruction[] {
  const text = readFileSync(path, "utf8").replace(/^#.*\n/gm, "").replace(/\\\n/g, " ");
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? assert.fail(`What is ${line}?`);
    return { name: name!, rest: rest!.trim() };
  });
}

/** What an image is of. */
export interface Image {
  readonly root: Chroot;
  readonly env: Record<string, string>;
  cwd: string;
  user: string;
  entrypoint: string[];
  health: string[];
}

/** Carries the steps out. `base` makes the root of an image by its name. The last image is what is made. */
export async function build(
  steps: readonly Instruction[],
  context: string,
  base: (image: string) => Chroot,
): Promise<Image & Disposable> {
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  for (const { name, rest } of steps) {
    if (name === "FROM") {
      const [from, , as = "last"] = rest.split(/\s+/);
      const root = base(from!);
      image = { root, env: {}, cwd: "/", user: "0:0", entrypoint: [], health: [] };
      stages.set(as, image);
      continue;
    }
    assert.ok(image !== undefined, "FROM comes first");
    if (name === "ENV") {
      for (const [, key, value] of rest.matchAll(/(\w+)=(\S+)/g)) image.env[key!] = value!;
    } else if (name === "WORKDIR") {
      image.cwd = rest;
      mkdirSync(image.root.path(rest), { recursive: true });
    } else if (name === "USER") image.user = rest;
    else if (name === "ENTRYPOINT") image.entrypoint = JSON.parse(rest);
    else if (name === "HEALTHCHECK") image.health = JSON.parse(rest.slice(rest.indexOf("CMD") + 3));
    else if (name === "COPY") copy(rest, image, context, stages);
    else if (name === "RUN") await image.root.run("/bin/sh", ["-c", rest], optionsOf(image));
    else assert.match(name, /^(?:EXPOSE|VOLUME|STOPSIGNAL)$/);
  }
  return {
    ...image!,
    [Symbol.dispose]() {
      for (const { root } of stages.values()) root[Symbol.dispose]();
    },
  };
}

function copy(
  rest: string,
  image: Image,
  context: string,
  stages: ReadonlyMap<string, Image>,
): void {
  const words = rest.split(/\s+/);
  const option = (name: string) =>
    words.find((word) => word.startsWith(`--${name}=`))?.split("=")[1];
  const paths = words.filter((word) => !word.startsWith("--"));
  const to = paths.pop()!;
  const stage = option("from");
  for (const path of paths) {
    const from = stage === undefined ? join(context, path) : stages.get(stage)!.root.path(path);
    const target = image.root.path(to.startsWith("/") ? to : join(image.cwd, to));
    const into = statSync(from).isDirectory() || !to.endsWith("/")
      ? target
      : join(target, basename(path));
    cpSync(from, into, { recursive: true, preserveTimestamps: true });
    const owner = option("chown");
    if (owner !== undefined) execFileSync("chown", ["-R", owner, into]);
  }
}

const optionsOf = ({ env, cwd, user }: Image): ChrootOptions => ({
  env: { HOME: user === "0:0" ? "/root" : "/home/nonroot", ...env },
  cwd,
  user,
});

/** Runs what an image runs, as an engine does that gives it a root that cannot be written. */
export function runImage(
  image: Image,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): TestProcess {
  const { env: own, ...options } = optionsOf(image);
  const [program, ...args] = command;
  return image.root.start(program!, args, { ...options, env: { ...own, ...env }, readOnly: true });
}

/** Files that `.dockerignore` sends to the engine: it names all that is not ignored. */
export function sentFiles(context: string): Set<string> {
  const lines = readFileSync(join(context, ".dockerignore"), "utf8").trim().split("\n");
  assert.equal(lines[0], "*");
  const kept = lines.slice(1).map((line) => {
    assert.match(line, /^!/);
    return line.slice(1);
  });
  return new Set(kept.filter((path) => readdirSync(join(context, path, "..")).length > 0));
}
