import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { needLogin, refuse } from "../../src/plugin/mod.ts";
import { users, type UsersOptions } from "../../plugins/users.ts";
import * as contexts from "../support/plugin_contexts.ts";

const PASSWORD = "correct horse";
const digest = createHash("md5").update(`bobs4lt${PASSWORD}`).digest("base64");
const OPTIONS: UsersOptions = {
  users: {
    ann: { password: PASSWORD, publish: ["live/ann", "live/ann-*"], play: ["live/*"] },
    bob: { salt: "s4lt", digest },
  },
};

test("what proves a user is its password, or a digest with its salt; of others nothing is known", () => {
  const plugin = users(OPTIONS);
  const login = (user: string) => plugin.onLogin!({ ...contexts.connect, user });
  assert.deepEqual(login("ann"), { password: PASSWORD });
  assert.deepEqual(login("bob"), { salt: "s4lt", digest });
  for (const nobody of ["eve", "", "constructor", "__proto__"]) {
    assert.equal(login(nobody), undefined, nobody);
  }
});

test("encoders have to log in, and if so wanted everybody", () => {
  const asked = (options: UsersOptions, agent: string, more: object = {}) => {
    const client = { ...contexts.connect.client, agent };
    return users(options).onConnect!({ ...contexts.connect, client, ...more });
  };
  for (const agent of ["FMLE/3.0 (compatible; Lavf59)", "Wirecast/FM 1.0", "vMix/27"]) {
    assert.deepEqual(asked(OPTIONS, agent), needLogin(), agent);
    assert.equal(asked(OPTIONS, agent, { user: "ann" }), undefined);
  }
  const publishes = { ...contexts.connect.rtmp!, publishes: true };
  assert.deepEqual(asked(OPTIONS, "LNX 10,0,32,18", { rtmp: publishes }), needLogin());
  for (const agent of ["LNX 9,0,124,2", "", "not FMLE/3.0"]) {
    assert.equal(asked(OPTIONS, agent), undefined, agent);
    assert.deepEqual(asked({ ...OPTIONS, ask: "everybody" }, agent), needLogin(), agent);
  }
  const everybody: UsersOptions = { ...OPTIONS, ask: "everybody" };
  assert.equal(asked(OPTIONS, "curl", { rtmp: undefined }), undefined);
  assert.deepEqual(asked(everybody, "curl", { rtmp: undefined }), needLogin());
  const authorization = `Basic ${Buffer.from(`ann:${PASSWORD}`).toString("base64")}`;
  const http = { url: "http://localhost/live/a.flv", authorization };
  assert.equal(asked(everybody, "curl", { rtmp: undefined, http }), undefined);
});

test("a user publishes and plays what it may", () => {
  const plugin = users({ ...OPTIONS, ask: "everybody" });
  const publish = (user: string | undefined, name: string) =>
    plugin.onPublish!({ ...contexts.publish, ...(user === undefined ? {} : { user }), name });
  const play = (user: string, app: string) =>
    plugin.onPlay!({ ...contexts.publish, user, app, name: "x" });
  assert.equal(publish("ann", "ann"), undefined);
  assert.equal(publish("ann", "ann-2"), undefined);
  assert.deepEqual(publish("ann", "annie"), refuse("The user may not publish this"));
  assert.deepEqual(publish("bob", "ann"), refuse("The user may not publish this"));
  assert.deepEqual(publish(undefined, "ann"), refuse("A user and a password are required"));
  assert.equal(play("ann", "live"), undefined);
  assert.deepEqual(play("ann", "vip"), refuse("The user may not play this"));
  assert.equal(play("bob", "vip"), undefined);
  assert.equal(users(OPTIONS).onPlay, undefined);
});

test("over HTTP the user is in the header Authorization", () => {
  const plugin = users({ ...OPTIONS, ask: "everybody" });
  const play = (authorization: string | undefined) => {
    const { rtmp: _, ...others } = contexts.publish;
    return plugin.onPlay!({
      ...others,
      http: { url: "http://localhost/live/x.flv", authorization },
    });
  };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  assert.equal(play(basic(`ann:${PASSWORD}`)), undefined);
  assert.equal(play(basic(`bob:${PASSWORD}`)), undefined);
  const without = refuse("A user and a password are required");
  for (
    const header of [
      ...[undefined, "", "Basic", "Basic !", "Bearer x", basic("ann"), basic("ann:"), basic(":")],
      ...[basic(`eve:${PASSWORD}`), basic(`ann:${PASSWORD}x`), basic(`__proto__:x`)],
    ]
  ) assert.deepEqual(play(header), without, `${header}`);
});

test("mistakes in the options stop the load, without telling what a password is", () => {
  const load = (options: object) => () => users(options as UsersOptions);
  assert.throws(load({}), { message: "users: users: is missing" });
  assert.throws(load({ users: { ann: { password: "s3cret" } } }), {
    message: "users: users.ann.password: expected 8 characters or more",
  });
  for (const entry of [{}, { salt: "s4lt" }, { password: PASSWORD, salt: "s4lt", digest }]) {
    assert.throws(load({ users: { ann: entry } }), {
      message: "users: users.ann: expected a password, or a salt and a digest",
    });
  }
  assert.throws(load({ users: { "a b": { password: PASSWORD } } }), /expected 1 to 64 letters/);
});
