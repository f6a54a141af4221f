/** Tokens with roles: how they are written, made and told apart. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { formatApiToken, makeApiToken, readApiToken } from "../../src/http/tokens.ts";
import { makeToken } from "../../src/program/token.ts";
import { assertError, httpApp } from "../support/http_app.ts";
import { streamView } from "../support/server_view.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

test("a token is written as a name, a role and a hash, and nothing else is one", () => {
  const hash = hashOf("x");
  const token = { name: "dash.1", role: "read" as const, sha256: hash };
  assert.deepEqual(readApiToken(`dash.1 read ${hash}`), token);
  assert.deepEqual(readApiToken(`  dash.1\tREAD  ${hash.toUpperCase()} `), token);
  assert.equal(formatApiToken(token), `dash.1 read ${hash}`);
  for (
    const text of [
      ...["", "dash.1", `dash.1 ${hash}`, `dash.1 write ${hash}`, `dash.1 read ${hash}0`],
      ...[`dash.1 read ${hash.slice(1)}`, `a,b read ${hash}`, `${"n".repeat(65)} read ${hash}`],
      `dash.1 read ${hash} more`,
    ]
  ) assert.equal(readApiToken(text), undefined, text);
});

test("a new token is random bytes in hex, and what is kept of it is its hash", async () => {
  const { token, kept } = await makeApiToken("ops", "control", new Uint8Array([0, 1, 254, 255]));
  assert.equal(token, "0001feff");
  assert.deepEqual(kept, { name: "ops", role: "control", sha256: hashOf("0001feff") });
});

test("sluice token prints a token once, with what the server is told of it", async () => {
  const random = (bytes: number) => new Uint8Array(bytes).fill(0xab);
  const { text, exitCode } = await makeToken(["ops", "control"], random);
  const token = "ab".repeat(32);
  assert.equal(exitCode, 0);
  assert.ok(text.includes(`  ${token}\n`));
  assert.ok(text.includes(`--api-tokens "ops control ${hashOf(token)}"`));
  for (const args of [[], ["ops"], ["ops", "all"], ["a b", "read"], ["ops", "read", "more"]]) {
    const wrong = await makeToken(args, random);
    assert.notEqual(wrong.exitCode, 0);
    assert.match(wrong.text, /sluice token NAME read\|control/);
  }
  assert.equal((await makeToken(["--help"], random)).exitCode, 0);
});

test("each token has its own role, and the single one stays good for control", async () => {
  const apiTokens = [
    { name: "dash", role: "read" as const, sha256: hashOf("r3ad") },
    { name: "ops", role: "control" as const, sha256: hashOf("c0ntrol") },
  ];
  for (const apiToken of [undefined, "single"]) {
    const { ask, server } = httpApp({ apiTokens, host: "0.0.0.0", ...(apiToken && { apiToken }) });
    const as = (token: string, method = "GET") =>
      ask("/streams/live/cam", { method, headers: { Authorization: `Bearer ${token}` } });
    server.streams = [streamView("live", "cam")];
    for (const token of ["r3ad", "c0ntrol"]) assert.equal((await as(token)).status, 200);
    const refused = await as("r3ad", "DELETE");
    assert.match(refused.headers.get("WWW-Authenticate")!, /insufficient_scope/);
    assert.match(await assertError(refused, 403, "forbidden"), /may only read/);
    assert.equal(server.streams.length, 1);
    await assertError(await as("single0", "DELETE"), 401, "unauthorized");
    await assertError(await as(hashOf("c0ntrol"), "DELETE"), 401, "unauthorized");
    assert.equal((await as(apiToken ?? "c0ntrol", "DELETE")).status, 204);
  }
});
