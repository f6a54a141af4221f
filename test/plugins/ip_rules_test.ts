import assert from "node:assert/strict";
import { test } from "node:test";
import { refuse } from "../../src/plugin/mod.ts";
import { openRelayMistake } from "../../src/config/open_relay.ts";
import { ipRules, type IpRulesOptions } from "../../plugins/ip_rules.ts";
import * as contexts from "../support/plugin_contexts.ts";

const REFUSED = refuse("Not from this address");

/** What is answered to a client of this address. */
function asked(
  options: IpRulesOptions,
  hostname: string,
  action: "onPublish" | "onPlay" = "onPublish",
  change: object = {},
) {
  const client = { ...contexts.connect.client, address: { hostname, port: 1 } };
  return ipRules(options)[action]?.({ ...contexts.publish, client, ...change });
}

test("the first rule that fits decides", () => {
  const options: IpRulesOptions = {
    rules: [
      { deny: ["10.0.0.13"] },
      { allow: ["10.0.0.0/8", "2001:db8::/32"], to: ["publish"] },
      { deny: ["*"], to: ["publish"] },
      { deny: ["198.51.100.0/24"], to: ["play"], streams: ["vip/*"] },
    ],
  };
  assert.equal(asked(options, "10.1.2.3"), undefined);
  assert.equal(asked(options, "::ffff:10.1.2.3"), undefined);
  assert.equal(asked(options, "2001:db8::7"), undefined);
  assert.deepEqual(asked(options, "10.0.0.13"), REFUSED);
  assert.deepEqual(asked(options, "192.0.2.1"), REFUSED);
  assert.deepEqual(asked(options, "nonsense"), REFUSED);
  assert.deepEqual(asked(options, "10.0.0.13", "onPlay"), REFUSED);
  assert.equal(asked(options, "198.51.100.1", "onPlay"), undefined);
  assert.deepEqual(asked(options, "198.51.100.1", "onPlay", { app: "vip" }), REFUSED);
});

test("whom no rule fits is let in unless told otherwise", () => {
  const rules = [{ allow: ["10.0.0.0/8"], streams: ["live/cam"] }];
  assert.equal(asked({ rules }, "192.0.2.1"), undefined);
  assert.deepEqual(asked({ rules, otherwise: "deny" }, "192.0.2.1"), REFUSED);
  assert.equal(asked({ rules, otherwise: "deny" }, "10.0.0.1"), undefined);
  assert.deepEqual(
    asked({ rules, otherwise: "deny" }, "10.0.0.1", "onPublish", { name: "x" }),
    REFUSED,
  );
});

test("an edge is believed whom it stands for, and nobody else", () => {
  const rules = [{ deny: ["192.0.2.1"] }];
  const rtmp = { ...contexts.connect.rtmp, forwardedFor: "192.0.2.1" };
  const options = { rules, edges: ["10.0.0.5"] };
  assert.deepEqual(asked(options, "10.0.0.5", "onPlay", { rtmp }), REFUSED);
  assert.equal(asked(options, "10.0.0.6", "onPlay", { rtmp }), undefined);
  const pretends = { ...rtmp, forwardedFor: "10.9.9.9" };
  assert.deepEqual(asked(options, "192.0.2.1", "onPlay", { rtmp: pretends }), REFUSED);
});

test("what no rule is about has no hook, and rules that let everybody publish open no server", () => {
  const playOnly = ipRules({ rules: [{ deny: ["10.0.0.1"], to: ["play"] }] });
  assert.equal(playOnly.onPublish, undefined);
  const open = { host: "0.0.0.0", allowAnonymous: false };
  const isOpen = (options: IpRulesOptions) =>
    openRelayMistake(open, [ipRules(options)]) !== undefined;
  assert.ok(isOpen({ rules: [{ deny: ["10.0.0.1"] }] }));
  assert.ok(isOpen({ rules: [{ deny: ["*"], streams: ["vip/*"] }] }));
  assert.ok(!isOpen({ rules: [{ allow: ["10.0.0.0/8"] }, { deny: ["*"], to: ["publish"] }] }));
  assert.ok(!isOpen({ rules: [{ allow: ["10.0.0.0/8"] }], otherwise: "deny" }));
});

test("mistakes in the options stop the load", () => {
  const told = (options: unknown, message: string) =>
    assert.throws(() => ipRules(options as IpRulesOptions), { message });
  told({}, "ip_rules: rules: is missing");
  told({ rules: [{}] }, "ip_rules: rules.0: expected allow or deny");
  told({ rules: [{ allow: ["*"], deny: ["*"] }] }, "ip_rules: rules.0: expected allow or deny");
  told(
    { rules: [{ deny: ["10.0.0.0/40"] }] },
    "ip_rules: rules.0.deny.0: expected an address, a range as 10.0.0.0/8, or *",
  );
  told({ rules: [{ deny: ["*"], app: "x" }] }, "ip_rules: rules.0.app: there is no such option");
});

test("a rule sees a recording under its own name too, whatever stream it is asked for as", () => {
  const rules: IpRulesOptions["rules"] = [{ deny: ["*"], to: ["play"], streams: ["vip/*"] }];
  const play = (change: object) => asked({ rules }, "192.0.2.1", "onPlay", change);
  // `GET /vip/recordings/film.mp4`, and a play of a stream "vip" that has no application.
  const film = { app: "", name: "vip", recorded: true, file: "vip/film.mp4" };
  assert.deepEqual(play(film), REFUSED);
  assert.equal(play({ ...film, file: "vip.mp4" }), undefined);
  const one: IpRulesOptions["rules"] = [{ deny: ["*"], to: ["play"], streams: ["vip/a.b"] }];
  assert.deepEqual(
    asked({ rules: one }, "192.0.2.1", "onPlay", { ...film, file: "vip/a.b.flv" }),
    REFUSED,
  );
  assert.equal(
    asked({ rules: one }, "192.0.2.1", "onPlay", { ...film, file: "vip/a.flv" }),
    undefined,
  );
});
