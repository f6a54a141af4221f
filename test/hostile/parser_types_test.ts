import { test } from "node:test";
import assert from "node:assert/strict";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import { figure } from "../support/figure.ts";
import { Rig, type RigClient, settle } from "../support/rtmp_service.ts";
import {
  FIELDS,
  filledIn,
  type Start,
  TOO_MUCH,
  UNREADABLE,
  VALUES,
} from "../support/wrong_types.ts";

/** A client that has come so far. */
function started(rig: Rig, start: Start): RigClient {
  if (start === "shaken") return rig.client().shake();
  if (start === "publishing") return rig.publisher();
  if (start === "idle") return rig.client().connected();
  const player = rig.player();
  player.take();
  return player;
}

test("A8: any type in any field of any command is refused by status or put up with, by the whole service", async () => {
  const values = Object.entries({ ...VALUES, ...UNREADABLE, ...TOO_MUCH });
  let cases = 0;
  let closed = 0;
  const rig = new Rig({ maxConnections: 10_000, maxStreams: 10_000 });
  for (const [name, field] of Object.entries(FIELDS)) {
    for (const [value, body] of values) {
      const what = `${name} is ${value}`;
      const client = started(rig, field[0]);
      const id = field[0] === "shaken" ? 0 : 1;
      client.message(MessageType.CommandAmf0, id, 0, filledIn(field, body));
      cases++;
      const { core } = client.session;
      if (core.phase === "closed") {
        closed++;
        // By what it broke, and told so: before connect there is nothing to keep.
        const code = core.error?.code;
        assert.ok(code === "limit" || code === "command" || code === undefined, what);
        assert.ok(field[0] === "shaken" || code === "limit", what);
      } else if (core.phase === "connected") {
        client.take();
        client.command(0, "_checkbw", 99, null);
        assert.deepEqual(client.take(), ["0 _result 99 null undefined"], what);
      }
      client.connection.hangUp();
    }
    await settle();
  }
  assert.deepEqual(rig.faults, []);
  assert.ok(closed < cases / 4, `${closed} of ${cases} connections were closed`);
  figure({ id: "A8", what: "fields times types", value: cases, unit: "cases", atLeast: 500 });
  assert.equal(rig.service.sessions.size, 0);
  assert.equal(rig.ends.some(({ reason }) => reason === "internal"), false);
});
