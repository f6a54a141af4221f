import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { secretsIn } from "../../tools/secrets.ts";
import { ROOT } from "../support/process.ts";

/** Samples in two parts, so that this file does not look like what it tests. */
const SECRETS: readonly [what: RegExp, text: string][] = [
  [/a private key/, "-----BEGIN RSA " + "PRIVATE KEY-----"],
  [/a private key/, "-----BEGIN " + "PRIVATE KEY-----"],
  [/a certificate/, "-----BEGIN " + "CERTIFICATE-----"],
  [/AWS/, "AKIA" + "ABCDEFGHIJKLMNOP"],
  [/GitHub/, "ghp_" + "a1".repeat(18)],
  [/npm/, "npm_" + "a1".repeat(18)],
  [/npm/, "//registry/:_authToken" + "=abc"],
  [/Slack/, "xoxb-" + "1234567890-abc"],
  [/JSON web token/, "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4"],
  [/password/, "https://user:" + "hunter2222@example.com/"],
];

/** Every file of the checkout, but for what git keeps and packages. */
function* files(folder = ""): Generator<string> {
  for (const name of readdirSync(join(ROOT, folder))) {
    if (name === ".git" || name === "node_modules") continue;
    const path = folder === "" ? name : `${folder}/${name}`;
    if (statSync(join(ROOT, path)).isDirectory()) yield* files(path);
    else yield path;
  }
}

test("keys, certificates and tokens are found, and not repeated", () => {
  for (const [what, text] of SECRETS) {
    const problems = secretsIn("a.txt", `one\n${text}\n`);
    assert.equal(problems.length, 1, text);
    assert.match(problems[0]!, what);
    assert.ok(problems[0]!.startsWith("a.txt:2: ") && !problems[0]!.includes(text));
  }
  for (const path of ["bin/key.pem", "a/server.key", ".env", "x/.env.local", "id_rsa", ".npmrc"]) {
    assert.equal(secretsIn(path, "").length, 1, path);
  }
});

test("what only speaks of secrets is none", () => {
  for (
    const text of [
      "rtmp://127.0.0.1:1935/live/demo?token=TOKEN",
      "https://user:${password}@example.com/",
      "Authorization: Bearer $SLUICE_API_TOKEN",
      "the PRIVATE KEY of a server",
    ]
  ) assert.deepEqual(secretsIn("README.md", text), []);
  assert.deepEqual(secretsIn("src/keys.ts", ""), []);
});

test("no file of this checkout holds a key, a certificate or a token", () => {
  let count = 0;
  for (const path of files()) {
    count++;
    assert.deepEqual(secretsIn(path, readFileSync(join(ROOT, path), "latin1")), []);
  }
  assert.ok(count > 300, `only ${count} files were looked at`);
});
