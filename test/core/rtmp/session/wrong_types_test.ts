/**
 * Every field of every command with values of every wrong type: a status error or nothing, and the
 * connection lives on.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asRecord, decodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";
import {
  command,
  type Field,
  FIELDS,
  filledIn,
  HOLE,
  type Start,
  TOO_MUCH,
  UNREADABLE,
  VALUES,
} from "../../../support/wrong_types.ts";

const STARTS: Record<Start, () => SessionPeer> = {
  shaken: () => new SessionPeer().shake(),
  idle: () => new SessionPeer().withStreams(),
  publishing: () => new SessionPeer().publishing(),
  playing: () => new SessionPeer().playing(),
};

/** Sends the field with this value in it; checks what holds for any value. */
function send(field: Field, value: readonly number[], what: string): SessionPeer {
  const [start] = field;
  const peer = STARTS[start]();
  const id = start === "shaken" ? 0 : 1;
  peer.message(MessageType.CommandAmf0, id, 0, filledIn(field, value));
  const answers = peer.messages.filter(({ type, payload }) => {
    if (type !== MessageType.CommandAmf0) return false;
    const [name, transaction, , info] = decodeAmf0(payload);
    if (name === "_error" || name === "onStatus") {
      const level = asRecord(info)!.get("level");
      const code = String(asRecord(info)!.get("code"));
      assert.ok(level === "status" || level === "error", what);
      assert.match(code, /^Net(Connection|Stream)\.\w+/, what);
    }
    return transaction === 7;
  });
  assert.ok(answers.length <= 1, `${what}: ${answers.length} answers`);
  const { publishRequest, playRequest } = peer;
  for (const request of [publishRequest, playRequest]) {
    if (request !== undefined) {
      assert.match(`${request.path.app}/${request.path.name}`, /^[\w/.]+$/);
    }
  }
  if (playRequest !== undefined) {
    const { start, duration } = playRequest;
    assert.ok(start === "live" || start === "any" || (Number.isFinite(start) && start >= 0), what);
    assert.ok(duration === -1 || duration >= 0, what);
  }
  return peer;
}

/** Checks that the next command is answered. */
function assertLives(peer: SessionPeer, what: string): void {
  assert.equal(peer.session.phase, "connected", `${what}: ${peer.error?.message}`);
  peer.take();
  peer.command(0, "_checkbw", 99, null);
  assert.deepEqual(peer.take(), ["0 _result 99 null undefined"], what);
}

let cases = 0;

for (const [field, template] of Object.entries(FIELDS)) {
  test(`${field} may be of any type`, () => {
    for (const [value, body] of Object.entries(VALUES)) {
      const what = `${field} is ${value}`;
      const peer = send(template, body, what);
      cases++;
      // Before connect there is no more to hold on to.
      if (template[0] !== "shaken") assertLives(peer, what);
      else assert.ok(peer.error === undefined || peer.error.code === "command", what);
    }
    for (const [value, body] of Object.entries({ ...UNREADABLE, ...TOO_MUCH })) {
      const what = `${field} is ${value}`;
      const peer = send(template, body, what);
      cases++;
      // Messages are short until something is published.
      const fits = body.length + template[1].length <= 65536 || template[0] === "publishing";
      if (!fits) assert.equal(peer.error?.code, "limit", what);
      else if (template[0] !== "shaken") assertLives(peer, what);
      else assert.equal(peer.error?.code, "command", what);
    }
  });
}

test("a command whose arguments cannot be read is an error for its caller, and is not obeyed", () => {
  for (const [value, body] of Object.entries({ ...UNREADABLE, ...TOO_MUCH })) {
    const peer = send(["publishing", [...command("deleteStream", null), HOLE]], body, value);
    assert.deepEqual(peer.take(), ["1 _error 7 null error:NetConnection.Call.Failed"], value);
    assert.deepEqual(peer.takeEvents(), []);
  }
});

test("a name of the wrong type is no name: nothing is published or played", () => {
  const names = Object.entries(VALUES).filter(([, [marker]]) => marker !== 2);
  for (const [what, value] of names) {
    if (what === "false") continue;
    const publisher = send(["idle", [...command("publish", null), HOLE]], value, what);
    assert.deepEqual(publisher.take(), ["1 onStatus 0 null error:NetStream.Publish.BadName"], what);
    const player = send(["idle", [...command("play", null), HOLE]], value, what);
    assert.deepEqual(
      player.take(),
      ["1 onStatus 0 null error:NetStream.Play.StreamNotFound"],
      what,
    );
  }
});

test("the table has at least 500 cases", () => {
  assert.ok(cases >= 500, `${cases} cases`);
});
