/** When a page plays a stream without its sound or its pictures, and when with both again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webModule } from "../support/web_module.ts";

type Kind = "audio" | "video";
interface Kinds {
  readonly audio: boolean;
  readonly video: boolean;
  readonly keyFrame: boolean;
}
interface OneSided {
  came(kinds: Kinds, now: number): void;
  missing(stands: boolean): Kind | undefined;
  isWhole(kinds: Kinds, now: number): boolean;
}

const { OneSided } = await webModule<{
  OneSided: new (options: { without?: Kind; patienceMs: number }) => OneSided;
}>("one_sided.js");

const NOTHING = { audio: false, video: false, keyFrame: false };
const SOUND = { ...NOTHING, audio: true };
const PICTURE = { ...NOTHING, video: true };
const KEY_FRAME = { ...PICTURE, keyFrame: true };

for (
  const [goes, stays, away] of [[SOUND, PICTURE, "video"], [PICTURE, SOUND, "audio"]] as const
) {
  test(`${away} that is away for longer than it may be is missing, once playback stands`, () => {
    const sides = new OneSided({ patienceMs: 2000 });
    sides.came(stays, 100);
    sides.came(goes, 100);
    sides.came(goes, 2100);
    assert.equal(sides.missing(true), undefined, "not longer");
    sides.came(goes, 2101);
    assert.equal(sides.missing(false), undefined, "it plays");
    assert.equal(sides.missing(true), away);
    sides.came(stays, 2102);
    assert.equal(sides.missing(true), undefined, "it came");
  });

  test(`${away} that never came is missing too`, () => {
    const sides = new OneSided({ patienceMs: 2000 });
    for (const now of [100, 1100, 2100]) sides.came(goes, now);
    assert.equal(sides.missing(true), undefined, "not longer");
    sides.came(goes, 2101);
    assert.equal(sides.missing(true), away);
  });

  test(`${away} is not missing that comes a moment behind the rest after a silence of both`, () => {
    const sides = new OneSided({ patienceMs: 2000 });
    sides.came(stays, 0);
    sides.came(goes, 10);
    sides.came(goes, 9000);
    assert.equal(sides.missing(true), undefined);
    for (const now of [10_000, 11_000, 11_001]) sides.came(goes, now);
    assert.equal(sides.missing(true), away);
  });
}

test("nothing is missing of a stream of which nothing comes", () => {
  const sides = new OneSided({ patienceMs: 2000 });
  sides.came(NOTHING, 0);
  assert.equal(sides.missing(true), undefined);
  sides.came(SOUND, 90_000);
  sides.came(PICTURE, 90_001);
  sides.came(NOTHING, 190_000);
  assert.equal(sides.missing(true), undefined);
});

test("what is left out already is not missed", () => {
  const sides = new OneSided({ without: "video", patienceMs: 2000 });
  sides.came(SOUND, 0);
  sides.came(SOUND, 9000);
  assert.equal(sides.missing(true), undefined);
});

test("pictures are back once they come behind a key frame, other than those that the server kept", () => {
  const sides = new OneSided({ without: "video", patienceMs: 2000 });
  const is = (kinds: Kinds, now: number) => {
    sides.came(kinds, now);
    return sides.isWhole(kinds, now);
  };
  assert.equal(is(PICTURE, 500), false);
  assert.equal(is(PICTURE, 1500), false, "nothing to begin with");
  assert.equal(is(KEY_FRAME, 1501), true);
});

test("pictures that come on behind a key frame which the server kept are back", () => {
  const sides = new OneSided({ without: "video", patienceMs: 2000 });
  const is = (kinds: Kinds, now: number) => {
    sides.came(kinds, now);
    return sides.isWhole(kinds, now);
  };
  assert.equal(is(KEY_FRAME, 500), false);
  assert.equal(is(KEY_FRAME, 1499), false, "from the GOP cache");
  assert.equal(is(SOUND, 1500), false);
  assert.equal(is(PICTURE, 1500), true);
});

test("sound is back with any of it, and a whole stream is never told to be back", () => {
  const sides = new OneSided({ without: "audio", patienceMs: 2000 });
  sides.came(PICTURE, 0);
  assert.equal(sides.isWhole(KEY_FRAME, 1000), false);
  assert.equal(sides.isWhole(SOUND, 1000), true);
  const whole = new OneSided({ patienceMs: 2000 });
  whole.came(SOUND, 0);
  assert.equal(whole.isWhole({ audio: true, video: true, keyFrame: true }, 1000), false);
});
