import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientStreamState } from "../../../../../src/core/rtmp/session/client/client_stream.ts";
import { statusEffect } from "../../../../../src/core/rtmp/session/client/status_effect.ts";

/** Codes of servers, of every kind. */
const CODES = [
  "NetStream.Failed",
  "NetStream.Pause.Notify",
  "NetStream.Play.Complete",
  "NetStream.Play.Failed",
  "NetStream.Play.FileStructureInvalid",
  "NetStream.Play.InsufficientBW",
  "NetStream.Play.NoSupportedTrackFound",
  "NetStream.Play.PublishNotify",
  "NetStream.Play.Reset",
  "NetStream.Play.Start",
  "NetStream.Play.Stop",
  "NetStream.Play.StreamNotFound",
  "NetStream.Play.Switch",
  "NetStream.Play.UnpublishNotify",
  "NetStream.Publish.BadName",
  "NetStream.Publish.Denied",
  "NetStream.Publish.Failed",
  "NetStream.Publish.Idle",
  "NetStream.Publish.Rejected",
  "NetStream.Publish.Start",
  "NetStream.Seek.Notify",
  "NetStream.Unpublish.Success",
  "",
];

/** The codes that bring `effect` about in a state, at a level. */
function codes(state: ClientStreamState, effect: string, level = "status"): string[] {
  return CODES.filter((code) => statusEffect(state, { code, level }) === effect);
}

test("a publish begins with Publish.Start alone, and a play with Start or PublishNotify", () => {
  assert.deepEqual(codes("publish-pending", "start"), ["NetStream.Publish.Start"]);
  assert.deepEqual(codes("play-pending", "start"), [
    "NetStream.Play.PublishNotify",
    "NetStream.Play.Start",
  ]);
});

test("whatever else is an error refuses what is pending, and at another level it does nothing", () => {
  for (const state of ["publish-pending", "play-pending"] as const) {
    const starts = codes(state, "start").length;
    assert.equal(codes(state, "refuse", "error").length, CODES.length - starts);
    assert.deepEqual(codes(state, "refuse", "warning"), []);
    assert.equal(codes(state, "none").length, CODES.length - starts);
  }
});

test("what plays ends by these codes and no others, whatever their level", () => {
  for (const level of ["status", "error"]) {
    assert.deepEqual(codes("playing", "end", level), [
      "NetStream.Failed",
      "NetStream.Play.Complete",
      "NetStream.Play.Failed",
      "NetStream.Play.FileStructureInvalid",
      "NetStream.Play.NoSupportedTrackFound",
      "NetStream.Play.Stop",
      "NetStream.Play.StreamNotFound",
      "NetStream.Play.UnpublishNotify",
    ]);
  }
});

test("what is published ends by these codes and no others, whatever their level", () => {
  for (const level of ["status", "error"]) {
    assert.deepEqual(codes("publishing", "end", level), [
      "NetStream.Failed",
      "NetStream.Publish.BadName",
      "NetStream.Publish.Denied",
      "NetStream.Publish.Failed",
      "NetStream.Publish.Rejected",
      "NetStream.Unpublish.Success",
    ]);
  }
});

test("a stream that does nothing is not touched by any", () => {
  for (const state of ["creating", "idle", "deleted"] as const) {
    for (const level of ["status", "error"]) {
      assert.equal(codes(state, "none", level).length, CODES.length, state);
    }
  }
});
