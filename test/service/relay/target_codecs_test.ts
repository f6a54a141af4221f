/** What targets take, and what of a stream they are not sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FourCc } from "../../../src/core/media/mod.ts";
import type { Capabilities } from "../../../src/core/rtmp/session/mod.ts";
import { leftOutOf } from "../../../src/service/relay/left_out.ts";
import {
  codecsKey,
  codecsOf,
  takes,
  type TargetCodecs,
} from "../../../src/service/relay/target_codecs.ts";
import { keyFrame } from "../../support/media.ts";
import { RelayRig } from "./relay_rig.ts";

const said = (more: Partial<Capabilities> = {}): Capabilities => ({
  enhanced: false,
  fourCcList: undefined,
  videoFourCcs: new Map(),
  audioFourCcs: new Map(),
  flags: 0,
  ...more,
} as Capabilities);

test("a target takes what it announces, or what its operator says in place of that", () => {
  const none = codecsOf(said(), {});
  assert.deepEqual(none, { enhanced: false, fourCcs: new Set(), multitrack: false });
  assert.equal(takes(none, FourCc.Hevc), false);
  const silent = codecsOf(said({ enhanced: true }), {});
  assert.deepEqual(silent, { enhanced: true, fourCcs: undefined, multitrack: false });
  assert.equal(takes(silent, FourCc.Hevc), true);
  const listed = codecsOf(said({ enhanced: true, fourCcList: ["hvc1"] }), {});
  assert.deepEqual(listed.fourCcs, new Set(["hvc1"]));
  assert.deepEqual([takes(listed, FourCc.Hevc), takes(listed, FourCc.Av1)], [true, false]);
  const maps = {
    enhanced: true,
    videoFourCcs: new Map([["av01", 1]]),
    audioFourCcs: new Map([["Opus", 1]]),
  };
  assert.deepEqual(codecsOf(said(maps), {}).fourCcs, new Set(["av01", "Opus"]));
  assert.equal(
    codecsOf(said({ enhanced: true, fourCcList: ["*", "hvc1"] }), {}).fourCcs,
    undefined,
  );
  // Whatever it announced.
  for (const capabilities of [said(), said({ enhanced: true, fourCcList: ["av01"] })]) {
    const named = codecsOf(capabilities, { codecs: ["hvc1"] });
    assert.deepEqual([named.enhanced, named.fourCcs], [true, new Set(["hvc1"])]);
    const old = codecsOf(capabilities, { codecs: [] });
    assert.deepEqual([old.enhanced, old.fourCcs], [false, new Set()]);
  }
});

test("what is taken has one name, whatever its order", () => {
  const of = (more: Partial<TargetCodecs>) =>
    codecsKey({ enhanced: true, fourCcs: undefined, multitrack: false, ...more });
  assert.equal(of({}), "*");
  assert.equal(of({ multitrack: true }), "*:m");
  assert.equal(of({ enhanced: false }), "-");
  assert.equal(of({ fourCcs: new Set(["vp09", "av01"]) }), "av01+vp09");
});

test("tracks that a target is not sent are named, and those that nobody asked for are not", () => {
  const rig = new RelayRig();
  const publisher = rig.publish();
  const track = (kind: 8 | 9, id: number, fourCc: string) =>
    publisher.push(
      kind,
      0,
      Uint8Array.of(
        kind === 9 ? 0x96 : 0x95,
        0x01,
        ...new TextEncoder().encode(fourCc),
        ...[id, 1, 2, 3, 4, 5],
      ),
      0,
    );
  publisher.push(9, 0, keyFrame(), 0);
  track(9, 1, "hvc1");
  track(9, 2, "avc1");
  track(8, 1, "Op\x01s");
  const left = (
    codecs: Partial<TargetCodecs>,
    options: Parameters<typeof leftOutOf>[2] = {},
  ) =>
    leftOutOf(rig.stream!, {
      enhanced: true,
      fourCcs: undefined,
      multitrack: true,
      ...codecs,
    }, options);
  assert.deepEqual(left({}), []);
  assert.deepEqual(left({ multitrack: false }), [
    "video 1: another track",
    "video 2: another track",
    "audio 1: another track",
  ]);
  assert.deepEqual(left({ fourCcs: new Set(["avc1"]) }), ["video 1: hvc1", "audio 1: Op?s"]);
  assert.deepEqual(left({ enhanced: false, fourCcs: new Set() }), [
    "video 1: hvc1",
    "audio 1: Op?s",
  ]);
  assert.deepEqual(left({ fourCcs: new Set() }, { video: "none" }), ["audio 1: Op?s"]);
  assert.deepEqual(left({ fourCcs: new Set() }, { video: 2, audio: 0 }), ["video 2: avc1"]);
  assert.deepEqual(
    left({ fourCcs: new Set(), multitrack: false }, { video: "all", audio: "none" }),
    [
      "video 1: hvc1",
      "video 2: avc1",
    ],
  );
});
