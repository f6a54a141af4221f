/** Whether a publish may go on, by those who have a say in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Claim, Claims, TOO_MANY_CLAIMS, UNANSWERED } from "../../src/hub/claims.ts";
import { Observers } from "../../src/hub/observers.ts";
import { publishGop, Rig, settle } from "../support/rtmp_service.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const CLAIM_MS = 5000;

const INFO = { sessionId: "s", address: "127.0.0.1:1", client: "test", since: 0 };
const PATH = { app: "live", name: "one" };

/** Claims that `ask` has a say in, and what was decided. */
function setUp(ask: ((claim: Claim) => void) | undefined, most?: number) {
  const claims = new Claims(CLAIM_MS, most);
  claims.ask = ask;
  const decided: (string | undefined)[] = [];
  const open = (now = 0) => claims.open(PATH, INFO, now, (reason) => decided.push(reason));
  return { claims, decided, open };
}

test("a publish goes on at once where nobody has a say, or nobody says anything", () => {
  for (const ask of [undefined, () => {}]) {
    const { decided, open } = setUp(ask);
    open();
    assert.deepEqual(decided, [undefined]);
  }
});

test("the first refusal counts, now or later", () => {
  const now = setUp((claim) => {
    claim.refuse("a");
    claim.refuse("b");
  });
  now.open();
  assert.deepEqual(now.decided, ["a"]);
  const answers: ((reason?: string) => void)[] = [];
  const later = setUp((claim) => answers.push(claim.hold(), claim.hold(), claim.hold()));
  later.open();
  answers[0]!();
  assert.deepEqual(later.decided, []);
  answers[1]!("c");
  answers[2]!("d");
  assert.deepEqual([later.decided, later.claims.size], [["c"], 0]);
});

test("a publish goes on once everybody who asked for time has let it, each counting once", () => {
  const answers: ((reason?: string) => void)[] = [];
  const { decided, open } = setUp((claim) => answers.push(claim.hold(), claim.hold()));
  open();
  answers[0]!();
  answers[0]!();
  assert.deepEqual(decided, []);
  answers[1]!();
  assert.deepEqual(decided, [undefined]);
});

test("an answer that is given while it is asked is one that was there at once", () => {
  const { decided, open, claims } = setUp((claim) => claim.hold()());
  open();
  assert.deepEqual([decided, claims.size], [[undefined], 0]);
});

test("without an answer in time a publish is refused, and an answer behind that is none", () => {
  const answers: ((reason?: string) => void)[] = [];
  const { decided, open, claims } = setUp((claim) => answers.push(claim.hold()));
  open(0);
  open(100);
  claims.expire(CLAIM_MS - 1);
  assert.deepEqual(decided, []);
  claims.expire(CLAIM_MS);
  assert.deepEqual([decided, claims.size], [[UNANSWERED], 1]);
  answers[0]!();
  assert.equal(decided.length, 1);
  claims.close("over");
  assert.deepEqual(decided, [UNANSWERED, "over"]);
});

test("only so many may wait", () => {
  const { decided, open } = setUp((claim) => claim.hold(), 1);
  open();
  open();
  assert.deepEqual(decided, [TOO_MANY_CLAIMS]);
});

test("an observer that throws has let nobody in", () => {
  const observers = new Observers();
  observers.add({
    onClaimed: () => {
      throw new Error("boom");
    },
  });
  const { decided, open } = setUp((claim) => observers.claimed(claim, 0));
  open();
  assert.match(decided[0]!, /fault/i);
});

test("an RTMP publisher waits for the answer, and is told why it is refused", async () => {
  const rig = new Rig();
  const claims: Claim[] = [];
  const answers: ((reason?: string) => void)[] = [];
  rig.hub.observe({
    onClaimed: (claim) => {
      claims.push(claim);
      answers.push(claim.hold());
    },
  });
  const [one, two] = [rig.client().connected(), rig.client().connected()];
  one.publish(1, "one");
  two.publish(1, "two");
  await settle();
  assert.deepEqual([one.codes(), rig.registry.size], [[], 0]);
  assert.deepEqual(claims.map(({ path, info }) => [path.name, info.sessionId]), [
    ["one", one.session.id],
    ["two", two.session.id],
  ]);
  answers[0]!();
  answers[1]!("Another server has it.");
  await settle();
  assert.deepEqual(one.codes(), ["NetStream.Publish.Start"]);
  assert.deepEqual(two.codes(), ["NetStream.Publish.Rejected"]);
  publishGop(one, 0);
  assert.equal(rig.registry.get(PATH)!.stats.videoFrames > 0, true);
});

test("a publisher that leaves while it waits leaves nothing behind", async () => {
  const rig = new Rig();
  let answer = () => {};
  rig.hub.observe({ onClaimed: (claim) => void (answer = claim.hold()) });
  const client = rig.client().connected();
  client.publish(1, "one");
  client.connection.hangUp();
  answer();
  await settle();
  assert.deepEqual([rig.registry.size, rig.service.sessions.size], [0, 0]);
});
