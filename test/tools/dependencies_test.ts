import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { askAdvisories, lockedPackages, readAdvisories } from "../../tools/audit.ts";
import { dependencyProblems } from "../../tools/docs/dependencies.ts";
import { runProgram } from "../support/server.ts";

const TABLE = [
  "| `other` | is no dependency |",
  "## Dependencies",
  "| Package | For |",
  "| `a` | this |",
  "| `b`, `@c/d` | that, with `e` |",
  "## More",
  "| `f` | something else |",
].join("\n");

/** A registry that knows of one bad package. */
async function withRegistry(
  answer: { status: number; body: string },
  use: (url: string, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part) => text += part);
    request.on("end", () => {
      asked.push(`${request.method} ${request.url} ${text}`);
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/npm`, asked);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const BAD = JSON.stringify({
  hono: [{
    id: 1,
    url: "https://example.com/1",
    title: "Reads too far",
    severity: "high",
    vulnerable_versions: "<9",
  }],
});

test("a package without a reason, and a reason without a package, are found", () => {
  assert.deepEqual(dependencyProblems("X.md", TABLE, new Set(["a", "b", "@c/d"])), []);
  assert.deepEqual(dependencyProblems("X.md", TABLE, new Set(["a", "b", "f"])), [
    "X.md: the dependency f has no row that says why",
    "X.md: @c/d is listed and is no dependency",
  ]);
});

test("what is audited are all locked packages, those of the tools included", () => {
  const packages = lockedPackages();
  for (const name of ["hono", "fast-check", "pure-rand", "typescript"]) {
    assert.match(packages.get(name) ?? "", /^\d+\.\d+\.\d+$/, name);
  }
});

test("a registry is asked once for all packages, and its advisories are read", async () => {
  await withRegistry({ status: 200, body: BAD }, async (url, asked) => {
    const packages = new Map([["hono", "1.2.3"], ["@a/b", "4.5.6"]]);
    const [advisory] = await askAdvisories(url, packages);
    assert.equal(advisory?.package, "hono");
    assert.equal(advisory?.severity, "high");
    assert.deepEqual(asked, [
      "POST /npm/-/npm/v1/security/advisories/bulk " +
      '{"hono":["1.2.3"],"@a/b":["4.5.6"]}',
    ]);
  });
});

test("an answer that is no list of advisories is no all-clear", () => {
  for (const answer of [null, [], "ok", 1, { hono: {} }, { error: "not here" }]) {
    assert.throws(() => readAdvisories(answer), /no list/);
  }
});

test("the exit code tells no advisories, some, and that nothing could be checked", async () => {
  const audit = (url: string) => runProgram([], { NPM_CONFIG_REGISTRY: url }, "tools/audit.ts");
  await withRegistry({ status: 200, body: "{}" }, async (url) => {
    const { code, stdout } = await audit(url);
    assert.equal(code, 0);
    assert.match(stdout, /\d+ packages, 0 advisories/);
  });
  await withRegistry({ status: 200, body: BAD }, async (url) => {
    const { code, stderr } = await audit(url);
    assert.equal(code, 1);
    assert.match(stderr, /hono .*high: Reads too far .*https:\/\/example\.com\/1/);
  });
  await withRegistry({ status: 405, body: "" }, async (url) => {
    const { code, stderr } = await audit(url);
    assert.equal(code, 2);
    assert.match(stderr, /NOTHING WAS CHECKED.*405/);
  });
  const { code, stderr } = await audit("http://127.0.0.1:1/");
  assert.equal(code, 2);
  assert.match(stderr, /NOTHING WAS CHECKED/);
});
