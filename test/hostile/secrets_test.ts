import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAmf } from "../support/amf0.ts";
import { until } from "../support/deadline.ts";
import { figure } from "../support/figure.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** What is looked for, in capitals or not. */
const MARK = "kEy9Qz7Wx4";
const GATEKEEPER = ["--plugin", "test/support/plugins/gatekeeper.ts"];

/** What clients say of themselves and of their streams: the API shows it, the log does not. */
const SAID = "sAid5Rt8Yu2";

/** Every place that has held a key so far. */
const places = new Set<string>();

/** A key that names the place it is put into. */
function key(place: string): string {
  places.add(place);
  return `${MARK}-${place}`;
}

/** Connects with a key in all but the application. */
async function connect(server: TestServer, app: string, with_: string): Promise<RtmpClient> {
  const client = await RtmpClient.open(server.rtmpPort);
  const secret = key(`${with_}-query`);
  await client.connect(app, {
    tcUrl: `rtmp://${key(`${with_}-user`)}:${
      key("password")
    }@host/${app}?token=${secret}&${secret}`,
    pageUrl: `http://host/${key("page-path")}?key=${key("page-query")}`,
    swfUrl: `http://host/${key("swf-path")}?key=${key("swf-query")}`,
    flashVer: `FMLE/3.0 (compatible; ${secret}) ${secret.toUpperCase()}?x=${key("flash-version")}`,
    objectEncoding: 0,
    fourCcList: ["hvc1", key("four-cc")],
    videoFourCcInfoMap: { [key("four-cc-key")]: 1, av01: key("four-cc-value") },
    capsEx: 15,
    [key("connect-property")]: key("connect-value"),
    nested: { [key("nested-property")]: [key("nested-value")] },
  });
  return client;
}

/** Closes a client once the server has told the log of its end. */
async function leave(client: RtmpClient): Promise<void> {
  client.close();
  await client.closed;
}

/** A client that is turned away at connect, as `app` makes the gatekeeper do. */
async function turnedAway(server: TestServer, app: string): Promise<void> {
  const client = await RtmpClient.open(server.rtmpPort);
  client.command(0, "connect", { app, tcUrl: `rtmp://host/${app}?key=${key("app-tcurl")}` });
  await client.closed;
}

/** Publishes and plays in every way that is refused or renamed, with keys all over. */
async function streams(server: TestServer): Promise<RtmpClient[]> {
  for (const action of ["publish", "play"]) {
    for (const what of ["refuse", "throw", "reject", "junk"]) {
      const client = await connect(server, "live", action);
      const id = await client.createStream();
      const name = `${key(`${action}-${what}`)}?key=${key("name-query")}&${key("bare")}`;
      client.command(id, "releaseStream", null, key("release"));
      client.command(id, "FCPublish", null, key("fcpublish"), { [key("fc-key")]: key("fc-value") });
      client.command(id, action, null, name, action === "publish" ? "live" : -2000);
      await client.status();
      await leave(client);
    }
  }
  // Nobody publishes it: the player waits for a name that may be somebody's key.
  const waiting = await connect(server, key("app-waited"), "waiting");
  waiting.command(await waiting.createStream(), "play", null, key("play-waited"), -2000);
  await waiting.statusOf("NetStream.Play.StreamNotFound");
  const publisher = await connect(server, `live?key=${key("app-query")}`, "rename");
  const id = await publisher.createStream();
  publisher.command(
    id,
    "publish",
    null,
    `${key("publish-rename")}?${key("rename-query")}=1`,
    "live",
  );
  await publisher.statusOf("NetStream.Publish.Start");
  const metadata = {
    width: 320,
    encoder: `Lavf60.16.100 ${SAID}`,
    title: SAID,
    [SAID]: 1,
    custom: SAID,
  };
  publisher.send(Type.Data, id, 0, encodeAmf("@setDataFrame", "onMetaData", metadata));
  publisher.send(Type.Data, id, 0, encodeAmf("@setDataFrame", key("handler"), key("data")));
  publisher.send(Type.Data, id, 0, encodeAmf(key("data-handler"), { a: key("data-member") }));
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame(100));
  const player = await connect(server, "live", "player");
  player.command(await player.createStream(), "play", null, key("play-rename"), -2000);
  await player.statusOf("NetStream.Play.Start");
  return [waiting, publisher, player];
}

/** What is not media: commands nobody knows, and the ends of protocol errors. */
async function oddities(server: TestServer): Promise<void> {
  const client = await connect(server, "live", "odd");
  client.command(0, key("command"), null, key("argument"));
  await client.call(0, key("called"), { [key("call-key")]: key("call-value") });
  // Use of a shared object: name, version, flags, and an event without data.
  const object = new TextEncoder().encode(key("shared-object"));
  client.send(
    19,
    0,
    0,
    Uint8Array.of(0, object.length, ...object, ...Array(12).fill(0), 1, 0, 0, 0, 0),
  );
  await client.createStream(); // All was read.
  await leave(client);
  const early = await RtmpClient.open(server.rtmpPort);
  early.command(0, key("command-before-connect"), key("value"));
  await early.closed;
  const flex = await connect(server, "live", "flex");
  const name = new TextEncoder().encode(key("class"));
  // An AMF3 object of an externalizable class that nobody knows [AMF 3 §3.12].
  flex.send(
    17,
    0,
    0,
    Uint8Array.of(0, ...encodeAmf("x", 0), 17, 10, 7, name.length * 2 + 1, ...name),
  );
  await flex.createStream(); // It was read.
  await leave(flex);
}

/** Asks the API with keys wherever there is room, and gives all that it answers. */
async function asked(server: TestServer): Promise<string> {
  const base = `http://127.0.0.1:${server.httpPort}`;
  let text = "";
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(base + path, init);
    text += `${response.status} ${[...response.headers].join(" ")} ${await response.text()}\n`;
    return response.status;
  };
  for (
    const path of ["/streams", "/sessions", "/health", "/streams/live/public-name", "/metrics"]
  ) {
    await ask(path);
  }
  const headers = {
    Authorization: `Bearer ${key("api-token")}`,
    Cookie: `a=${key("api-cookie")}`,
    "X-Key": key("api-header"),
    "User-Agent": key("api-agent"),
  };
  const query = `?limit=${key("api-query")}&${key("api-name")}=1`;
  for (const path of ["/streams", "/sessions", `/streams/live/${key("api-path")}`, "/nowhere"]) {
    for (const method of ["GET", "DELETE", "POST"]) await ask(path + query, { method, headers });
  }
  const body = `{"${key("api-body")}":`;
  const json = { ...headers, "Content-Type": "application/json" };
  await ask("/streams", { method: "POST", headers: json, body });
  await ask(`/sessions/${key("api-session")}`, { method: "DELETE", headers });
  const { sessions } = (await server.api("/sessions")).body as { sessions: { id: string }[] };
  const member = { [key("api-member")]: key("api-value"), handler: [key("api-list")], method: {} };
  const paths = ["/streams/live/public-name/data", `/sessions/${sessions[0]?.id ?? "none"}/call`];
  paths.push("/sessions/reconnect", `/sessions/${sessions[0]?.id ?? "none"}/reconnect`);
  for (const path of paths) {
    const url = `rtmp://${key("reconnect-host")}/live?key=${key("reconnect-query")}`;
    await ask(path, { method: "POST", headers: json, body: JSON.stringify({ url }) });
    await ask(path, { method: "POST", headers: json, body: JSON.stringify(member) });
    await ask(path, { method: "POST", headers: json, body: JSON.stringify(key("api-text")) });
    const unknown = { handler: "x", method: "x", [key("api-unknown")]: 1 };
    for (const left of ["handler", "method"]) {
      const body = JSON.stringify({ ...unknown, [left]: undefined });
      await ask(path, { method: "POST", headers: json, body });
    }
  }
  assert.equal(await ask(`/plugins/gatekeeper/keys/${key("route")}${query}`, { headers }), 500);
  return text;
}

for (const format of ["json", "pretty"] as const) {
  test(`F10: keys put into every place there is never show in ${format} logs or the API`, async () => {
    const args = [...GATEKEEPER, "--log-level", "trace", "--play-wait-ms", "100"];
    await using server = await startServer([...args, "--log-format", format]);
    for (const what of ["refuse", "throw"]) await turnedAway(server, key(`app-${what}`));
    const clients = await streams(server);
    await until(async () => {
      const { body } = await server.api("/streams");
      return JSON.stringify(body).includes('"width":320');
    }, "the metadata is there");
    const before = await asked(server);
    await oddities(server);
    for (const client of clients) await leave(client);
    await until(async () => {
      const { body } = await server.api("/sessions");
      return (body as { total: number }).total === 0;
    }, "everybody is gone");
    const after = await asked(server);
    assert.equal((await server.stop()).code, 0);

    // What a client calls itself the API shows as it was said.
    const names = /"client":"FMLE\/3\.0 \(compatible; [^"]*"/g;
    const api = before + after;
    assert.match(api, names);
    const shown = server.output + api.replace(names, "");
    const lines = shown.split("\n").filter((line) => line.toLowerCase().includes("key9qz7wx4"));
    assert.deepEqual(lines, []);
    assert.ok(api.includes(SAID), "what is said in onMetaData is shown");
    assert.ok(!server.output.includes(SAID));
    assert.ok(server.output.includes("FMLE/3.0 (compatible; ***)"), "and who publishes is logged");
    // The test sees what there is to see.
    for (const known of ["public-name", "hook failed", "request failed", "publish refused"]) {
      assert.ok(shown.includes(known), `${known} is shown`);
    }
    figure({
      id: "F10",
      what: `places for a key (${format})`,
      value: places.size,
      unit: "",
      atLeast: 40,
    });
    figure({ id: "F10", what: `keys shown (${format})`, value: lines.length, unit: "", atMost: 0 });
  });
}
