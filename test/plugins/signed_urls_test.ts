import assert from "node:assert/strict";
import { test } from "node:test";
import { refuse } from "../../src/plugin/mod.ts";
import {
  type SignedGrant,
  type SignedUrlOptions,
  signQuery,
} from "../../src/plugin/signed_token.ts";
import { signToken } from "../../plugins/token_auth.ts";
import { signedUrls } from "../../plugins/signed_urls.ts";
import { sign } from "../../src/program/sign.ts";
import { until } from "../support/deadline.ts";
import * as contexts from "../support/plugin_contexts.ts";

const SECRET = "0123456789abcdef-test-secret";
const EXPIRES = 1_900_000_000;
const GRANT: SignedGrant = { action: "publish", scope: "live/eu/cam1", expires: EXPIRES };

// printf 'publish\nlive/eu/cam1\n1900000000' | openssl dgst -sha256 -hmac "$SECRET" -binary |
// openssl base64 | tr +/ -_ | tr -d =
const PUBLISH = "token=1900000000.E7s_SysRQVKe8I-8YFEbT20LGTwAuK4UqgcJVRR_fGI";
// printf 'play\nlive/*\n1900000000\n192.0.2.0/24' | ...
const PLAY =
  "token=1900000000._yzqotXCM_gffUnugbSz17ZhSAeAa-A8KpJEOUyU2OE&scope=live/*&from=192.0.2.0%2F24";

/** What is answered to `query` for live/eu/cam1 of 192.0.2.7, a moment before it expires. */
function asked(
  action: "publish" | "play",
  query: string,
  change: object = {},
  options: Partial<SignedUrlOptions> = {},
  now = EXPIRES * 1000 - 1,
) {
  const plugin = signedUrls({ secrets: [SECRET], ...options }, () => now);
  const context = {
    ...contexts.publish,
    ...{ app: "live/eu", name: "cam1", query: new URLSearchParams(query) },
    ...change,
  };
  return action === "publish" ? plugin.onPublish!(context) : plugin.onPlay!(context);
}

test("tokens are those that OpenSSL makes, and those of token_auth count as well", async () => {
  assert.equal(signQuery(SECRET, GRANT), PUBLISH);
  const play: SignedGrant = {
    ...{ action: "play", scope: "live/*", expires: EXPIRES },
    from: "192.0.2.0/24",
  };
  assert.equal(signQuery(SECRET, play), PLAY.replace("%2F", "/"));
  const old = { action: "publish", app: "live/eu", name: "cam1", expires: EXPIRES } as const;
  assert.equal(`token=${await signToken(SECRET, old)}`, PUBLISH);
});

test("a token is for one action and one stream, until it expires", () => {
  assert.equal(asked("publish", PUBLISH), undefined);
  assert.deepEqual(asked("play", PUBLISH), refuse("Token invalid"));
  assert.deepEqual(asked("publish", PUBLISH, { name: "cam2" }), refuse("Token invalid"));
  assert.deepEqual(asked("publish", PUBLISH, { app: "live" }), refuse("Token invalid"));
  const late = asked("publish", PUBLISH, {}, {}, EXPIRES * 1000);
  assert.deepEqual(late, refuse("Token expired"));
});

test("a scope covers what begins like it, from the addresses that it names", () => {
  assert.equal(asked("play", PLAY), undefined);
  assert.equal(asked("play", PLAY, { app: "live", name: "x" }), undefined);
  assert.deepEqual(asked("play", PLAY, { app: "live2" }), refuse("Token for another stream"));
  const client = { ...contexts.connect.client, address: { hostname: "198.51.100.1", port: 1 } };
  assert.deepEqual(asked("play", PLAY, { client }), refuse("Token for another address"));
});

test("nothing of a token can be changed or left out", () => {
  const changed: readonly [from: string, to: string][] = [
    ["1900000000", "1900000001"],
    ["scope=live/*", "scope=*"],
    ["&scope=live/*", ""],
    ["&from=192.0.2.0%2F24", ""],
    ["from=192.0.2.0%2F24", "from=0.0.0.0%2F0"],
    ["from=192.0.2.0%2F24", "from=192.0.2.0%2F24%0A"],
    ["from=192.0.2.0%2F24", "from="],
    ["scope=live/*", `scope=live/*%0A${EXPIRES}`],
    ["scope=live/*", `scope=${"x".repeat(10_000)}*`],
  ];
  for (const [from, to] of changed) {
    assert.ok(PLAY.includes(from));
    assert.deepEqual(asked("play", PLAY.replace(from, to)), refuse("Token invalid"), to);
  }
  const mac = /\.([\w-]{43})/.exec(PUBLISH)![1]!;
  for (let at = 0; at < mac.length; at++) {
    const other = mac.slice(0, at) + (mac[at] === "A" ? "B" : "A") + mac.slice(at + 1);
    assert.deepEqual(asked("publish", PUBLISH.replace(mac, other)), refuse("Token invalid"));
  }
  for (const token of ["", ".", mac, `.${mac}`, `1900000000.${mac}=`, `1e9.${mac}`, `-1.${mac}`]) {
    assert.deepEqual(asked("publish", `token=${token}`), refuse("Token required"), token);
  }
});

test("while secrets change, tokens of both count", () => {
  const secrets = ["another secret of 32 characters!", SECRET];
  assert.equal(asked("publish", PUBLISH, {}, { secrets }), undefined);
  assert.equal(asked("publish", signQuery(secrets[0]!, GRANT), {}, { secrets }), undefined);
  const only = { secrets: secrets.slice(0, 1) };
  assert.deepEqual(asked("publish", PUBLISH, {}, only), refuse("Token invalid"));
});

test("what needs no token has no hook", () => {
  assert.equal(signedUrls({ secrets: [SECRET], actions: ["publish"] }).onPlay, undefined);
  assert.equal(signedUrls({ secrets: [SECRET], actions: ["play"] }).onPublish, undefined);
});

test("by choice a client is ended when its token expires", async () => {
  let now = EXPIRES * 1000 - 1;
  const ended: string[] = [];
  const plugins = (["run-on", "end"] as const).map((afterExpiry) => {
    const plugin = signedUrls({ secrets: [SECRET], afterExpiry }, () => now);
    const endSession = (id: string, why?: string) => ended.push(`${afterExpiry} ${id} ${why}`) > 0;
    plugin.start!({ endSession } as never);
    const context = { ...contexts.publish, app: "live/eu", name: "cam1" };
    plugin.onPublish!({ ...context, query: new URLSearchParams(PUBLISH) });
    return plugin;
  });
  try {
    now++;
    await until(() => Promise.resolve(ended.length > 0), "an end");
    assert.deepEqual(ended, ["end s1 signed_urls: the token has expired"]);
  } finally {
    for (const plugin of plugins) plugin.stop!();
  }
});

test("mistakes in the options stop the load, without telling what a secret is", () => {
  assert.throws(() => signedUrls({}), { message: "signed_urls: secrets: is missing" });
  assert.throws(() => signedUrls({ secrets: ["s3cret"] }), {
    message: "signed_urls: secrets.0: expected 16 characters or more",
  });
  assert.throws(() => signedUrls({ secrets: [] }), /secrets: expected one secret or more/);
});

test("the command signs what the plugin takes, and tells what is wrong", () => {
  const env = { SLUICE_PLUGIN_SIGNED_URLS: JSON.stringify({ secrets: [SECRET] }) };
  const signed = (...args: string[]) => sign(args, env, EXPIRES * 1000 - 60_000);
  const { text, exitCode } = signed("publish", "live/eu/cam1.flv", "--expires", "1m");
  assert.deepEqual([text, exitCode], [`${PUBLISH}\n`, 0]);
  const wild = signed("play", "live/*", "--expires", "1m", "--from", "192.0.2.0/24").text.trim();
  assert.equal(asked("play", wild), undefined);
  for (
    const [args, told] of [
      [[], /expected publish or play/],
      [["play", "cam"], /expected a stream/],
      [["play", "li*ve/*"], /expected a stream/],
      [["play", "a/b", "--from", "host"], /--from: expected an address/],
      [["play", "a/b", "--expires", "1999-01-01"], /--expires: expected/],
      [["play", "a/b", "c"], /expected publish or play/],
    ] satisfies [string[], RegExp][]
  ) {
    assert.match(signed(...args).text, told);
    assert.equal(signed(...args).exitCode, 78);
  }
  assert.match(sign(["play", "a/b"], {}).text, /secrets: is missing/);
});
