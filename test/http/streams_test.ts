import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, httpApp } from "../support/http_app.ts";
import { streamView } from "../support/server_view.ts";

test("the list of streams is a page and a total", async () => {
  const { ask, server } = httpApp();
  assert.deepEqual(await (await ask("/streams")).json(), { streams: [], total: 0 });
  server.streams = Array.from({ length: 250 }, (_, index) => streamView("live", `s${index}`));
  const list = async (query: string) => {
    const { streams, total } = await (await ask(`/streams${query}`)).json() as {
      streams: { name: string }[];
      total: number;
    };
    assert.equal(total, 250);
    return [streams.length, streams[0]?.name];
  };
  assert.deepEqual(await list(""), [100, "s0"]);
  assert.deepEqual(await list("?offset=200"), [50, "s200"]);
  assert.deepEqual(await list("?limit=1&offset=7"), [1, "s7"]);
  assert.deepEqual(await list("?limit=1000&unknown=x"), [250, "s0"]);
  assert.deepEqual(await list("?offset=250"), [0, undefined]);
});

test("a page that makes no sense is a bad request that says what would", async () => {
  const { ask } = httpApp();
  for (
    const [query, words] of [
      ["limit=0", "from 1 to 1000"],
      ["limit=1001", "from 1 to 1000"],
      ["limit=-1", "from 1 to 1000"],
      ["limit=", "from 1 to 1000"],
      ["limit=1e2", "from 1 to 1000"],
      ["limit=1.5", "from 1 to 1000"],
      ["limit=NaN", "from 1 to 1000"],
      ["limit=%31%00", "from 1 to 1000"],
      ["limit=999999999999999999999", "from 1 to 1000"],
      ["offset=-1", "from 0 to"],
      ["offset=x", "from 0 to"],
      ["offset=9999999999", "from 0 to"],
    ]
  ) {
    for (const list of ["/streams", "/sessions"]) {
      const message = await assertError(await ask(`${list}?${query}`), 400, "bad-request");
      assert.ok(message.includes(words!), message);
    }
  }
});

test("a stream is shown as the server views it, at the path it has on the wire", async () => {
  const { ask, server } = httpApp();
  const paths: [path: string, app: string, name: string][] = [
    ["live/cam", "live", "cam"],
    ["live/eu/cam", "live/eu", "cam"],
    ["cam/", "", "cam"],
    ["live/cam.flv", "live", "cam"],
    ["live/-cam", "live", "-cam"],
    ["cam", "", "cam"],
    ["a/b/c/d", "a/b/c", "d"],
    ["live/%63am%7E1", "live", "cam~1"],
    ["live/a+b=c@d", "live", "a+b=c@d"],
    ["live/__proto__", "live", "__proto__"],
  ];
  for (const [path, app, name] of paths) {
    server.streams = [streamView("other", "cam"), streamView(app, name)];
    const response = await ask(`/streams/${path}?token=ignored`);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get("Content-Type") ?? "", /^application\/json/);
    assert.deepEqual(await response.json(), streamView(app, name));
  }
});

test("a stream that is not there is not found", async () => {
  const { ask, server } = httpApp();
  server.streams = [streamView("live", "cam")];
  for (
    const path of ["live/other", "live", "live/cam/", "cam", "live%252Fcam", "%", "%zz/cam", "%00"]
  ) {
    for (const method of ["GET", "DELETE"]) {
      await assertError(await ask(`/streams/${path}`, { method }), 404, "not-found");
    }
  }
  assert.equal(server.streams.length, 1);
});

test("DELETE ends the stream it names, once", async () => {
  const { ask, server } = httpApp();
  server.streams = [
    streamView("live/eu", "cam"),
    streamView("live", "cam"),
    streamView("", "cam"),
  ];
  for (const path of ["live/eu/cam", "cam"]) {
    const response = await ask(`/streams/${path}`, { method: "DELETE" });
    assert.equal(response.status, 204);
    assert.equal(await response.text(), "");
    await assertError(await ask(`/streams/${path}`, { method: "DELETE" }), 404, "not-found");
  }
  assert.deepEqual(server.streams, [streamView("live", "cam")]);
});

test("HEAD answers as GET does, without a body", async () => {
  const { ask, server } = httpApp();
  server.streams = [streamView("live", "cam")];
  const response = await ask("/streams/live/cam", { method: "HEAD" });
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
});

test("a list that is larger than 64 KiB comes whole, and as long as it says", async () => {
  const { ask, server } = httpApp();
  server.streams = Array.from({ length: 900 }, (_, index) => streamView("live", `cam-é-${index}`));
  const response = await ask("/streams?limit=1000");
  const text = await response.text();
  assert.ok(text.length > 2 * 64 * 1024);
  assert.equal(
    Number(response.headers.get("Content-Length")),
    new TextEncoder().encode(text).length,
  );
  assert.deepEqual(
    JSON.parse(text),
    JSON.parse(JSON.stringify({ streams: server.streams, total: 900 })),
  );
});
