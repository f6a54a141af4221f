/** A port that cannot be had: exit code, one line with address, port, cause and cure, soon (B7). */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { test } from "node:test";
import { figure } from "../support/figure.ts";
import { startProgram } from "../support/server.ts";

/** Runs the program with what it cannot have, and checks how it ends. */
async function failsToStart(what: string, args: readonly string[], expected: {
  readonly code: number;
  readonly says: readonly RegExp[];
  readonly through?: readonly string[];
}): Promise<void> {
  const started = performance.now();
  await using program = startProgram(
    ["--allow-anonymous", ...args],
    {},
    "mod.ts",
    undefined,
    expected.through,
  );
  const { code, stdout, stderr } = await program.ended();
  const took = Math.round(performance.now() - started);
  assert.equal(code, expected.code, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^sluice: [^\n]*\n$/, "one line");
  for (const said of expected.says) assert.match(stderr, said);
  figure({
    id: "B7",
    what: `${what}: time to exit`,
    value: took,
    unit: "ms",
    atMost: 2000,
    by: "wall",
  });
}

/** A listener of somebody else. */
async function taken(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

for (const flag of ["--rtmp-port", "--http-port"]) {
  test(`B7: a port that another program has (${flag}): exit 75`, async () => {
    await using other = await taken();
    const free = flag === "--rtmp-port" ? "--http-port" : "--rtmp-port";
    await failsToStart(`port in use (${flag})`, [flag, `${other.port}`, free, "0"], {
      code: 75,
      says: [
        new RegExp(`127\\.0\\.0\\.1:${other.port} is in use`),
        /stop|another port/,
        /--rtmp-port/,
      ],
    });
  });
}

/** Runs a program without the right to low ports, where that can be taken away. */
const WITHOUT_RIGHT = [
  "setpriv",
  "--bounding-set=-net_bind_service",
  "--inh-caps=-net_bind_service",
];
const canDrop = spawnSync(WITHOUT_RIGHT[0]!, [...WITHOUT_RIGHT.slice(1), "true"]).status === 0;
const needsSetpriv = canDrop ? "" : " [needs setpriv and the right to use it]";

test(`B7: a port that only the administrator may have: exit 77${needsSetpriv}`, {
  skip: !canDrop,
}, () =>
  failsToStart("port not permitted", ["--rtmp-port", "1", "--http-port", "0"], {
    code: 77,
    says: [/127\.0\.0\.1:1 is not permitted/, /from 1024 on/],
    through: WITHOUT_RIGHT,
  }));

test("B7: an address that is not of this machine: exit 78", () =>
  failsToStart("bad address", ["--host", "192.0.2.1", "--rtmp-port", "0", "--http-port", "0"], {
    code: 78,
    says: [/192\.0\.2\.1:0 is not an address of this machine/, /correct --host/],
  }));

test("B7: a name that nobody knows: exit 78", () =>
  failsToStart("unknown name", ["--host", "name.invalid", "--rtmp-port", "0", "--http-port", "0"], {
    code: 78,
    says: [/name\.invalid:0 is not an address of this machine/, /correct --host/],
  }));
