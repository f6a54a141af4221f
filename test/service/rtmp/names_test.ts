/** One URL is one stream for clients, plugins and API; keys are any text, and public names are not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../src/core/amf/mod.ts";
import type { ConnectContext, PlayContext, Plugin } from "../../../src/plugin/mod.ts";
import { publishGop, Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

/** A client that connected with this application and URL, with one NetStream. */
function at(rig: Rig, app: string | undefined, tcUrl = "rtmp://h"): RigClient {
  const client = rig.client();
  client.shake();
  client.command(0, "connect", 1, amfObject(app === undefined ? { tcUrl } : { app, tcUrl }));
  client.command(0, "createStream", 2, null);
  client.take();
  return client;
}

test("encoder and player of one URL meet, wherever each cuts it, and so do plugins", () => {
  const cuts: [app: string | undefined, name: string, tcUrl: string][] = [
    ["", "cam", "rtmp://h"],
    ["cam", "", "rtmp://h/cam"],
    ["cam/", "", "rtmp://h/cam/"],
    ["cam/_definst_", "", "rtmp://h/cam"],
    [undefined, "", "rtmp://h/cam"],
    ["", "cam?key=1", "rtmp://h"],
    ["cam?key=1", "", "rtmp://h/cam?key=1"],
    ["", "mp4:cam.mp4", "rtmp://h"],
    ["cam.flv", "", "rtmp://h/cam.flv"],
  ];
  for (const [app, name, tcUrl] of cuts) {
    for (const [playApp, playName, playUrl] of cuts) {
      const seen: string[] = [];
      const see = (what: string) => ({ app, name }: PlayContext) =>
        void seen.push(`${what} ${app}|${name}`);
      const rig = new Rig({}, { name: "eye", onPublish: see("publish"), onPlay: see("play") });
      const encoder = at(rig, app, tcUrl);
      encoder.publish(1, name);
      publishGop(encoder, 0);
      const player = at(rig, playApp, playUrl);
      player.play(1, playName);
      assert.ok(player.media().length > 0, `${app}|${name} and ${playApp}|${playName}`);
      assert.deepEqual(seen, ["publish |cam", "play |cam"]);
    }
  }
});

/** Lets in one application only, and looks at nothing else. */
function onlyApp(allowed: string, asked: string[] = [], late = false): Plugin {
  return {
    name: "apps",
    onConnect({ app }: ConnectContext) {
      asked.push(app);
      const verdict = app === allowed ? undefined : { refuse: `not ${app}` };
      return late ? Promise.resolve(verdict) : verdict;
    },
  };
}

test("onConnect binds the application that is used, whatever way it was named", async () => {
  for (const late of [false, true]) {
    const asked: string[] = [];
    const rig = new Rig({}, onlyApp("", asked, late));
    const client = rig.client();
    client.shake();
    client.command(0, "connect", 1, amfObject({ app: "", tcUrl: "rtmp://h" }));
    client.command(0, "createStream", 2, null);
    await settle();
    client.take();
    for (const name of ["vip/demo", "vip/other", "a/b/c"]) {
      client.publish(1, name);
      await settle();
      assert.deepEqual(client.codes(), ["NetStream.Publish.Denied"], name);
      client.play(1, name);
      await settle();
      assert.deepEqual(client.codes(), ["NetStream.Play.Failed"], name);
    }
    assert.deepEqual(asked, ["", "vip", "a/b"], "each application once");
    client.publish(1, "demo");
    await settle();
    assert.deepEqual(client.codes(), ["NetStream.Publish.Start"], "the connection stays");
    assert.equal(rig.registry.size, 1);
  }
});

test("play2 and playlists are held to the applications too", () => {
  const rig = new Rig({}, onlyApp("live"));
  publishGop(rig.publisher("open"), 0);
  const player = rig.player("open");
  player.take();
  for (const transition of ["switch", "reset"]) {
    const options = amfObject({ streamName: "vip/secret", transition });
    player.command(1, "play2", 0, null, options);
    assert.deepEqual(player.codes(), ["NetStream.Play.Failed"], transition);
  }
});

test("what is asked about applications is bounded, and a fault of a plugin is not remembered", () => {
  const asked: string[] = [];
  let broken = true;
  const plugin: Plugin = {
    name: "apps",
    onConnect({ app }) {
      asked.push(app);
      if (app === "x" && broken) throw new Error("broken");
    },
  };
  const rig = new Rig({}, plugin);
  const client = at(rig, "");
  client.publish(1, "x/one");
  broken = false;
  client.publish(1, "x/one");
  assert.deepEqual(client.codes(), ["NetStream.Publish.Denied", "NetStream.Publish.Start"]);
  for (let app = 0; app < 40; app++) client.play(1, `app${app}/s`);
  client.play(1, "app39/s");
  client.play(1, "app0/s");
  assert.equal(asked.filter((app) => app === "app39").length, 1);
  assert.equal(asked.filter((app) => app === "app0").length, 2, "the oldest was forgotten");
});

const KEYS = ["-k_Zq", "a b", "a:b,c;d!$&'()*", "caf\u00e9", "k%2Fey", ".dot", "x".repeat(1000)];

test("a plugin sees the key that an encoder sends, and what it makes public is a name", () => {
  const seen: string[] = [];
  const plugin: Plugin = {
    name: "keys",
    onPublish({ name }) {
      seen.push(name);
      return { rename: `public${seen.length}` };
    },
  };
  const rig = new Rig({}, plugin);
  for (const [index, key] of KEYS.entries()) {
    const client = rig.client().connected();
    client.publish(1, key);
    assert.deepEqual(client.codes(), ["NetStream.Publish.Start"], key);
    assert.ok(rig.registry.get({ app: "live", name: `public${index + 1}` }));
  }
  assert.deepEqual(seen, KEYS);
});

test("what no plugin renames is refused where it cannot be public, and the text says the grammar", () => {
  const rig = new Rig();
  for (const key of KEYS) {
    const client = rig.client().connected();
    client.publish(1, key);
    const isPublic = key === "-k_Zq";
    assert.deepEqual(client.codes(), [`NetStream.Publish.${isPublic ? "Start" : "BadName"}`], key);
    client.play(1, key);
    if (!isPublic) assert.deepEqual(client.codes(), ["NetStream.Play.StreamNotFound"], key);
  }
  const client = rig.client().connected();
  client.publish(1, "a b");
  const [status] = client.takeMessages().map(({ payload }) => new TextDecoder().decode(payload));
  assert.match(status!, /letters .*digits and - _ \+ \. ~ @ =/);
  // An application with such a part can have no stream, whatever a plugin calls that.
  const odd = rig.client().connected(1, "a b");
  odd.publish(1, "cam");
  assert.deepEqual(odd.codes(), ["NetStream.Publish.BadName"]);
});
