import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endable } from "../../../src/service/rtmp/end_queue.ts";
import { type Ending, SessionEnd } from "../../../src/service/rtmp/session_end.ts";

/** A session that writes down what happens to it, and its end. */
function setUp() {
  const did: string[] = [];
  const turns: Endable[] = [];
  const core = {
    phase: "connected",
    error: undefined,
    fail(error: Error) {
      did.push(`fail: ${error.message}`);
      core.phase = "closed";
    },
    shutdown: () => over("shutdown"),
    dismiss: () => over("dismiss"),
    close: () => over("close"),
  };
  const over = (how: string) => {
    did.push(how);
    core.phase = "closed";
  };
  const session = {
    core,
    context: {
      endLater: (end: Endable) => void turns.push(end),
      faults: {
        count: (what: string) => did.push(what === "session" ? "counted" : what),
      },
    },
    writer: { close: () => did.push("cut off"), fail: () => did.push("silenced") },
    connection: { destroy: () => did.push("destroyed") },
    newTurn() {},
    who: () => ({}),
  };
  const end = new SessionEnd(session as unknown as Ending);
  const nextTurn = () => {
    for (const turn of turns.splice(0)) turn.finish();
    return did.splice(0);
  };
  return { end, nextTurn, did, session };
}

test("nothing ends a session there and then, and what came first is its reason", () => {
  const { end, nextTurn, did } = setUp();
  end.exhausted();
  end.onOverflow();
  end.soon("kicked");
  assert.deepEqual([did, end.over, end.reason], [[], true, "protocol"]);
  const [first, ...rest] = nextTurn();
  assert.match(first!, /^fail: No memory is left/);
  assert.ok(rest.includes("cut off") && rest.includes("destroyed"));
});

test("who holds most of the memory for unread bytes is cut off", () => {
  const { end, nextTurn } = setUp();
  end.exhausted();
  assert.deepEqual(nextTurn().slice(1), ["cut off", "destroyed"]);
});

test("who leaves too many replies unread is not told of it, as nothing can be written", () => {
  const { end, nextTurn } = setUp();
  end.onOverflow();
  assert.equal(end.reason, "stalled");
  assert.deepEqual(nextTurn(), [
    "fail: More than 262144 bytes of replies were left unread",
    "cut off",
    "destroyed",
  ]);
});

test("how a session says goodbye is by why it ends, once", () => {
  for (
    const [reason, how] of [["shutdown", "shutdown"], ["kicked", "dismiss"], [
      "client",
      "close",
    ]] as const
  ) {
    const { end, nextTurn } = setUp();
    end.soon(reason);
    end.soon("internal");
    assert.equal(end.reason, reason);
    assert.deepEqual(nextTurn(), [how]);
    end.now("kicked");
    end.soon("kicked");
    assert.deepEqual(nextTurn(), []);
  }
});

test("while it lives what a client stops ends by the client", () => {
  const { end } = setUp();
  assert.deepEqual([end.over, end.reason], [false, "client"]);
  end.because("disconnected");
  end.because("kicked");
  assert.deepEqual([end.over, end.reason], [false, "disconnected"]);
});

test("a fault of ours is counted, and nothing more is written", () => {
  const { end, nextTurn, did } = setUp();
  end.fault(new Error("a bug of ours"));
  assert.deepEqual(did.splice(0), ["counted", "silenced"]);
  assert.equal(end.reason, "internal");
  assert.deepEqual(nextTurn(), ["close", "cut off", "destroyed"]);
});

/** A step of the end that throws. */
const broken = () => {
  throw new Error("a bug of ours");
};

test("a session that cannot say goodbye is over all the same, counted and cut off", () => {
  const { end, nextTurn, session } = setUp();
  session.core.shutdown = broken;
  end.soon("shutdown");
  assert.deepEqual(nextTurn(), ["counted", "close", "cut off", "destroyed"]);
});

test("whatever throws at the end of a session, its connection is destroyed", () => {
  const { end, nextTurn, session } = setUp();
  session.core.close = broken;
  session.writer.close = broken;
  end.now("client");
  assert.deepEqual(nextTurn(), ["counted", "counted", "counted", "destroyed"]);
});
