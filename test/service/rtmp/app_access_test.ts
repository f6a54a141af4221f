/** Which applications a session may use. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision } from "../../../src/plugin/mod.ts";
import { AppAccess, type AppUser } from "../../../src/service/rtmp/app_access.ts";

const ALLOWED: Decision = { allow: true };
const REFUSED: Decision = { allow: false, reason: "Not there" };

/** A session of the application `live`, whose plugins decide about others. */
function setUp(decide: (app: string) => Decision | Promise<Decision>) {
  const asked: string[] = [];
  const host = {
    ended: false,
    connected: { app: "live", query: new URLSearchParams() },
    connectContext: (_query: URLSearchParams, app: string) => ({ app }),
    context: {
      plugins: {
        connect: ({ app }: { app: string }) => {
          asked.push(app);
          return decide(app);
        },
      },
    },
  };
  const access = new AppAccess(host as unknown as AppUser);
  let within = 0;
  const ask = (app: string) =>
    access.within(app, () => {
      within++;
      return ALLOWED;
    });
  return { host, asked, ask, within: () => within };
}

test("nobody is asked about the application of connect, and once about any other", () => {
  const { asked, ask, within } = setUp((app) => app === "vip" ? ALLOWED : REFUSED);
  for (let time = 0; time < 2; time++) {
    assert.equal(ask("live"), ALLOWED);
    assert.equal(ask("vip"), ALLOWED);
    assert.equal(ask("other"), REFUSED);
  }
  assert.deepEqual([asked, within()], [["vip", "other"], 4]);
});

test("a decision that takes its time is remembered as well", async () => {
  const decide = (app: string) => Promise.resolve(app === "vip" ? ALLOWED : REFUSED);
  const { asked, ask, within } = setUp(decide);
  assert.equal(await ask("vip"), ALLOWED);
  assert.equal(await ask("other"), REFUSED);
  assert.equal(within(), 1);
  assert.equal(ask("vip"), ALLOWED);
  assert.equal(ask("other"), REFUSED);
  assert.deepEqual([asked, within()], [["vip", "other"], 2]);
});

test("nobody is asked any more about a client that left while it was decided", async () => {
  let answer: (decision: Decision) => void = () => {};
  const { host, ask, within } = setUp(() => new Promise((resolve) => answer = resolve));
  const decision = ask("vip");
  host.ended = true;
  answer(ALLOWED);
  await decision;
  assert.equal(within(), 0);
});

test("a plugin that failed is asked again, and one that refused is not", async () => {
  for (const later of [false, true]) {
    const failed = { ...REFUSED, fault: true } as Decision;
    const { asked, ask } = setUp(() => later ? Promise.resolve(failed) : failed);
    for (let time = 0; time < 3; time++) assert.deepEqual(await ask("vip"), failed);
    assert.equal(asked.length, 3);
  }
});

test("sixteen decisions are remembered, the newest ones", () => {
  const { asked, ask } = setUp(() => ALLOWED);
  for (let index = 0; index < 17; index++) ask(`app ${index}`);
  assert.equal(asked.length, 17);
  for (let index = 16; index > 0; index--) ask(`app ${index}`);
  assert.equal(asked.length, 17);
  ask("app 0");
  assert.equal(asked.length, 18);
});
