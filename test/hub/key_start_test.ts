/** What is kept of a publisher until its first key frame. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyStart } from "../../src/hub/key_start.ts";
import { StandIn } from "../../src/hub/stand_in.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";

const DATA = Uint8Array.of(1, 2, 3);

/** What is handed on, as kind or handler, time and bytes. */
function released(start: KeyStart): string[] {
  const seen: string[] = [];
  start.release({
    push: (kind, timestamp, { length }, now) =>
      void seen.push(`${kind} ${timestamp} ${length} ${now}`),
    setData: (handler, timestamp, { length }, now) =>
      void seen.push(`${handler} ${timestamp} ${length} ${now}`),
  }, 99);
  return seen;
}

test("it begins with the first key frame, and headers and stored data go before it", () => {
  const start = new KeyStart();
  start.setData("onMetaData", 5, DATA);
  assert.equal(start.take(9, 10, VIDEO_HEADER, 0), false);
  assert.equal(start.take(8, 20, AUDIO_HEADER, 0), false);
  assert.equal(start.take(8, 30, audioFrame(), 5000), false);
  assert.equal(start.take(9, 40, interFrame(), 5000), false);
  assert.equal(start.take(18, 40, DATA, 5000), false);
  assert.equal(start.take(9, 50, new Uint8Array(0), 5000), false);
  assert.equal(start.take(9, 60, keyFrame(), 5000), true);
  assert.deepEqual(released(start), [
    "onMetaData 5 3 99",
    `9 10 ${VIDEO_HEADER.length} 99`,
    `8 20 ${AUDIO_HEADER.length} 99`,
  ]);
});

test("sound without any picture begins after a second, beside pictures it waits for ten", () => {
  const alone = new KeyStart();
  assert.equal(alone.take(8, 0, audioFrame(), 500), false);
  assert.equal(alone.take(8, 0, audioFrame(), 1499), false);
  assert.equal(alone.take(8, 0, audioFrame(), 1500), true);
  const beside = new KeyStart();
  beside.take(9, 0, interFrame(), 500);
  assert.equal(beside.take(8, 0, audioFrame(), 10_499), false);
  assert.equal(beside.take(9, 0, interFrame(), 10_499), false);
  assert.equal(beside.take(9, 0, VIDEO_HEADER, 10_500), false, "a header is no beginning");
  assert.equal(beside.take(18, 0, DATA, 10_500), false, "nor is data");
  assert.equal(beside.take(8, 0, audioFrame(), 10_500), true);
});

test("so many headers and bytes are kept, and with more it begins at once", () => {
  const many = new KeyStart();
  for (let count = 0; count < 64; count++) assert.equal(many.take(9, 0, VIDEO_HEADER, 0), false);
  assert.equal(many.take(9, 0, VIDEO_HEADER, 0), true);
  assert.equal(released(many).length, 64);
  const large = new KeyStart();
  const header = new Uint8Array(64 * 1024);
  header.set(VIDEO_HEADER);
  assert.equal(large.take(9, 0, header, 0), false);
  assert.equal(large.take(9, 0, header, 0), false);
  assert.equal(large.take(9, 0, VIDEO_HEADER, 0), true);
});

test("stored data is the newest of each name, within the same bounds, without what was cleared", () => {
  const start = new KeyStart();
  start.setData("a", 1, DATA);
  start.setData("b", 2, DATA);
  start.setData("a", 3, new Uint8Array(5));
  start.clearData("b");
  start.clearData("never");
  assert.deepEqual(released(start), ["a 3 5 99"]);
  const half = new Uint8Array(64 * 1024);
  start.clearData("a");
  start.setData("c", 0, half);
  start.setData("d", 0, half);
  start.setData("e", 0, DATA);
  assert.deepEqual(released(start).map((text) => text[0]), ["c", "d"]);
  start.setData("c", 4, DATA);
  start.setData("e", 5, DATA);
  assert.deepEqual(released(start), ["d 0 65536 99", "c 4 3 99", "e 5 3 99"]);
  const many = new KeyStart();
  for (let count = 0; count < 70; count++) many.setData(`h${count}`, 0, DATA);
  assert.equal(released(many).length, 64);
});

test("what is kept is a copy", () => {
  const start = new KeyStart();
  const header = VIDEO_HEADER.slice();
  const data = DATA.slice();
  start.take(9, 0, header, 0);
  start.setData("a", 0, data);
  header.fill(0);
  data.fill(0);
  start.release({
    push: (_kind, _time, payload) => assert.deepEqual(payload, VIDEO_HEADER),
    setData: (_handler, _time, payload) => assert.deepEqual(payload, DATA),
  }, 0);
});

test("what stands for a publisher begins anew with each other thing that it shows, as long as it may", () => {
  const told: string[] = [];
  const stage = {
    standIn: undefined as StandIn | undefined,
    restart: (now: number) => void told.push(`restart ${now}`),
    push: (kind: number, time: number, _payload: Uint8Array, now: number) =>
      void told.push(`push ${kind} ${time} ${now}`),
    setData: (handler: string, time: number, _payload: Uint8Array, now: number) =>
      void told.push(`data ${handler} ${time} ${now}`),
    standInOver: (now: number, waited: boolean) => void told.push(`over ${now} ${waited}`),
  };
  const standIn = stage.standIn = new StandIn(stage, "slate", () => told.push("taken"));
  assert.deepEqual([standIn.label, standIn.active, standIn.shown], ["slate", true, false]);
  standIn.setData("a", 1, DATA, 2);
  standIn.push(9, 3, DATA, 4);
  assert.equal(standIn.shown, true);
  assert.deepEqual(told.splice(0), ["restart 2", "data a 1 2", "push 9 3 4"]);
  standIn.change("backup");
  assert.deepEqual([standIn.label, standIn.shown], ["backup", false]);
  standIn.push(8, 5, DATA, 6);
  assert.deepEqual(told.splice(0), ["restart 6", "push 8 5 6"]);
  standIn.end(7);
  standIn.end(8, true);
  standIn.over();
  assert.deepEqual(told.splice(0), ["over 7 false", "over 8 true", "taken"]);
  stage.standIn = undefined;
  standIn.push(9, 0, DATA, 9);
  standIn.setData("a", 0, DATA, 9);
  standIn.end(9);
  assert.deepEqual([told, standIn.active, standIn.shown], [[], false, false]);
});
