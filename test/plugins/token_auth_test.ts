import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { loadPlugins, refuse } from "../../src/plugin/mod.ts";
import { signToken, tokenAuth } from "../../plugins/token_auth.ts";
import * as contexts from "../support/plugin_contexts.ts";

const SECRET = "0123456789abcdef-test-secret";
const EXPIRES = 1_900_000_000;
const GRANT = { action: "publish", app: "live/eu", name: "cam1", expires: EXPIRES } as const;

// printf 'publish\nlive/eu/cam1\n1900000000' | openssl dgst -sha256 -hmac "$SECRET" -binary |
// openssl base64 | tr +/ -_ | tr -d =
const PUBLISH_TOKEN = "1900000000.E7s_SysRQVKe8I-8YFEbT20LGTwAuK4UqgcJVRR_fGI";
const PLAY_TOKEN = "1900000000.ULrLKFeFInyoCC_h4WIpGjRU7-OPfsd61KPN0KGs4SA";

/** What the plugin answers to a publish of live/eu/cam1 with `token`, a second before it expires. */
function onPublish(token: string | undefined, change = {}, nowMs = EXPIRES * 1000 - 1) {
  const query = new URLSearchParams(token === undefined ? {} : { token });
  const context = { ...contexts.publish, app: "live/eu", name: "cam1", query, ...change };
  return tokenAuth(SECRET, () => nowMs).onPublish!(context);
}

test("tokens are those that OpenSSL makes", async () => {
  assert.equal(await signToken(SECRET, GRANT), PUBLISH_TOKEN);
  assert.equal(await signToken(SECRET, { ...GRANT, action: "play" }), PLAY_TOKEN);
});

test("a token lets in until it expires", async () => {
  assert.equal(await onPublish(PUBLISH_TOKEN), undefined);
  assert.deepEqual(await onPublish(PUBLISH_TOKEN, {}, EXPIRES * 1000), refuse("Token expired"));
  const onPlay = tokenAuth(SECRET, () => 0).onPlay!;
  const query = new URLSearchParams({ token: PLAY_TOKEN });
  const play = { ...contexts.publish, app: "live/eu", name: "cam1", query };
  assert.equal(await onPlay(play), undefined);
});

test("a token is for one action, one application and one name", async () => {
  assert.deepEqual(await onPublish(PLAY_TOKEN), refuse("Token invalid"));
  assert.deepEqual(await onPublish(PUBLISH_TOKEN, { name: "cam2" }), refuse("Token invalid"));
  assert.deepEqual(await onPublish(PUBLISH_TOKEN, { app: "live" }), refuse("Token invalid"));
  const other = await signToken(`${SECRET}2`, GRANT);
  assert.deepEqual(await onPublish(other), refuse("Token invalid"));
});

test("a later expiry, and every changed letter of the MAC, are refused", async () => {
  const later = PUBLISH_TOKEN.replace("1900000000", "1900000001");
  assert.deepEqual(await onPublish(later), refuse("Token invalid"));
  const start = PUBLISH_TOKEN.indexOf(".") + 1;
  // The last letter holds two bits that do not count, so it is left out.
  for (let at = start; at < PUBLISH_TOKEN.length - 1; at++) {
    const letter = PUBLISH_TOKEN[at] === "A" ? "B" : "A";
    const changed = PUBLISH_TOKEN.slice(0, at) + letter + PUBLISH_TOKEN.slice(at + 1);
    assert.deepEqual(await onPublish(changed), refuse("Token invalid"));
  }
});

test("WebCrypto compares the MAC, in constant time, and nobody else does", async () => {
  const { subtle } = crypto;
  const macs: number[] = [];
  for (const answer of [true, false]) {
    const verify = (_algorithm: unknown, _key: unknown, mac: Uint8Array) => {
      macs.push(mac.length);
      return Promise.resolve(answer);
    };
    Object.defineProperty(subtle, "verify", { value: verify, configurable: true });
    try {
      const wrong = `${EXPIRES}.${"A".repeat(43)}`;
      const verdict = answer ? undefined : refuse("Token invalid");
      for (const token of [PUBLISH_TOKEN, wrong]) assert.deepEqual(await onPublish(token), verdict);
    } finally {
      // Behind it is the method of the prototype.
      delete (subtle as unknown as Record<string, unknown>).verify;
    }
  }
  assert.deepEqual(macs, [32, 32, 32, 32]);
});

test("what is no token is refused without a fault", async () => {
  const mac = PUBLISH_TOKEN.split(".")[1]!;
  for (
    const token of [
      undefined,
      "",
      ".",
      mac,
      `.${mac}`,
      `1900000000.`,
      `1900000000.${mac}A`,
      `1900000000.${mac}=`,
      `-1.${mac}`,
      `1e9.${mac}`,
      `999999999999.${mac}`,
      `${PUBLISH_TOKEN}\n`,
      "1900000000." + "é".repeat(43),
    ]
  ) assert.deepEqual(await onPublish(token), refuse("Token required"), String(token));
});

test("a missing or short secret stops the load and says what to do", async () => {
  const base = new URL("../../plugins/", import.meta.url);
  const load = (env: Record<string, string>) => loadPlugins(["token_auth.ts"], { base, env });
  await assert.rejects(load({}), /SLUICE_TOKEN_SECRET is not set: .*openssl rand/);
  await assert.rejects(load({ SLUICE_TOKEN_SECRET: "short" }), /is too short: set it to 16/);
  assert.deepEqual((await load({ SLUICE_TOKEN_SECRET: SECRET })).map(({ name }) => name), [
    "token_auth",
  ]);
});

/** Runs the tool under the runtime of this test. */
function signTool(args: string[], secret = SECRET) {
  const file = new URL("../../tools/sign_token.ts", import.meta.url);
  const run = "Deno" in globalThis ? ["run", "-E", "--no-prompt"] : ["run"];
  return spawnSync(process.execPath, [...run, decodeURIComponent(file.pathname), ...args], {
    encoding: "utf8",
    env: { ...process.env, SLUICE_TOKEN_SECRET: secret },
  });
}

test("the tool prints a token that the plugin takes", async () => {
  const { stdout, stderr, status } = signTool(["publish", "live/eu/cam1", "60"]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^\d+\.[\w-]{43}\n$/);
  assert.equal(await onPublish(stdout.trim(), {}, Date.now()), undefined);
  assert.deepEqual(
    await onPublish(stdout.trim(), {}, Date.now() + 61_000),
    refuse("Token expired"),
  );
});

test("a token for /cam is one for the stream cam without an application", async () => {
  for (const path of ["/cam", "/cam.flv"]) {
    const token = signTool(["publish", path, "60"]).stdout.trim();
    assert.equal(await onPublish(token, { app: "", name: "cam" }, Date.now()), undefined);
  }
});

test("the tool tells how it is used, and that the secret is missing", () => {
  for (const args of [[], ["publish", "cam", "60"], ["watch", "live/cam", "60"], ["play", "a/b"]]) {
    const { status, stderr } = signTool(args);
    assert.equal(status, 2);
    assert.match(stderr, /^Usage:/);
  }
  const { status, stderr } = signTool(["play", "a/b", "60"], "");
  assert.equal(status, 1);
  assert.match(stderr, /SLUICE_TOKEN_SECRET is not set/);
});
