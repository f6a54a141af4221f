/** What a client is told of its NetStreams: all of it, in its order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AmfValue, asRecord } from "../../../../src/core/amf/mod.ts";
import * as announce from "../../../../src/core/rtmp/session/announce.ts";
import type { NetStream } from "../../../../src/core/rtmp/session/net_stream.ts";
import type { Replies } from "../../../../src/core/rtmp/session/replies.ts";

const EVENTS = ["begin", "eof", "dry", "buffer", "recorded"];

/** What `tell` says, as short lines. */
function said(tell: (replies: Replies) => void): string[] {
  const lines: string[] = [];
  const status = (how: string) => (id: number, code: string, why: string) => {
    assert.ok(why.length > 3, "there are words for people");
    lines.push(`${how} ${id} ${code}`);
  };
  tell({
    control: (type: number, body: Uint8Array) => lines.push(`control ${type} ${[...body]}`),
    setChunkSize: (size: number) => lines.push(`chunk size ${size}`),
    deferChunkSize: (size: number) => lines.push(`chunk size ${size} later`),
    userControl: (control: { event: number; streamId: number }) =>
      lines.push(`${EVENTS[control.event]} ${control.streamId}`),
    status: status("status"),
    notice: status("notice"),
    sampleAccess: (id: number) => lines.push(`access ${id}`),
    dataAt: (time: number, id: number, handler: string, info: AmfValue) => {
      const { code, level, duration, bytes } = Object.fromEntries(asRecord(info)!);
      lines.push(`data ${id} ${handler} at ${time}: ${[code, level, duration, bytes].join(" ")}`);
    },
  } as unknown as Replies);
  return lines;
}

const stream = (more: object = {}) => ({ id: 7, ...more }) as unknown as NetStream;
const code = (what: string) => `status 7 NetStream.${what}`;
/** What is encoded once for all. */
const common = (what: string) => `notice 7 NetStream.${what}`;

test("whoever is let in is told windows and the chunk size, that of RTMPE later", () => {
  for (const encrypted of [false, true]) {
    assert.deepEqual(said((to) => announce.connectAccepted(to, 0x10203, 4096, encrypted)), [
      "control 5 0,1,2,3",
      "control 6 0,1,2,3,2",
      `chunk size 4096${encrypted ? " later" : ""}`,
      "begin 0",
    ]);
  }
});

test("a publisher is told when it begins, how it ends, and what becomes of its recording", () => {
  assert.deepEqual(said((to) => announce.publishStarted(to, stream())), [
    "begin 7",
    common("Publish.Start"),
  ]);
  assert.deepEqual(said((to) => announce.publishStopped(to, stream())), [
    code("Unpublish.Success"),
  ]);
  const revoked = (why?: "BadName" | "Rejected") =>
    said((to) => announce.publishRevoked(to, stream(), "Another.", why));
  assert.deepEqual(revoked(), [code("Unpublish.Success")]);
  for (const why of ["BadName", "Rejected"] as const) {
    assert.deepEqual(revoked(why), [code(`Publish.${why}`), code("Unpublish.Success")]);
  }
  for (const status of ["Start", "Stop", "Failed", "NoAccess"] as const) {
    assert.deepEqual(said((to) => announce.recordStatus(to, stream(), status)), [
      code(`Record.${status}`),
    ]);
  }
});

const START = [common("Play.Start"), "access 7"];

test("a play begins with what was asked for: a reset, a transition, a recording", () => {
  const started = (request?: object) => said((to) => announce.playStarted(to, stream({ request })));
  assert.deepEqual(started(), ["begin 7", ...START]);
  assert.deepEqual(started({}), ["begin 7", ...START]);
  assert.deepEqual(started({ reset: true }), ["begin 7", common("Play.Reset"), ...START]);
  assert.deepEqual(started({ transition: true }), ["begin 7", common("Play.Transition"), ...START]);
  assert.deepEqual(said((to) => announce.recordingStarted(to, stream())), [
    "recorded 7",
    "begin 7",
    ...START,
  ]);
  const again = (reset: boolean) => said((to) => announce.playAgain(to, stream(), reset));
  assert.deepEqual(again(false), [code("Play.Start")]);
  assert.deepEqual(again(true), [common("Play.Reset"), code("Play.Start")]);
});

test("a play stops as it was asked to, or because its stream is over", () => {
  assert.deepEqual(said((to) => announce.playStopped(to, stream())), ["eof 7", code("Play.Stop")]);
  assert.deepEqual(said((to) => announce.playEnded(to, stream(), "The publisher has left.")), [
    "notice 7 NetStream.Play.UnpublishNotify",
    "eof 7",
    "notice 7 NetStream.Play.Stop",
  ]);
  assert.deepEqual(said((to) => announce.playPublished(to, stream())), [
    "notice 7 NetStream.Play.PublishNotify",
  ]);
  assert.deepEqual(said((to) => announce.playTooSlow(to, stream())), [
    code("Play.InsufficientBW"),
  ]);
});

test("a switch is let happen, happens, or follows what is over", () => {
  assert.deepEqual(said((to) => announce.switchAccepted(to, stream())), [code("Play.Transition")]);
  assert.deepEqual(said((to) => announce.switchCompleted(to, stream())), [
    code("Play.TransitionComplete"),
  ]);
  assert.deepEqual(said((to) => announce.playMovedOn(to, stream())), [code("Play.Switch")]);
});

test("a recording is sought in, runs dry, fails, or is played to its end", () => {
  assert.deepEqual(said((to) => announce.recordingSought(to, stream())), [
    ...["eof 7", "recorded 7", "begin 7", code("Seek.Notify"), code("Play.Start")],
  ]);
  assert.deepEqual(said((to) => announce.recordingDry(to, stream())), ["dry 7"]);
  assert.deepEqual(said((to) => announce.recordingFailed(to, stream(), "It ends early.")), [
    ...[code("Play.Failed"), "eof 7", code("Play.Stop")],
  ]);
  const end = { time: 90, seconds: 1.5, bytes: 700 };
  assert.deepEqual(said((to) => announce.recordingFinished(to, stream(), end)), [
    "data 7 onPlayStatus at 90: NetStream.Play.Complete status 1.5 700",
    ...["eof 7", code("Play.Stop")],
  ]);
});

test("a pause ends what comes, and what goes on begins; of a recording ahead of the word of it", () => {
  const told = (more: object) => said((to) => announce.playPaused(to, stream(more)));
  for (const recorded of [false, true]) {
    assert.deepEqual(told({ paused: true, recorded }), [code("Pause.Notify"), "eof 7"]);
  }
  assert.deepEqual(told({ paused: false }), [code("Unpause.Notify"), "begin 7"]);
  assert.deepEqual(told({ paused: false, recorded: true }), ["begin 7", code("Unpause.Notify")]);
});

test("a switch between live and recorded says what kind follows, one within a kind does not", () => {
  const complete = "NetStream.Play.TransitionComplete";
  const lines = (time?: number, changes?: boolean) =>
    said((to) => announce.switchCompleted(to, stream(), time, changes));
  assert.deepEqual(lines(), [`status 7 ${complete}`]);
  assert.deepEqual(lines(undefined, true), ["begin 7", `status 7 ${complete}`]);
  const [data] = lines(500);
  assert.match(data!, new RegExp(`^data 7 onPlayStatus at 500: ${complete} status`));
  assert.deepEqual(lines(500, true), ["recorded 7", "begin 7", data]);
});
