import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { needLogin, refuse } from "../../src/plugin/mod.ts";
import { jwt, type JwtOptions } from "../../plugins/jwt.ts";
import { until } from "../support/deadline.ts";
import * as contexts from "../support/plugin_contexts.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NOW = 1_900_000_000_000;
const CLAIMS: JWTPayload = { exp: NOW / 1000 + 60, publish: "live/cam", play: ["live/*", "vip/x"] };

function signed(claims: JWTPayload = CLAIMS, secret = SECRET): Promise<string> {
  const key = new TextEncoder().encode(secret);
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(key);
}

/** What is answered to a token in the query, to publish live/cam unless changed. */
async function asked(token: string | undefined, options: JwtOptions = {}, change: object = {}) {
  const { action = "publish", ...more } = change as { action?: "publish" | "play" };
  const { jwks } = options;
  const plugin = await jwt(
    { ...(jwks === undefined ? { secrets: [SECRET] } : {}), ...options },
    () => NOW,
  );
  const query = new URLSearchParams(token === undefined ? {} : { token });
  const context = { ...contexts.publish, query, ...more };
  return action === "publish" ? await plugin.onPublish!(context) : await plugin.onPlay!(context);
}

test("a token is for what its claims say", async () => {
  const token = await signed();
  assert.equal(await asked(token), undefined);
  assert.deepEqual(
    await asked(token, {}, { name: "cam2" }),
    refuse("The token is not to publish this"),
  );
  for (const [app, name] of [["live", "anything"], ["vip", "x"]]) {
    assert.equal(await asked(token, {}, { action: "play", app, name }), undefined);
  }
  const other = await asked(token, {}, { action: "play", app: "vip", name: "y" });
  assert.deepEqual(other, refuse("The token is not to play this"));
  for (const publish of [undefined, 7, {}, [["live/cam"]], "", "live/ca"]) {
    const odd = await signed({ exp: CLAIMS.exp, publish });
    assert.deepEqual(await asked(odd), refuse("The token is not to publish this"));
  }
});

test("a token counts until it expires, has to say when, and for some issuer and audience if wanted", async () => {
  assert.deepEqual(await asked(undefined), refuse("Token required"));
  const old = await signed({ ...CLAIMS, exp: NOW / 1000 - 11 });
  assert.deepEqual(await asked(old), refuse("Token expired"));
  const { exp: _, ...endless } = CLAIMS;
  assert.deepEqual(await asked(await signed(endless)), refuse("Token invalid"));
  const early = await signed({ ...CLAIMS, nbf: NOW / 1000 + 30 });
  assert.deepEqual(await asked(early), refuse("Token invalid"));
  const wanted = { issuer: "me", audience: "sluice" };
  assert.deepEqual(await asked(await signed(), wanted), refuse("Token invalid"));
  assert.equal(
    await asked(await signed({ ...CLAIMS, iss: "me", aud: ["x", "sluice"] }), wanted),
    undefined,
  );
});

test("what nobody has signed, or somebody else, is refused without a fault", async () => {
  const token = await signed();
  const [head, body, mac] = token.split(".") as [string, string, string];
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (
    const bad of [
      ...[
        "x",
        ".",
        "..",
        `${head}.${body}`,
        `${head}.${body}.`,
        `${head}.${part({ ...CLAIMS, x: 1 })}.${mac}`,
      ],
      ...[
        `${part({ alg: "none" })}.${body}.`,
        `${part({ alg: "HS256", crit: ["x"] })}.${body}.${mac}`,
      ],
      ...[await signed(CLAIMS, "another secret of 32 characters!"), "x".repeat(100_000)],
    ]
  ) assert.deepEqual(await asked(bad), refuse("Token invalid"), bad.slice(0, 100));
});

test("while secrets change, tokens of both count", async () => {
  const secrets = ["another secret of 32 characters!", SECRET];
  assert.equal(await asked(await signed(), { secrets }), undefined);
  assert.equal(await asked(await signed(CLAIMS, secrets[0]), { secrets }), undefined);
  const old = await signed({ ...CLAIMS, exp: 1 });
  assert.deepEqual(await asked(old, { secrets }), refuse("Token expired"));
});

test("the token may be in the header, or be the user who logs in", async () => {
  const token = await signed();
  const query = new URLSearchParams();
  const header = (authorization: string) => ({
    query,
    http: { url: "http://localhost/x", authorization },
  });
  assert.equal(await asked(undefined, {}, header(`Bearer ${token}`)), undefined);
  assert.equal(await asked(undefined, {}, header(`bearer  ${token}`)), undefined);
  assert.deepEqual(await asked(undefined, {}, header(`Basic ${token}`)), refuse("Token required"));
  assert.equal(await asked(undefined, {}, { query, user: token }), undefined);
  const named = await asked(undefined, { parameter: "jwt" }, {
    query: new URLSearchParams({ jwt: token }),
  });
  assert.equal(named, undefined);

  const plugin = await jwt({ secrets: [SECRET], login: true }, () => NOW);
  const login = (user: string) => plugin.onLogin!({ ...contexts.connect, user });
  assert.deepEqual(await login(token), { proven: true });
  assert.deepEqual(await login(await signed({ ...CLAIMS, exp: 1 })), refuse("Token expired"));
  assert.equal(await login("ann"), undefined);
  assert.deepEqual(plugin.onConnect!({ ...contexts.connect, query }), needLogin());
  assert.equal(plugin.onConnect!({ ...contexts.connect, query, user: token }), undefined);
  assert.equal(
    plugin.onConnect!({ ...contexts.connect, query: new URLSearchParams({ token }) }),
    undefined,
  );
  assert.equal((await jwt({ secrets: [SECRET] })).onConnect, undefined);
});

test("keys of a URL are fetched once, again for a key that is new, and no secret is taken for one", async () => {
  const pairs = await Promise.all(["ES256", "EdDSA"].map((alg) => generateKeyPair(alg)));
  const jwks = await Promise.all(pairs.map(async ({ publicKey }, index) => ({
    ...await exportJWK(publicKey),
    kid: `k${index}`,
  })));
  let published = jwks.slice(0, 1);
  let fetched = 0;
  let broken = false;
  const http = createServer((_, response) => {
    fetched++;
    response.statusCode = broken ? 500 : 200;
    response.end(JSON.stringify({ keys: published }));
  }).listen(0, "127.0.0.1");
  await until(() => Promise.resolve(http.listening), "the server of keys");
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks.json`;
  const sign = (index: number) =>
    new SignJWT(CLAIMS).setProtectedHeader({ alg: ["ES256", "EdDSA"][index]!, kid: `k${index}` })
      .sign(pairs[index]!.privateKey);
  const ask = async (plugin: Awaited<ReturnType<typeof jwt>>, token: string) =>
    await plugin.onPublish!({ ...contexts.publish, query: new URLSearchParams({ token }) });
  try {
    const plugin = await jwt({ jwks: url }, () => NOW);
    for (let time = 0; time < 3; time++) assert.equal(await ask(plugin, await sign(0)), undefined);
    assert.equal(fetched, 1);
    assert.deepEqual(await ask(plugin, await sign(1)), refuse("Token invalid"));
    const byPublicKey = await signed(CLAIMS, JSON.stringify(jwks[0]));
    assert.deepEqual(await ask(plugin, byPublicKey), refuse("Token invalid"));
    assert.equal(fetched, 1, "not for each token whose key is not known");
    const eager = await jwt({ jwks: url }, () => NOW, 0);
    assert.equal(await ask(eager, await sign(0)), undefined);
    published = jwks;
    assert.equal(await ask(eager, await sign(1)), undefined);
    assert.equal(await ask(eager, await sign(0)), undefined);
    assert.equal(fetched, 3, "again for the key that is new, and no more");
    broken = true;
    const without = await jwt({ jwks: url }, () => NOW);
    const told = refuse("The keys to check the token with cannot be had");
    assert.deepEqual(await ask(without, await sign(0)), told);
    http.close();
    http.closeAllConnections();
    assert.deepEqual(await ask(await jwt({ jwks: url }, () => NOW), await sign(0)), told);
  } finally {
    http.close();
  }
});

/** Serves what `answer` says as keys, and counts how often they are asked for. */
async function withKeys(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  use: (url: string, asked: () => number) => Promise<void>,
): Promise<void> {
  let count = 0;
  const http = createServer((request, response) => {
    count++;
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await until(() => Promise.resolve(http.listening), "the server of keys");
  try {
    const { port } = http.address() as AddressInfo;
    await use(`http://127.0.0.1:${port}/jwks.json`, () => count);
  } finally {
    http.close();
    http.closeAllConnections();
  }
}

test("keys that are huge, redirected, broken or no keys let nobody in, and are not asked for by each client", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = JSON.stringify({ keys: [{ ...await exportJWK(publicKey), kid: "k" }] });
  const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", kid: "k" })
    .sign(privateKey);
  const none = refuse("The keys to check the token with cannot be had");
  const query = new URLSearchParams({ token });
  const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    huge: (_, response) => response.end(keys.padEnd(300_000)),
    redirected: ({ url }, response) =>
      url === "/moved"
        ? response.end(keys)
        : response.writeHead(302, { location: "/moved" }).end(keys),
    broken: (_, response) => response.end(keys.slice(0, -2)),
    cut: (_, response) => {
      response.writeHead(200, { "content-length": 9999 }).write(keys);
      response.destroy();
    },
    "no keys": (_, response) => response.end('{ "keys": 7 }'),
  };
  for (const [what, answer] of Object.entries(answers)) {
    await withKeys(answer, async (jwks, asked) => {
      const plugin = await jwt({ jwks }, () => NOW);
      for (let time = 0; time < 5; time++) {
        assert.deepEqual(await plugin.onPublish!({ ...contexts.publish, query }), none, what);
      }
      assert.equal(asked(), 1, what);
    });
  }
});

test("what a token says of where its key is, or how it is signed, is not believed", async () => {
  const [ours, theirs] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
  const known = await exportJWK(ours.publicKey);
  const own = await exportJWK(theirs.publicKey);
  const keys = JSON.stringify({ keys: [{ ...known, kid: "k" }] });
  await withKeys((_, response) => response.end(keys), async (jwks, asked) => {
    const plugin = await jwt({ jwks }, () => NOW);
    const ask = async (header: object, key = theirs.privateKey) => {
      const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256", ...header }).sign(
        key,
      );
      const query = new URLSearchParams({ token });
      return await plugin.onPublish!({ ...contexts.publish, query });
    };
    assert.equal(await ask({ kid: "k" }, ours.privateKey), undefined);
    assert.equal(await ask({}, ours.privateKey), undefined, "the only key there is");
    for (
      const header of [
        ...[{ kid: "k" }, {}, { kid: "" }, { kid: "../k" }, { kid: "__proto__" }],
        ...[{ kid: "k".repeat(3000) }, { jwk: own }, { jku: `${jwks}?own` }, {
          x5u: `${jwks}?own`,
        }],
      ]
    ) assert.deepEqual(await ask(header), refuse("Token invalid"), JSON.stringify(header));
    assert.equal(asked(), 1);
  });
  // A secret is for HMAC alone, and public keys for all else.
  const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "ES256" }).sign(
    ours.privateKey,
  );
  assert.deepEqual(await asked(token), refuse("Token invalid"));
  const other = new TextEncoder().encode(SECRET.repeat(2));
  for (const alg of ["HS384", "HS512"]) {
    const strong = await new SignJWT(CLAIMS).setProtectedHeader({ alg }).sign(other);
    assert.equal(await asked(strong, { secrets: [SECRET.repeat(2)] }), undefined, alg);
    assert.deepEqual(await asked(strong), refuse("Token invalid"), alg);
  }
});

test("a token expires at a time, to the second, and with what is no time it does not count", async () => {
  const at = (exp: unknown) => signed({ ...CLAIMS, exp: exp as number });
  const seconds = NOW / 1000;
  assert.equal(await asked(await at(seconds - 9)), undefined);
  assert.deepEqual(await asked(await at(seconds - 10)), refuse("Token expired"));
  assert.equal(await asked(await at(1e300)), undefined);
  for (const exp of [-1, 0]) assert.deepEqual(await asked(await at(exp)), refuse("Token expired"));
  for (const exp of [`${seconds + 60}`, null, true, [seconds + 60], {}]) {
    assert.deepEqual(await asked(await at(exp)), refuse("Token invalid"), JSON.stringify(exp));
  }
});

test("by choice a client is ended when its token expires", async () => {
  let now = NOW;
  const ended: string[] = [];
  const plugin = await jwt({ secrets: [SECRET], afterExpiry: "end" }, () => now);
  plugin.start!(
    { endSession: (id: string, why: string) => ended.push(`${id} ${why}`) > 0 } as never,
  );
  try {
    const query = new URLSearchParams({ token: await signed() });
    assert.equal(await plugin.onPublish!({ ...contexts.publish, query }), undefined);
    now += 60_000;
    await until(() => Promise.resolve(ended.length > 0), "an end");
    assert.deepEqual(ended, ["s1 jwt: the token has expired"]);
  } finally {
    plugin.stop!();
  }
});

test("mistakes in the options stop the load", async () => {
  const told = (options: JwtOptions, message: string) => assert.rejects(jwt(options), { message });
  const either = "jwt: the options: expected secrets, or the URL of keys in jwks";
  await told({}, either);
  await told({ secrets: [SECRET], jwks: "https://example.com/" }, either);
  await told({ secrets: ["s3cret"] }, "jwt: secrets.0: expected 32 characters or more");
  await told({ jwks: "http://example.com/" }, "jwt: jwks: expected an https:// URL");
});
