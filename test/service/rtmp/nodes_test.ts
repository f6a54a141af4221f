/** Other nodes of a cluster as clients, which have asked their own plugins; and users who log in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needLogin, type Plugin, refuse } from "../../../src/plugin/mod.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { publishGop, Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

const PASS = "a pass of nodes";

/** The answer to `connect`, with what is said about it. */
async function answer(client: RigClient): Promise<string> {
  await settle();
  const [name, , , about] = client.takeMessages().filter(({ type }) => type === 20)
    .map(({ payload }) => decodeAmf(payload)).find(([name]) => /^_/.test(String(name)))!;
  return `${name} ${(about as { description?: string }).description}`;
}

/** Counts what it is asked. */
function counting(): Plugin & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: "counting",
    asked,
    onConnect: ({ app }) => void asked.push(`connect ${app}`),
    onPlay: ({ name }) => {
      asked.push(`play ${name}`);
      return refuse("No viewers here");
    },
  };
}

test("a node plays what is live, and no plugin is asked or told", () => {
  const plugin = counting();
  const rig = new Rig({ nodePass: PASS }, plugin);
  const publisher = rig.publisher("cam");
  publishGop(publisher, 0);
  plugin.asked.length = 0;
  const node = rig.client().shake();
  node.connect("live", { sluicePass: PASS, sluiceVia: "fedcba9876543210" });
  node.command(0, "createStream", 2, null);
  assert.equal(node.session.isNode, true);
  node.take();
  node.play(1, "cam");
  assert.ok(node.codes().includes("NetStream.Play.Start"));
  assert.equal(rig.registry.get({ app: "live", name: "cam" })!.playerCount, 1);
  rig.takeTold();
  node.command(1, "closeStream", 0, null);
  assert.equal(rig.registry.get({ app: "live", name: "cam" })!.playerCount, 0);
  node.connection.hangUp();
  assert.deepEqual([plugin.asked, rig.takeTold()], [[], []]);
});

test("whoever shows no pass, or another, is asked about as a viewer, and so is all where there is none", () => {
  for (
    const [nodePass, shown, isNode] of [
      [PASS, PASS, true],
      [PASS, undefined, false],
      [PASS, "", false],
      [PASS, `${PASS}x`, false],
      [PASS, PASS.slice(1), false],
      [PASS, 7, false],
      [undefined, PASS, false],
      [undefined, undefined, false],
      ["", undefined, false],
    ] as const
  ) {
    const plugin = counting();
    const rig = new Rig({ nodePass }, plugin);
    const client = rig.client().shake();
    client.connect("live", shown === undefined ? {} : { sluicePass: shown });
    client.command(0, "createStream", 2, null);
    client.take();
    client.play(1, "cam");
    assert.equal(client.session.isNode, isNode, `${nodePass} ${shown}`);
    assert.deepEqual(plugin.asked, isNode ? [] : ["connect live", "play cam"]);
    assert.equal(client.codes().includes("NetStream.Play.Failed"), !isNode);
  }
});

test("a node that comes with a stream of this server is a loop like others", async () => {
  const rig = new Rig({ nodePass: PASS, ownId: "0123456789abcdef" });
  const node = rig.client().shake();
  node.connect("live", { sluicePass: PASS, sluiceVia: "0123456789abcdef" });
  assert.match(await answer(node), /_error .*loop/);
  assert.equal(node.session.isNode, false);
});

test("a client that has to log in is told so, and again once it has, that it may not", async () => {
  const users: (string | undefined)[] = [];
  const rig = new Rig({}, {
    name: "users",
    onLogin: ({ user }) => user === "ann" ? { proven: true } : { refuse: "Nobody of that name" },
    onConnect: ({ user, app }) => {
      users.push(user);
      return user === undefined || app === "closed" ? needLogin() : undefined;
    },
  });
  const said = (app: string) => {
    const client = rig.client().shake();
    client.connect(app);
    return answer(client);
  };
  assert.match(await said("live"), /_error .*code=403 need auth; authmod=adobe/);
  assert.match(await said("live?authmod=adobe&user=bob"), /_error .*Nobody of that name/);
  assert.match(await said("live?authmod=adobe&user=ann"), /_result/);
  const closed = await said("closed?authmod=adobe&user=ann");
  assert.match(closed, /_error/);
  assert.ok(!closed.includes("authmod"), "it has logged in");
  assert.deepEqual(users, [undefined, "ann", "ann"]);
});

test("a client that is challenged is told by what, and one that fails that it did", async () => {
  const rig = new Rig({}, {
    name: "users",
    onLogin: () => ({ password: "secret" }),
  });
  const said = (query: string) => {
    const client = rig.client().shake();
    client.connect(`live?authmod=adobe&user=ann${query}`);
    return answer(client);
  };
  assert.match(await said(""), /_error .*\?reason=needauth&user=ann&salt=/);
  assert.match(await said("&challenge=c&response=r&opaque=o"), /_error .*\?reason=authfailed/);
});
