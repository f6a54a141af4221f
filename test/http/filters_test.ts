/** Some of a list, a page of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { matches } from "../../src/http/page.ts";
import { assertError, httpApp } from "../support/http_app.ts";
import { relayView, sessionView, streamView } from "../support/server_view.ts";

test("a filter is a text, or how texts begin", () => {
  assert.deepEqual(
    [undefined, "live", "li*", "*", "liv", "live2", "Live"].map((filter) =>
      matches("live", filter)
    ),
    [true, true, true, true, false, false, false],
  );
});

test("streams, sessions and relays are listed by what they are", async () => {
  const { ask, server } = httpApp();
  server.streams = [
    ...["a", "b", "c1", "c2"].map((name) => streamView("live", name)),
    { ...streamView("radio", "a"), publisher: null },
  ];
  server.sessions = [sessionView("s1"), {
    ...sessionView("s2"),
    protocol: "hls",
    state: "playing",
  }];
  server.relays = [relayView("r1"), { ...relayView("r2"), direction: "pull", name: "b" }];
  const list = async (path: string) => {
    const body = await (await ask(path)).json() as Record<string, unknown>;
    const [items] = Object.values(body) as [{ name?: string; id?: string }[]];
    return [items.map(({ name, id }) => id ?? name).join(), body.total];
  };
  assert.deepEqual(await list("/streams?app=live"), ["a,b,c1,c2", 4]);
  assert.deepEqual(await list("/streams?app=live&limit=2&offset=1"), ["b,c1", 4]);
  assert.deepEqual(await list("/streams?name=c*"), ["c1,c2", 2]);
  assert.deepEqual(await list("/streams?published=false"), ["a", 1]);
  assert.deepEqual(await list("/streams?app=none"), ["", 0]);
  assert.deepEqual(await list("/sessions?protocol=hls"), ["s2", 1]);
  assert.deepEqual(await list("/sessions?state=play*&app=live"), ["s2", 1]);
  assert.deepEqual(await list("/sessions?address=192.0.2.*&limit=1"), ["s1", 2]);
  assert.deepEqual(await list("/relays?direction=pull"), ["r2", 1]);
  assert.deepEqual(await list("/relays?limit=1"), ["r1", 2]);
  for (
    const path of [
      "/streams?published=1",
      "/relays?direction=x",
      "/sessions?app=" + "a".repeat(513),
    ]
  ) {
    const message = await assertError(await ask(path), 400, "bad-request");
    assert.ok(!message.includes("aaaa"));
  }
});
