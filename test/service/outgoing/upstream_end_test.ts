/** How an attempt ends, and what its owner is told of it then. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyFrame } from "../../support/media.ts";
import type { UpstreamLink } from "../../../src/service/outgoing/upstream_link.ts";
import { Attempt, refusing } from "./attempt.ts";

const SECRET = "hush-hush";

test("who closes says goodbye, is told nothing, and cuts off who does not read", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  server.takeCommands();
  attempt.upstream.close();
  await attempt.settle();
  assert.deepEqual(server.takeCommands(), ["deleteStream:0"]);
  assert.equal(server.connection.closing, "end");
  await attempt.settle(5000);
  assert.deepEqual(attempt.ends, []);
  attempt.upstream.fail({ kind: "stalled", message: "" });
  await attempt.settle();
  assert.deepEqual(attempt.ends, []);
  const slow = new Attempt();
  const deaf = slow.server();
  await slow.begin();
  deaf.connection.block();
  slow.upstream.close();
  await slow.settle(1999);
  assert.ok(!deaf.connection.closed);
  await slow.settle(1);
  assert.equal(deaf.connection.closing, "destroy");
  assert.equal(slow.link!.gone, true);
});

test("a connection that comes too late is closed", async () => {
  const attempt = new Attempt();
  const { connection } = attempt.server();
  attempt.onDial = () => attempt.upstream.close();
  await attempt.begin();
  assert.equal(connection.closing, "destroy");
  assert.equal(attempt.link, undefined);
  assert.equal(attempt.clock.pending, 0);
});

test("who closes behind a failure says nothing to the server any more", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  server.takeCommands();
  attempt.upstream.fail({ kind: "stalled", message: "enough" });
  attempt.upstream.close();
  await attempt.settle();
  assert.deepEqual(server.takeCommands(), []);
  assert.equal(server.connection.closing, "destroy");
});

test("a link is left once, and says goodbye once", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  server.takeCommands();
  attempt.link!.leave();
  attempt.link!.leave();
  await attempt.settle();
  assert.deepEqual(server.takeCommands(), ["deleteStream:0"]);
  assert.equal(server.connection.closing, "end");
});

test("a link that was left takes nothing, and passes nothing on", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  server.connection.block();
  attempt.link!.leave();
  attempt.told.length = 0;
  server.message(9, 1, 40, keyFrame(60));
  assert.deepEqual(attempt.media, []);
  assert.deepEqual(attempt.told, []);
  server.connection.drain();
  await attempt.settle();
  assert.equal(server.connection.closing, "end", "what was in flight went first");
});

test("a server that leaves our answers unread is given up", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  server.connection.block();
  for (let call = 0; call < 5000 && !attempt.upstream.over; call++) {
    server.command(0, "whoAreYou", 7, null);
  }
  await attempt.settle();
  assert.deepEqual(attempt.ends, [{
    kind: "stalled",
    message: "The server does not read our answers",
  }]);
  assert.deepEqual(attempt.faults, []);
  assert.equal(server.connection.closing, "destroy");
});

test("a connection that throws is a fault of ours, on its way in, at work and on its way out", async () => {
  const error = new TypeError(SECRET);
  const broken = () => {
    throw error;
  };
  const early = new Attempt();
  const { connection } = early.server();
  connection.start = broken;
  await early.begin();
  assert.deepEqual(early.faults, [error]);
  assert.equal(early.ends[0]?.kind, "internal");
  assert.equal(connection.closing, "destroy");

  const working = new Attempt();
  const server = working.server();
  await working.begin();
  server.connection.write = broken;
  server.command(0, "whoAreYou", 7, null);
  await working.settle();
  assert.deepEqual(working.faults, [error]);
  assert.deepEqual(working.ends.map(({ kind }) => kind), ["internal"]);

  const leaving = new Attempt();
  const last = leaving.server();
  await leaving.begin();
  last.connection.end = broken;
  leaving.upstream.close();
  assert.deepEqual(leaving.faults, [error]);
  assert.equal(last.connection.closing, "destroy");
  assert.equal(leaving.clock.pending, 0);
});

test("why a connection closed is told without what is secret, and a session can end by itself", async () => {
  const attempt = new Attempt({ url: `rtmp://one.test/app/${SECRET}` });
  attempt.server();
  await attempt.begin();
  (attempt.link as UpstreamLink).onClose(new Error(`reset at ${SECRET}`));
  assert.equal(attempt.link!.gone, true);
  await attempt.settle();
  assert.deepEqual(attempt.ends, [{
    kind: "closed",
    message: "The server closed the connection: reset at ***",
  }]);
  const closing = new Attempt();
  const server = closing.server();
  await closing.begin();
  server.command(0, "close", 0, null);
  await closing.settle();
  assert.deepEqual(closing.ends, [{ kind: "closed", message: "The server closed the session" }]);
});

test("a server that says that we wait is heard, until it is over", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  attempt.told.length = 0;
  server.status(1, "status", "NetStream.Play.Wait");
  server.status(1, "status", "NetStream.Play.Other");
  assert.deepEqual(attempt.told.filter((what) => what !== "turn"), ["waiting"]);
  attempt.onMedia = () => attempt.upstream.fail({ kind: "stalled", message: "enough" });
  const after = (more: () => void) => {
    attempt.told.length = 0;
    more();
    assert.deepEqual(attempt.told.filter((what) => what !== "turn"), []);
  };
  server.message(9, 1, 0, keyFrame());
  after(() => server.status(1, "status", "NetStream.Play.Wait"));
  after(() => server.status(0, "status", "NetConnection.Connect.ReconnectRequest"));
  await attempt.settle();
  assert.ok(!attempt.told.some((what) => what.startsWith("reconnect")));
});

test("a Reconnect Request right before the end is not passed on", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  await attempt.begin();
  server.status(0, "status", "NetConnection.Connect.ReconnectRequest");
  attempt.upstream.close();
  await attempt.settle();
  assert.ok(!attempt.told.some((what) => what.startsWith("reconnect")));
});

test("what is secret in where we were sent is not repeated either", async () => {
  const attempt = new Attempt();
  const redirect = "rtmp://two.test/app?sign=geheim99";
  refusing(attempt.server("handshake"), "", { ex: { code: 302, redirect } } as never);
  refusing(attempt.server("handshake"), "geheim99 is wrong");
  await attempt.begin();
  await attempt.settle();
  assert.deepEqual(attempt.ends.map(({ message }) => message), [
    "NetConnection.Connect.Rejected: *** is wrong",
  ]);
});

test("who closes while it connects leaves nothing", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  attempt.upstream.start();
  attempt.upstream.close();
  await attempt.settle();
  assert.deepEqual(attempt.ends, []);
  assert.equal(attempt.dialled.length === 0 || server.connection.closed, true);
  assert.equal(attempt.clock.pending, 0);
  const refused = new Attempt();
  await refused.begin();
  assert.equal(refused.ends[0]?.kind, "dial");
});

for (
  const [what, description, more] of [
    ["sends it elsewhere", "", { ex: { code: 302, redirect: "rtmp://two.test/app" } }],
    ["wants to know who it is", "[ authmod=adobe ]", {}],
  ] as const
) {
  test(`who closes as a server ${what} leaves no connection there`, async () => {
    const attempt = new Attempt({ url: "rtmp://user:word@one.test/app/key" });
    const server = attempt.server("handshake");
    refusing(server, description, more as never);
    const refuse = server.onCommand;
    server.onCommand = (...command) => {
      const answered = refuse(...command);
      attempt.upstream.close();
      return answered;
    };
    await attempt.begin();
    await attempt.settle();
    assert.equal(server.connection.closing, "destroy");
    assert.equal(attempt.dialled.length, 1);
    assert.deepEqual(attempt.ends, []);
    assert.equal(attempt.clock.pending, 0);
  });
}

test("a connection that nobody can speak on, for want of chance, is closed", async () => {
  const attempt = new Attempt();
  const server = attempt.server();
  const error = new Error("no entropy");
  Object.assign(attempt.upstream.environment.runtime, {
    randomBytes: () => {
      throw error;
    },
  });
  await attempt.begin();
  await attempt.settle();
  assert.deepEqual(attempt.faults, [error]);
  assert.deepEqual(attempt.ends.map(({ kind }) => kind), ["internal"]);
  assert.equal(server.connection.closing, "destroy");
  assert.equal(attempt.clock.pending, 0);
});

test("a goodbye that was said leaves no timer", async () => {
  const attempt = new Attempt();
  attempt.server();
  await attempt.begin();
  attempt.upstream.close();
  await attempt.settle();
  assert.equal(attempt.link!.gone, true);
  assert.equal(attempt.clock.pending, 0);
});

test("a server that closes without a word may speak something else there, and that is said", async () => {
  const attempt = new Attempt();
  const server = attempt.server("nothing");
  await attempt.begin();
  server.connection.hangUp();
  await attempt.settle();
  assert.deepEqual(attempt.ends.map(({ message }) => message), [
    "The server closed the connection without a word: check the port, and whether it is of rtmp:// or rtmps://",
  ]);
});
