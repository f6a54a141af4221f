/** Who makes room where there is none left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeToGiveUp } from "../../src/hub/fair_room.ts";

test("the oldest place goes of who has most, with the one that is wanted counted as taken", () => {
  const cases: [owners: string, wants: string, goes: number | undefined][] = [
    ["ab", "c", undefined],
    ["", "c", undefined],
    ["ab", "a", 0],
    ["ab", "b", 1],
    ["abb", "c", 1],
    ["abba", "c", 1],
    ["abba", "a", 0],
    ["babab", "a", 1],
    ["abcc", "b", 1],
  ];
  for (const [owners, wants, goes] of cases) {
    const places = [...owners].map((owner, place) => [place, owner] as const);
    assert.equal(placeToGiveUp(places, wants), goes, `${wants} wants one of ${owners}`);
  }
});
