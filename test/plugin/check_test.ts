import assert from "node:assert/strict";
import { test } from "node:test";
import { pluginMistake } from "../../src/plugin/check.ts";

test("objects and class instances with a name and known hooks are plugins", () => {
  class Written {
    name = "written";
    once = 1;
    onPublish() {}
  }
  for (
    const plugin of [
      { name: "a" },
      { name: "a-b_9", onConnect() {}, routes() {}, anything: 1, online: true },
      new Written(),
      Object.assign(Object.create(null), { name: "a", onPlayEnd: async () => {} }),
    ]
  ) assert.equal(pluginMistake(plugin), undefined);
});

test("a mistake is told in words", () => {
  const cases: [plugin: unknown, mistake: RegExp][] = [
    [undefined, /made with definePlugin/],
    [null, /made with definePlugin/],
    ["token_auth", /made with definePlugin/],
    [() => {}, /made with definePlugin/],
    [{}, /it has no "name"/],
    [[], /it has no "name"/],
    [{ name: 1 }, /name must be a string/],
    [{ name: "" }, /1 to 64/],
    [{ name: "A" }, /1 to 64/],
    [{ name: "../a" }, /1 to 64/],
    [{ name: "a\n" }, /1 to 64/],
    [{ name: "x".repeat(65) }, /1 to 64/],
    [{ name: "a", onPlay: true }, /onPlay must be a function/],
    [{ name: "a", start: 1 }, /start must be a function/],
    [{ name: "a", stop: {} }, /stop must be a function/],
    [{ name: "a", routes: {} }, /routes must be a function/],
    [{ name: "a", public: "false" }, /public must be true or false/],
    [{ name: "a", public: 1 }, /public must be true or false/],
  ];
  for (const [plugin, mistake] of cases) assert.match(pluginMistake(plugin) ?? "", mistake);
});

test("every hook that there is may be there, as a function", () => {
  const hooks = [
    ...["onConnect", "onPublish", "onPlay", "onSharedObject", "onLogin", "onCall", "onUnpublish"],
    ...["onPlayEnd", "onDisconnect", "onLive", "onEnded", "onRecordStart", "onRecorded"],
    ...["onRecordFailed", "routes", "start", "stop"],
  ];
  const all = Object.fromEntries(hooks.map((hook) => [hook, () => {}]));
  assert.equal(pluginMistake({ name: "a", ...all }), undefined);
  for (const hook of hooks) {
    const mistake = pluginMistake({ name: "a", ...all, [hook]: "no" });
    assert.equal(mistake, `${hook} must be a function`);
  }
});

test("a misspelled hook is a mistake, in a class too, for it would never refuse anybody", () => {
  class Misspelled {
    name = "a";
    onPubish() {}
  }
  for (
    const plugin of [
      { name: "a", onPubish() {} },
      { name: "a", onpublish() {} },
      { name: "a", on_publish() {} },
      new Misspelled(),
    ]
  ) assert.match(pluginMistake(plugin) ?? "", /no use for on.*the hooks are onConnect, onPublish/i);
});
