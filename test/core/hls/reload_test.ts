/** Which reload is answered, waits, or is refused [RFC 8216bis §6.2.5.2]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  advancePartLimit,
  MediaWindow,
  NO_DIRECTIVES,
  parseDirectives,
  reloadState,
} from "../../../src/core/hls/mod.ts";

const read = (query: string) => parseDirectives(new URLSearchParams(query));

test("directives are small numbers, a part only with a segment, and a wish for a delta", () => {
  assert.deepEqual(read(""), NO_DIRECTIVES);
  assert.deepEqual(NO_DIRECTIVES, { msn: undefined, part: undefined, skip: false });
  assert.deepEqual(read("_HLS_msn=7"), { msn: 7, part: undefined, skip: false });
  assert.deepEqual(read("_HLS_msn=7&_HLS_part=0"), { msn: 7, part: 0, skip: false });
  assert.equal(read("_HLS_skip=YES")!.skip, true);
  assert.equal(read("_HLS_skip=v2")!.skip, true);
  assert.equal(read("_HLS_skip=NO")!.skip, false);
  assert.equal(read(`_HLS_msn=${"9".repeat(15)}`)!.msn, 999_999_999_999_999);
  for (
    const odd of [
      `msn=${"9".repeat(16)}`,
      "msn=",
      "msn=-1",
      "msn=1.5",
      "part=1",
      "msn=1&_HLS_part=-1",
    ]
  ) {
    assert.equal(read(`_HLS_${odd}`), undefined, odd);
  }
});

test("parts of three seconds may be asked for behind the last one, and three of long ones", () => {
  assert.equal(advancePartLimit(0), 3);
  assert.equal(advancePartLimit(-1), 3);
  assert.equal(advancePartLimit(1), 270_000);
  assert.equal(advancePartLimit(30_000), 9);
  assert.equal(advancePartLimit(29_999), 10);
  assert.equal(advancePartLimit(89_999), 4);
  assert.equal(advancePartLimit(90_000), 3);
});

/** A playlist with segments 0 to 2 of three parts each, and `open` parts of segment 3. */
function listed(open: number) {
  const limits = {
    targetDuration: 90_000,
    partTarget: 30_000,
    listed: 1e9,
    bytes: 1e9,
    segments: 9,
  };
  const window = new MediaWindow<number>(limits, (size) => size);
  const parts = (count: number) => {
    window.begin({ uri: "s", programTime: "t", discontinuity: false, map: undefined });
    for (let index = 0; index < count; index++) {
      window.add({ uri: "p", duration: 30_000, independent: true, body: 1 });
    }
  };
  for (let msn = 0; msn < 3; msn++) {
    parts(3);
    window.close();
  }
  if (open > 0) parts(open);
  const state = (msn?: number, part?: number) => reloadState(window, { msn, part, skip: false });
  return { window, state };
}

test("what there is is given at once, and what comes next is waited for", () => {
  const { state } = listed(2);
  assert.equal(state(), "ready");
  assert.equal(state(0), "ready");
  assert.equal(state(2), "ready");
  assert.equal(state(3), "wait");
  assert.equal(state(4), "wait");
  assert.equal(state(5), "too-far");
  assert.equal(state(3, 0), "ready");
  assert.equal(state(3, 1), "ready");
  assert.equal(state(3, 2), "wait");
  assert.equal(state(3, 10), "wait");
  assert.equal(state(3, 11), "too-far");
  assert.equal(state(4, 0), "wait");
  assert.equal(state(4, 8), "wait");
  assert.equal(state(4, 9), "too-far");
  assert.equal(state(5, 0), "too-far");
});

test("a part behind the last one of a segment is the first one of the next", () => {
  assert.equal(listed(1).state(2, 3), "ready");
  const { state } = listed(0);
  assert.equal(state(2, 2), "ready");
  assert.equal(state(2, 3), "wait");
  assert.equal(state(1, 3), "ready");
  assert.equal(state(3, 0), "wait");
  assert.equal(state(3, 8), "wait");
  assert.equal(state(3, 9), "too-far");
});

test("of a playlist that is over everything is ready, and of segments that are gone as well", () => {
  const { window, state } = listed(1);
  window.dropOldest();
  assert.equal(state(0, 9), "ready");
  window.end();
  assert.equal(state(99, 99), "ready");
});
