import assert from "node:assert/strict";
import { test } from "node:test";
import { signToken, tokenAuth } from "../../plugins/token_auth.ts";
import { until } from "../support/deadline.ts";
import { figure } from "../support/figure.ts";
import { Rig } from "../support/rtmp_service.ts";

const SECRET = "0123456789abcdef-test-secret";
const NOW = 1_800_000_000_000;
const LATER = NOW / 1000 + 60;

/** A token of `live/cam`, changed in one way. */
function token(change: Partial<Parameters<typeof signToken>[1]> = {}, secret = SECRET) {
  return signToken(secret, {
    action: "publish",
    app: "live",
    name: "cam",
    expires: LATER,
    ...change,
  });
}

test("D5: with a missing, wrong, expired or foreign key the first answer is the refusal", async () => {
  const right = await token();
  const [expires, mac] = right.split(".") as [string, string];
  const keys: Readonly<Record<string, string>> = {
    "none": "",
    "an empty one": "?token=",
    "a wrong one": `?token=${expires}.${mac.slice(0, -1)}x`,
    "half of one": `?token=${right.slice(0, -8)}`,
    "one and more": `?token=${right}x`,
    "one in another parameter": `?key=${right}`,
    "one in capitals": `?TOKEN=${right}`,
    "a wrong one before the right one": `?token=x&token=${right}`,
    "an expired one": `?token=${await token({ expires: NOW / 1000 - 1 })}`,
    "a prolonged one": `?token=${LATER + 9999}.${mac}`,
    "one of another name": `?token=${await token({ name: "cam2" })}`,
    "one of another application": `?token=${await token({ app: "live2" })}`,
    "one to play": `?token=${await token({ action: "play" })}`,
    "one of another secret": `?token=${await token({}, "another secret of 32 characters!")}`,
    "an endless one": `?token=${expires}.${mac.repeat(100)}`,
    "a number": "?token=1",
    "junk": "?token=%00%ff.%%%",
  };
  let early = 0;
  for (const [what, query] of Object.entries(keys)) {
    for (const action of ["publish", "play"] as const) {
      if (what === "one to play" && action === "play") continue;
      const rig = new Rig({}, tokenAuth(SECRET, () => NOW));
      const client = rig.client().connected();
      client[action](1, `cam${query}`);
      const codes: string[] = [];
      await until(() => {
        codes.push(...client.codes());
        return Promise.resolve(codes.length > 0);
      }, `an answer to ${what}`);
      const denied = action === "publish" ? "NetStream.Publish.Denied" : "NetStream.Play.Failed";
      if (codes[0] !== denied || codes.some((code) => code.endsWith("Start"))) early++;
      assert.deepEqual(codes, [denied], `${action} with ${what}`);
      assert.equal(rig.registry.size, 0, what);
    }
  }
  const cases = Object.keys(keys).length * 2 - 1;
  figure({ id: "D5", what: "refused keys", value: cases, unit: "", atLeast: 30 });
  figure({ id: "D5", what: "answers before the refusal", value: early, unit: "", atMost: 0 });
});

test("D5: the right key is let in, and a refused client may try again", async () => {
  const rig = new Rig({}, tokenAuth(SECRET, () => NOW));
  const client = rig.client().connected();
  const answer = (what: string) =>
    until(() => Promise.resolve(client.codes()[0]), `an answer to ${what}`);
  client.publish(1, "cam?token=1.x");
  assert.equal(await answer("the wrong key"), "NetStream.Publish.Denied");
  client.publish(1, `cam?token=${await token()}`);
  assert.equal(await answer("the right key"), "NetStream.Publish.Start");
});
