/** An encoding that does not carry all there is: what is encoded of it, and which GOPs count. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Encoding,
  type FrameEncoder,
  FrameKind,
  KeyClock,
  LEFT_OUT,
  MediaMemory,
} from "../../../src/hub/mod.ts";
import { audio, header, inter, key, plainEncoder } from "../support.ts";

/** An encoding of a stream with two tracks: of what begins with `x` it carries nothing, as of sound. */
function ofOneTrack(headers = [header("H")]) {
  const encoder: FrameEncoder = {
    ...plainEncoder,
    accepts: (kind) => kind !== FrameKind.Audio,
    flags: (frame) => frame.payload[0] === 120 ? LEFT_OUT : frame.flags,
  };
  const source = {
    headers: () => headers,
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  };
  const memory = new MediaMemory();
  const encoding = new Encoding(encoder, source, 0, true, memory);
  const text = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);
  return { encoding, source, memory, text };
}

test("of what is not carried nothing is encoded, in the media as in the headers", () => {
  const { encoding, text } = ofOneTrack([
    header("H"),
    header("xH"),
    { ...header("A"), kind: FrameKind.Audio },
  ]);
  assert.equal(text(encoding.prelude()), "H");
  for (const frame of [key("K"), inter("x"), audio("s"), inter("a"), header("x"), key("xK")]) {
    encoding.append(frame, 0);
  }
  const { tail, end } = encoding.log;
  assert.equal(text({ bytes: tail.bytes.subarray(0, end) }), "Ka");
  assert.equal(encoding.headerVersion, 0, "nor is such a header one of its own");
});

test("only whole GOPs of the stream without a key frame of its own are counted", () => {
  const { encoding } = ofOneTrack();
  const { log } = encoding;
  const append = (...texts: string[]) => {
    for (const text of texts) encoding.append(/K/.test(text) ? key(text) : inter(text), 0);
    return log.keyPosition;
  };
  assert.equal(append("K"), 0);
  assert.equal(append("xa", "xb", "xc"), 0, "other pictures of the other track");
  assert.equal(append("xK"), 0, "one GOP");
  assert.equal(append("K"), 1);
  assert.equal(append("xK"), 1, "one again");
  assert.equal(append("xK"), -1);
});

test("headers count as long as somebody may be sent them, and are what is written", () => {
  const { encoding, source, memory } = ofOneTrack();
  const prelude = encoding.prelude();
  assert.equal(memory.used, 1);
  assert.equal(encoding.preludeView(prelude, undefined), prelude.bytes);
  assert.equal(encoding.viewed, prelude);
  source.startTime = 1000;
  assert.equal(encoding.prelude(), prelude, "a second is no difference");
  source.startTime = 1001;
  const later = encoding.prelude();
  assert.notEqual(later, prelude);
  assert.equal(memory.used, 1, "that in its place");
  source.startTime = 1;
  assert.equal(encoding.prelude(), later);
  source.startTime = 0;
  assert.notEqual(encoding.prelude(), later, "nor may it be older");
  encoding.headersChanged();
  assert.equal(memory.used, 0);
});
