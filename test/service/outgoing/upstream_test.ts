/** One attempt to publish to another server or to play from it, as its owner sees it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure } from "../../../src/service/outgoing/failure.ts";
import { LOOP } from "../../../src/service/outgoing/via.ts";
import type { ScriptedServer } from "../../client/scripted_server.ts";
import { keyFrame } from "../../support/media.ts";
import { Attempt, commands, connectOf, refusing } from "./attempt.ts";

const SECRET = "hush-hush";

test("a play says what it is and hands out media, turn by turn", async () => {
  const attempt = new Attempt({ via: ["aa", "bb"], more: { extra: "x" } });
  const server = attempt.server();
  await attempt.begin();
  assert.equal(attempt.upstream.link, attempt.link);
  const object = connectOf(server);
  assert.equal(object.app, "app");
  assert.equal(object.tcUrl, "rtmp://one.test:1935/app");
  assert.match(String(object.flashVer), /^FMLE\/3\.0 \(compatible; Sluice\/.+\)$/);
  assert.equal(object.sluiceVia, "aa,bb");
  assert.equal(object.extra, "x");
  assert.deepEqual(commands(server, "play")[0]!.slice(3), ["key", -1]);
  assert.equal(Number(object.capsEx) & 1, 1, "it follows a Reconnect Request");
  const lengths = server.messages.filter(({ type }) => type === 4)
    .map(({ payload }) => [...payload]);
  assert.deepEqual(lengths, [[0, 3, 0, 0, 0, 1, 0, 0, 3, 232]], "stream 1 has a buffer of 1000 ms");
  assert.deepEqual(attempt.random, [3072], "for the handshake");
  assert.equal(attempt.link!.gone, false);
  assert.equal(commands(server, "publish").length, 0);
  assert.equal(attempt.answer?.capabilities.enhanced, false);
  assert.equal(attempt.stream?.id, 1);
  attempt.told.length = 0;
  server.message(9, 1, 40, keyFrame(60));
  assert.deepEqual(attempt.media, [[9, 40, 60]]);
  assert.deepEqual(attempt.told, ["turn"]);
  await attempt.settle(60_000);
  assert.deepEqual(attempt.ends, [], "no time is over once it plays");
});

test("a publish has the name in its own way, and says nothing of servers that there are none of", async () => {
  const attempt = new Attempt({ what: "publish" });
  const server = attempt.server();
  await attempt.begin();
  assert.equal(commands(server, "publish")[0]![3], "key");
  assert.equal(commands(server, "releaseStream")[0]?.[3], "key");
  assert.equal(commands(server, "play").length, 0);
  assert.ok(!("sluiceVia" in connectOf(server)));
  assert.deepEqual(attempt.told.filter((what) => what !== "turn"), ["started"]);
});

test("a server that stops anywhere on the way is given up in time", async () => {
  for (const step of ["nothing", "handshake", "connect", "createStream"] as const) {
    const attempt = new Attempt({ what: "publish" });
    const { connection } = attempt.server(step);
    await attempt.begin();
    await attempt.settle(999);
    assert.deepEqual(attempt.ends, []);
    await attempt.settle(1);
    assert.deepEqual(attempt.ends, [{
      kind: "timeout",
      message: "The server did not let us publish in 1000 ms",
    }]);
    assert.equal(connection.closing, "destroy");
    assert.equal(attempt.upstream.over, true);
    assert.equal(attempt.clock.pending, 0);
  }
});

test("a stream that came through 16 servers goes on, and through 17 it is a loop", async () => {
  const most = new Attempt({ via: Array(16).fill("a") });
  most.server();
  await most.begin();
  assert.ok(most.told.includes("started"));
  const over = new Attempt({ via: Array(17).fill("a") });
  await over.begin();
  assert.deepEqual(over.ends, [{
    kind: "loop",
    message: "The stream came through 16 servers: a loop",
  }]);
  assert.deepEqual(over.dialled, []);
});

test("what a server refuses is told in its words, without what is secret", async () => {
  for (
    const [description, failure] of [
      [`No ${SECRET} here`, {
        kind: "refused",
        message: "NetConnection.Connect.Rejected: No *** here",
      }],
      ["", { kind: "refused", message: "NetConnection.Connect.Rejected" }],
      [LOOP, { kind: "loop", message: `NetConnection.Connect.Rejected: ${LOOP}` }],
    ] as const
  ) {
    const attempt = new Attempt({ url: `rtmp://one.test/app/${SECRET}` });
    const server = attempt.server("handshake");
    refusing(server, description);
    await attempt.begin();
    assert.deepEqual(attempt.ends, [failure]);
    assert.equal(server.connection.closed, true);
  }
});

test("a refusal without any word is told as one", async () => {
  const attempt = new Attempt();
  const server = attempt.server("handshake");
  server.onCommand = (name, id) => {
    if (name === "connect") server.command(0, "_error", id, null, {});
    return name === "connect";
  };
  await attempt.begin();
  assert.deepEqual(attempt.ends, [{ kind: "refused", message: "The server refused" }]);
});

test("a refused stream is not taken for a question of authentication or for a redirect", async () => {
  const attempt = new Attempt({ what: "publish", url: "rtmp://me:" + "pass@one.test/app/key" });
  const server = attempt.server("createStream");
  server.onCommand = (name, _id, streamId) => {
    if (name !== "publish") return false;
    server.status(streamId, "error", "NetStream.Publish.Denied", {
      description: "code=403 need auth; authmod=adobe",
      ex: { code: 302, redirect: "rtmp://two.test/app" },
    });
    return true;
  };
  attempt.server();
  await attempt.begin();
  assert.equal(attempt.ends[0]?.kind, "refused");
  assert.equal(attempt.dialled.length, 1);
});

test("authentication goes on over new connections, and its end is told", async () => {
  const attempt = new Attempt({ url: "rtmp://me:" + "pass@one.test/app/key" });
  const servers = [attempt.server("handshake"), attempt.server("handshake")];
  refusing(servers[0]!, "[ code=403 need auth; authmod=adobe ]");
  refusing(servers[1]!, "[ authmod=adobe ] : ?reason=authfailed&user=me");
  await attempt.begin();
  await attempt.settle();
  assert.ok(servers[0]!.connection.closed);
  assert.deepEqual(attempt.ends, [{
    kind: "authentication",
    message: "The server does not accept the password",
  }]);
  assert.equal(attempt.dialled.length, 2);
});

test("what authentication wants is behind the application and its query", async () => {
  for (
    const [url, app] of [
      ["one.test/app/key", "app?authmod=adobe&user=me"],
      ["one.test/app?x=1", "app?x=1&authmod=adobe&user=me"],
    ]
  ) {
    const attempt = new Attempt({ url: "rtmp://me:" + `pass@${url}` });
    const [first, second] = [attempt.server("handshake"), attempt.server("handshake")];
    refusing(first!, "[ code=403 need auth; authmod=adobe ]");
    await attempt.begin();
    await attempt.settle();
    assert.equal(connectOf(second!).app, app);
    assert.ok(String(connectOf(second!).tcUrl).endsWith(`/${app}`));
  }
});

test("the challenge of ours is hex digits by chance", async () => {
  const attempt = new Attempt({ url: "rtmp://me:" + "pass@one.test/app/key" });
  const [first, second] = [attempt.server("handshake"), attempt.server("handshake")];
  refusing(first!, "[ authmod=adobe ] : ?reason=needauth&user=me&salt=S&challenge=C");
  await attempt.begin();
  await attempt.settle();
  assert.match(String(connectOf(second!).app), /&challenge=5a5a5a5a&response=/);
});

test("five connections are the most that one attempt takes", async () => {
  const attempt = new Attempt();
  for (let count = 0; count < 7; count++) {
    const redirect = `rtmp://t${count}.test/app`;
    refusing(attempt.server("handshake"), "elsewhere", { ex: { code: 302, redirect } } as never);
  }
  await attempt.begin();
  for (let turn = 0; turn < 8; turn++) await attempt.settle();
  assert.equal(attempt.dialled.length, 5);
  assert.equal(attempt.ends.length, 1);
  assert.equal(attempt.ends[0]!.kind, "redirect");
});

test("a redirect forgets who we were there, and one that cannot be followed is told", async () => {
  const attempt = new Attempt({ url: "rtmp://me:" + "pass@one.test/app/key" });
  const [first, second, third] = [1, 2, 3].map(() => attempt.server("handshake"));
  refusing(first!, "[ code=403 need auth; authmod=adobe ]");
  refusing(second!, "", { ex: { code: 302, redirect: "rtmp://two.test:99/other" } } as never);
  await attempt.begin();
  await attempt.settle();
  await attempt.settle();
  assert.deepEqual(attempt.dialled, ["8.8.8.8:1935", "8.8.8.8:1935", "8.8.8.8:99"]);
  assert.equal(connectOf(third!).app, "other", "and nothing of authentication");
  assert.equal(attempt.upstream.url.tcUrl, "rtmp://two.test:99/other");
  const astray = new Attempt();
  refusing(astray.server("handshake"), "", { ex: { code: 302, redirect: "http://x/" } } as never);
  await astray.begin();
  assert.equal(astray.ends[0]?.kind, "redirect");
});

test("each connection of an attempt has its own time", async () => {
  const attempt = new Attempt();
  const first = attempt.server("nothing");
  const second = attempt.server("handshake");
  await attempt.begin();
  await attempt.settle(900);
  refusing(first, "", { ex: { code: 302, redirect: "rtmp://two.test/app" } } as never);
  first.deliver(Uint8Array.of(3, ...new Uint8Array(2 * 1536)));
  await attempt.settle();
  await attempt.settle(900);
  assert.equal(connectOf(second).app, "app");
  assert.equal(attempt.upstream.over, false);
  await attempt.settle(100);
  assert.deepEqual(attempt.ends.map(({ kind }) => kind), ["timeout"]);
});

test("a Reconnect Request is passed on, relative or not, unless it leads astray", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  attempt.told.length = 0;
  const ask = async (more: Record<string, string>) => {
    server.status(0, "status", "NetConnection.Connect.ReconnectRequest", more);
    await attempt.settle();
  };
  await ask({ tcUrl: "rtmp://two.test/app" });
  await ask({});
  await ask({ tcUrl: "http://nowhere" });
  assert.deepEqual(attempt.told.filter((what) => what !== "turn"), [
    "reconnect rtmp://two.test:1935/app",
    "reconnect rtmp://one.test:1935/app",
  ]);
  assert.deepEqual(attempt.ends, []);
});

test("an end of the stream, the session or the connection is told once, by what it was", async () => {
  const cases: [what: (server: ScriptedServer) => void, Failure][] = [
    [
      (server) => server.status(1, "status", "NetStream.Play.UnpublishNotify"),
      { kind: "ended", message: "The server ended the stream: NetStream.Play.UnpublishNotify" },
    ],
    [({ connection }) => connection.hangUp(), {
      kind: "closed",
      message: "The server closed the connection",
    }],
  ];
  for (const [act, failure] of cases) {
    const attempt = new Attempt();
    const server = attempt.server();
    await attempt.begin();
    act(server);
    await attempt.settle();
    assert.deepEqual(attempt.ends, [failure]);
    assert.ok(server.connection.closed);
    assert.deepEqual(attempt.faults, []);
  }
  const broken = new Attempt();
  const server = broken.server();
  await broken.begin();
  // A chunk of type 3 of a chunk stream that has had none.
  server.deliver(Uint8Array.of(0xc0 | 40));
  await broken.settle();
  assert.equal(broken.ends[0]?.kind, "protocol");
  assert.equal(broken.ends.length, 1);
});

test("a call of the server is answered, that there is no such method", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  server.command(0, "whoAreYou", 7, null, 1);
  await attempt.settle();
  const [answer] = commands(server, "_error");
  assert.equal(answer![1], 7);
});

test("what its owner throws ends it, as a fault of ours", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  const error = new TypeError(SECRET);
  attempt.onMedia = () => {
    throw error;
  };
  server.message(9, 1, 0, keyFrame());
  await attempt.settle();
  assert.deepEqual(attempt.faults, [error]);
  assert.equal(attempt.ends[0]?.kind, "internal");
  assert.doesNotMatch(attempt.ends[0]!.message, new RegExp(SECRET));
});

test("media behind the end is not handed out", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  attempt.onMedia = () => attempt.upstream.fail({ kind: "stalled", message: "enough" });
  server.message(9, 1, 0, keyFrame());
  server.message(9, 1, 40, keyFrame());
  assert.equal(attempt.media.length, 1);
  await attempt.settle();
  assert.deepEqual(attempt.ends, [{ kind: "stalled", message: "enough" }]);
  assert.equal(server.connection.closing, "destroy");
});
