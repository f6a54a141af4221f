import { test } from "node:test";
import assert from "node:assert/strict";
import type { HookContext, PublishContext } from "../../src/plugin/mod.ts";
import { connectMentions, loggedClient, maskSaid } from "../../src/service/mask_context.ts";
import { publish } from "../support/plugin_contexts.ts";

test("the log has what a client calls itself, but nothing that may be its key", () => {
  const context = (flashVer: string): PublishContext => ({
    ...publish,
    name: "live_7f3a9c",
    query: new URLSearchParams("token=t0k3n-value&b4re"),
    client: { ...publish.client, agent: flashVer },
    rtmp: { ...publish.rtmp!, tcUrl: "rtmp://user:pa55word@host/live" },
  });
  const cases: [said: string, logged: string][] = [
    ["ngx-local-relay", "ngx-local-relay"],
    ["FMLE/3.0 (compatible; Lavf60.16.100)", "FMLE/3.0 (compatible; Lavf60.16.100)"],
    ["OBS live_7f3a9c", "OBS ***"],
    ["OBS/30 T0K3N-VALUE b4re", "OBS/30 *** ***"],
    ["OBS pa55word?key=other", "OBS ***"],
    ["my Token", "my ***"],
    ["x".repeat(1000), "x".repeat(128)],
  ];
  for (const [said, logged] of cases) assert.equal(loggedClient(context(said)), logged);
});

test("what was sent besides is masked wherever it is, names of members too, and loops end", () => {
  const loop: Record<string, unknown> = { secretName: ["innerText", 7, null] };
  loop["self"] = loop;
  const context = {
    ...publish,
    query: new URLSearchParams("token=t0k3n-value"),
    name: "stream_key",
  };
  const mask = (text: string) => maskSaid(text, undefined, context, [loop, "plainText"]);
  for (const said of ["secretName", "innerText", "plainText", "t0k3n-value", "stream_key"]) {
    assert.equal(mask(`no ${said} here`), "no *** here");
  }
  assert.equal(mask("no other here"), "no other here");
});

test("of a thousand texts that were sent each is masked, and of those beyond the newest ones", () => {
  const words = Array.from({ length: 2000 }, (_, index) => `q${index}z`);
  const mask = (text: string) => maskSaid(text, undefined, publish, words);
  for (const [index, shown] of [[1999, "***"], [1100, "***"], [900, "q900z"]] as const) {
    assert.equal(mask(`a q${index}z here`), `a ${shown} here`);
  }
});

test("what is behind the scheme of an Authorization header is masked", () => {
  const http = { url: "http://localhost/live/cam.flv", authorization: "Bearer abc.def.ghi" };
  const { rtmp: _, ...others } = publish;
  const context = { ...others, http };
  assert.equal(maskSaid("abc.def.ghi is no Bearer", undefined, context), "*** is no Bearer");
});

test("of who has said nothing nothing is masked", () => {
  assert.equal(maskSaid("for any reason", undefined, {} as HookContext), "for any reason");
});

test("what was said in connect is masked, wherever it stood", () => {
  const context = {
    ...publish,
    app: "room-a/room-b",
    user: "some-user",
    client: { ...publish.client, agent: "agent-name" },
    rtmp: { ...publish.rtmp!, tcUrl: "rtmp://tc-host/x", pageUrl: "http://page-host/" },
    http: { url: "http://url-host/", referer: "http://referer-host/" },
  };
  const words = [
    ...["room-a", "room-b", "some-user", "agent-name"],
    ...["rtmp://tc-host/x", "http://page-host/", "http://url-host/", "http://referer-host/"],
  ];
  for (const word of words) {
    assert.ok(!maskSaid(`no ${word} here`, undefined, context).includes(word), word);
  }
  const connected = connectMentions({ ...publish, app: "other-app" });
  assert.equal(maskSaid("other-app agent-name", connected, context), "*** agent-name", "as said");
});
