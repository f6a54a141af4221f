/** An edge, whose origin decides, and what it is told of viewers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_ASKED, NO_ANSWER, TOO_MANY_ASKED } from "../../../src/service/relay/origin_gate.ts";
import type { ScriptedServer } from "../../client/scripted_server.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { KEY, RelayRig } from "./relay_rig.ts";

const ORIGINS = ["rtmp://one.test:1/{app}/{name}", "rtmp://two.test:2/{app}/{name}"];
const ID = "0123456789abcdef";
const WHO = { query: "token=secret", address: "192.0.2.7", via: [] };

const commands = ({ messages }: ScriptedServer, name: string) =>
  messages.filter(({ type }) => type === 20).map(({ payload }) => decodeAmf(payload))
    .filter(([said]) => said === name);

const edge = (timeoutMs = 5000) => new RelayRig({ origins: ORIGINS, decides: "origin", timeoutMs });

/** Asks about a viewer; `said` has the answer. */
function ask(rig: RelayRig): { said?: string | undefined; done?: true } {
  const answer: { said?: string | undefined; done?: true } = {};
  rig.service.gate!.ask(KEY, WHO).then((said) => {
    answer.said = said;
    answer.done = true;
  });
  return answer;
}

test("a viewer is let in where the origin lets it play, and the connection goes with the answer", async () => {
  const rig = edge();
  const server = rig.next();
  const answer = ask(rig);
  assert.equal(rig.service.gate!.size, 1);
  await rig.settle();
  assert.deepEqual(answer, { said: undefined, done: true });
  const [connect] = commands(server, "connect");
  const told = connect![2] as Record<string, unknown>;
  assert.deepEqual([told.sluiceClient, told.sluiceVia], ["192.0.2.7", ID]);
  assert.equal(commands(server, "play")[0]![3], "cam?token=secret");
  assert.equal(server.connection.closing, "end");
  assert.equal(rig.service.gate!.size, 0);
  assert.deepEqual(rig.service.list(), []);
});

test("a viewer that the origin refuses is refused, in its words but for what is secret, by no other origin", async () => {
  const rig = edge();
  const server = rig.next();
  server.onCommand = (name, _id, streamId) => {
    if (name !== "play") return false;
    const description = "secret is no good";
    server.status(streamId, "error", "NetStream.Play.Failed", { description });
    return true;
  };
  const answer = ask(rig);
  await rig.settle();
  assert.equal(answer.said, "NetStream.Play.Failed: *** is no good");
  assert.equal(rig.dialled.length, 1);
});

test("a viewer that the origin has wait for who publishes is let in, to wait here", async () => {
  const rig = edge();
  const server = rig.next();
  server.onCommand = (name, _id, streamId) => {
    if (name !== "play") return false;
    server.status(streamId, "status", "NetStream.Play.Wait");
    return true;
  };
  const answer = ask(rig);
  await rig.settle();
  assert.deepEqual(answer, { said: undefined, done: true });
});

test("an origin that is away or silent is passed over, and without any nobody is let in", async () => {
  const rig = edge(1000);
  const first = ask(rig);
  await rig.pass(2000);
  assert.equal(first.said, NO_ANSWER);
  assert.deepEqual(rig.dialled.splice(0), ["8.8.8.8:1", "8.8.8.8:2"]);
  rig.next("connect");
  rig.next();
  const second = ask(rig);
  await rig.pass(500);
  assert.equal(second.done, undefined);
  await rig.pass(2000);
  assert.deepEqual(second, { said: undefined, done: true });
});

test("viewers beyond a bound are refused, and those that wait when the server stops", async () => {
  const rig = edge();
  for (let count = 0; count < MAX_ASKED; count++) rig.next("nothing");
  const waiting = Array.from({ length: MAX_ASKED }, () => ask(rig));
  assert.equal(await rig.service.gate!.ask(KEY, WHO), TOO_MANY_ASKED);
  await rig.settle();
  rig.service.gate!.stop();
  await rig.settle();
  assert.ok(waiting.every(({ said }) => said === NO_ANSWER));
  assert.equal(rig.service.gate!.size, 0);
  assert.equal(await rig.service.gate!.ask(KEY, WHO), NO_ANSWER);
});

test("a pull says to an origin who asks, and to other servers through which it came alone", async () => {
  const asker = { query: "token=secret", address: "192.0.2.7", via: ["00000000000000aa"] };
  for (
    const [settings, query, client] of [
      [{ origins: ORIGINS }, "?token=secret", "192.0.2.7"],
      [
        {
          pull: [{ pattern: "live/*", sources: ["rtmp://one.test/live/{name}"], always: false }],
        },
        "",
        undefined,
      ],
    ] as const
  ) {
    const rig = new RelayRig(settings);
    const server = rig.next();
    rig.want(KEY, asker);
    await rig.settle();
    assert.equal(commands(server, "play")[0]![3], `cam${query}`);
    const told = commands(server, "connect")[0]![2] as Record<string, unknown>;
    assert.deepEqual([told.sluiceClient, told.sluiceVia], [client, `00000000000000aa,${ID}`]);
    assert.ok(!JSON.stringify(rig.only).includes("secret"));
  }
});

test("a pull that another server refuses as a loop is called one, and one that came through very many too", async () => {
  const rig = new RelayRig({
    pull: [{ pattern: "live/cam", sources: ["rtmp://one.test/live/cam"], always: true }],
  });
  const server = rig.next();
  server.onCommand = (name, _id, streamId) => {
    if (name !== "play") return false;
    const description = "This stream came from this server: a loop of relays.";
    server.status(streamId, "error", "NetStream.Play.Failed", { description });
    return true;
  };
  await rig.settle();
  assert.equal(rig.only.error?.kind, "loop");
  const deep = new RelayRig({ origins: ORIGINS });
  const via = Array.from({ length: 16 }, () => "00000000000000aa");
  const asked = deep.want(KEY, { query: "", address: "", via });
  await deep.settle();
  assert.deepEqual(deep.dialled, []);
  assert.equal(asked.live, false);
});

test("a pull that is asked for by another server is asked anew in the name of both, once a round", async () => {
  const rig = new RelayRig({
    pull: [{ pattern: "live/cam", sources: ["rtmp://one.test/live/cam"], always: true }],
  });
  const via = ["00000000000000aa"];
  const viaOf = (server: ScriptedServer) =>
    (commands(server, "connect")[0]![2] as Record<string, unknown>).sluiceVia;
  const [first, second, third, fourth] = [rig.next(), rig.next(), rig.next(), rig.next()];
  // It has an answer in a while.
  second.onCommand = (name) => name === "play";
  await rig.settle();
  assert.equal(viaOf(first), ID);
  const asked = rig.want(KEY, { query: "", address: "", via });
  await rig.settle();
  assert.equal(first.connection.closing, "end");
  assert.equal(viaOf(second), `00000000000000aa,${ID}`);
  assert.equal(asked.live, undefined);
  // Whoever says that he is another one is not worth another connection.
  asked.cancel!();
  rig.want(KEY, { query: "", address: "", via: ["00000000000000bb"] });
  await rig.settle();
  assert.equal(rig.dialled.length, 2);
  assert.equal(rig.service.loops(KEY), false);
  second.status(1, "error", "NetStream.Play.Failed", {
    description: "This stream came from this server: a loop of relays.",
  });
  await rig.settle();
  assert.equal(rig.only.error?.kind, "loop");
  assert.equal(rig.service.loops(KEY), true);
  assert.equal(rig.service.loops({ app: "live", name: "other" }), false);
  // The next one is in its own name: what was said then need not hold any more.
  await rig.pass(4000);
  assert.equal(viaOf(third), ID);
  third.message(9, 1, 0, VIDEO_HEADER);
  third.message(9, 1, 0, keyFrame());
  await rig.settle();
  assert.equal(rig.service.loops(KEY), false);
  rig.want(KEY, { query: "", address: "", via });
  await rig.settle();
  assert.equal(rig.only.state, "playing");
  assert.deepEqual(fourth.messages, []);
});

test("a viewer whom the origin has let in speaks for what is pulled from then on", async () => {
  const rig = edge();
  const first = rig.next();
  rig.want(KEY, { ...WHO, query: "token=old" });
  await rig.settle();
  first.message(9, 1, 0, VIDEO_HEADER);
  first.message(9, 1, 0, keyFrame());
  rig.play();
  rig.next();
  ask(rig);
  await rig.settle();
  const again = rig.next();
  first.connection.hangUp();
  await rig.settle();
  assert.equal(commands(again, "play")[0]![3], "cam?token=secret");
});

test("whatever a viewer asks for and says, the question never fails by a fault of ours", async () => {
  const rig = edge(1000);
  const odd = [
    "",
    " ",
    "a b",
    "a?b",
    "a/b",
    "%",
    "%zz",
    "#",
    "..",
    "\0",
    "\ud800",
    "é",
    "x".repeat(5000),
  ];
  for (const name of odd) {
    for (const query of ["", "?", "#", "a=%", "\r\n", "x".repeat(3000)]) {
      const said = rig.service.gate!.ask({ app: "live", name }, { ...WHO, query });
      await rig.pass(2500);
      assert.equal(typeof await said, "string", JSON.stringify([name, query]));
    }
  }
  assert.deepEqual(rig.faults.list(), []);
});

test("message type 7 of an origin is passed over and counted, and the stream goes on", async () => {
  const rig = new RelayRig({ origins: ORIGINS });
  const server = rig.next();
  const asked = rig.want();
  await rig.settle();
  for (const body of [[], [1], [1, 2, 3, 4, 5, 6, 7, 8], new Array(500).fill(7)]) {
    server.message(7, 0, 0, Uint8Array.from(body));
    server.message(7, 1, 0, Uint8Array.from(body));
  }
  server.message(9, 1, 0, VIDEO_HEADER);
  server.message(9, 1, 0, keyFrame());
  assert.equal(asked.live, true);
  assert.equal(rig.only.oddMessages, 8);
  assert.equal(rig.only.error, undefined);
});
