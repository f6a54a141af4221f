/** Random conversations: whatever order a client and an owner come up with, the rules hold. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, type AmfValue, decodeAmf0, encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import type { NetStream } from "../../../../src/core/rtmp/session/mod.ts";
import { check } from "../../../support/property.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

type Step =
  | { readonly do: "command"; name: string; msid: number; wantsAnswer: boolean; values: AmfValue[] }
  | { readonly do: "message"; type: number; msid: number; values: AmfValue[] }
  | { readonly do: "decide"; accept: boolean }
  | { readonly do: "owner"; what: "start" | "end" | "revoke" | "give up"; msid: number };

const msid = fc.integer({ min: 0, max: 5 });
const name = fc.constantFrom("one", "two", "three?k=v", "", "..", "flv:one");
const flag = fc.constantFrom(true, false, 0, 1, null, undefined, "yes");

const command: fc.Arbitrary<[string, AmfValue[]]> = fc.oneof(
  fc.constantFrom("createStream", "closeStream", "_checkbw", "whatever", "_result", "_error")
    .map((name): [string, AmfValue[]] => [name, [null]]),
  fc.tuple(
    fc.constantFrom("releaseStream", "FCPublish", "FCUnpublish", "FCSubscribe", "getStreamLength"),
    name,
  ).map(([command, name]): [string, AmfValue[]] => [command, [null, name]]),
  fc.tuple(fc.constantFrom("publish", "play"), fc.oneof(name, fc.constant(false)), flag)
    .map(([command, ...values]): [string, AmfValue[]] => [command, [null, ...values]]),
  fc.tuple(name, fc.constantFrom("", "switch", "append", "reset", "stop")).map((
    [streamName, transition],
  ): [string, AmfValue[]] => ["play2", [null, amfObject({ streamName, transition })]]),
  fc.tuple(fc.constantFrom("pause", "pauseRaw", "receiveAudio", "receiveVideo", "seek"), flag)
    .map(([command, flag]): [string, AmfValue[]] => [command, [null, flag]]),
  fc.oneof(msid, name).map((which): [string, AmfValue[]] => ["deleteStream", [null, which]]),
  fc.constant<[string, AmfValue[]]>(["connect", [amfObject({ app: "live" })]]),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(command, msid, fc.boolean()).map(
      ([[name, values], msid, wantsAnswer]): Step => ({
        do: "command",
        name,
        msid,
        wantsAnswer,
        values,
      }),
    ),
  },
  fc.tuple(fc.constantFrom(8, 9, 18, 22, 19, 4, 99), msid).map(([type, msid]): Step => ({
    do: "message",
    type,
    msid,
    values: ["onTextData", 1],
  })),
  fc.boolean().map((accept): Step => ({ do: "decide", accept })),
  fc.tuple(
    fc.constantFrom("start" as const, "end" as const, "revoke" as const, "give up" as const),
    msid,
  )
    .map(([what, msid]): Step => ({ do: "owner", what, msid })),
);

/**
 * An owner that decides late, and checks that it is told everything once and in order. What it let a
 * NetStream do is in its `attachment`.
 */
class Owner extends SessionPeer {
  override onPublish(...[stream, request]: Parameters<SessionPeer["onPublish"]>): void {
    assert.ok(!this.held.includes(stream), "one request of a stream at a time");
    super.onPublish(stream, request);
  }
  override onPlay(...[stream, request]: Parameters<SessionPeer["onPlay"]>): void {
    assert.ok(!this.held.includes(stream), "one request of a stream at a time");
    super.onPlay(stream, request);
  }
  override onSwitch(...[stream, request]: Parameters<SessionPeer["onSwitch"]>): void {
    assert.ok(!this.held.includes(stream), "one request of a stream at a time");
    assert.equal(stream.attachment, "play");
    super.onSwitch(stream, request);
  }
  override onUnpublish(stream: NetStream): void {
    assert.equal(stream.attachment, "publish");
    stream.attachment = undefined;
  }
  override onStop(stream: NetStream): void {
    assert.equal(stream.attachment, "play");
    stream.attachment = undefined;
  }
  override onMedia(stream: NetStream): void {
    assert.equal(stream.attachment, "publish", "media comes from publishers only");
    assert.equal(stream.state, "publishing");
  }

  decide(accept: boolean): void {
    const stream = this.held.shift();
    if (stream === undefined) return;
    const { session } = this;
    const kind = stream.asked?.kind;
    if (kind === "publish") {
      if (accept) session.acceptPublish(stream, kind);
      else session.rejectPublish(stream, "Denied", "No.");
    } else if (kind === "play") {
      if (accept) session.acceptPlay(stream, kind);
      else session.rejectPlay(stream, "Failed", "No.");
    } else if (accept) session.acceptSwitch(stream);
    else session.rejectSwitch(stream, "Failed", "No.");
  }

  /** What the hub may do at any time, to what runs. */
  act(what: "start" | "end" | "revoke" | "give up", id: number): void {
    const stream = this.session.streams.get(id);
    if (stream === undefined) return;
    const { session } = this;
    if (what === "start") return session.startPlay(stream);
    if (what === "end" && stream.runs === "play" && !stream.waits) {
      stream.attachment = undefined;
      session.endPlay(stream, "It ended.");
    } else if (what === "revoke" && stream.runs === "publish") {
      stream.attachment = undefined;
      session.revokePublish(stream, "It was taken.");
    } else if (what === "give up" && stream.waits) {
      stream.attachment = undefined;
      session.giveUpPlay(stream, "StreamNotFound", "Nobody came.");
    }
  }
}

/** How often each transaction id was answered. */
function answers(owner: Owner): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { type, payload } of owner.messages) {
    if (type !== MessageType.CommandAmf0) continue;
    const [name, id] = decodeAmf0(payload);
    if (name === "onStatus") assert.equal(id, 0);
    if (name !== "_result" && name !== "_error") continue;
    counts.set(Number(id), (counts.get(Number(id)) ?? 0) + 1);
  }
  return counts;
}

/** Commands that are always answered when they want it. */
const ANSWERED = /^(createStream|releaseStream|FC\w+|getStreamLength|_checkbw|whatever|connect)$/;

test("whatever the order, nothing throws and each request is answered once at most", () => {
  check(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const owner = new Owner().withStreams(2) as Owner;
      owner.answers.publish = owner.answers.play = "hold";
      let id = 100;
      const asked = new Map<number, string>();
      for (const step of steps) {
        if (step.do === "command") {
          const transaction = step.wantsAnswer ? ++id : 0;
          if (step.wantsAnswer) asked.set(transaction, step.name);
          owner.command(step.msid, step.name, transaction, ...step.values);
        } else if (step.do === "message") {
          owner.message(step.type, step.msid, 0, encodeAmf0(...step.values));
        } else if (step.do === "decide") owner.decide(step.accept);
        else owner.act(step.what, step.msid);
      }
      while (owner.held.length > 0) owner.decide(false);
      assert.ok(!owner.session.deciding);
      assert.equal(owner.session.phase, "connected", `${owner.error?.message}`);

      const counts = answers(owner);
      for (const [transaction, count] of counts) {
        assert.equal(count, 1, `answers to ${transaction}`);
        assert.ok(transaction <= 3 || asked.has(transaction), `${transaction} was asked`);
      }
      for (const [transaction, name] of asked) {
        if (ANSWERED.test(name)) assert.ok(counts.has(transaction), `${name} is answered`);
      }
      for (const stream of owner.session.streams.values()) {
        assert.equal(stream.attachment, stream.runs, `stream ${stream.id}`);
      }
      const streams = [...owner.session.streams.values()];
      owner.session.close();
      for (const { attachment } of streams) assert.equal(attachment, undefined, "it was stopped");
      assert.equal(owner.takeEvents().at(-1), "end");
    }),
    300,
  );
});
