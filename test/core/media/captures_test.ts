import { test } from "node:test";
import assert from "node:assert/strict";
import { toHex } from "../amf/hex.ts";
import { audioFlags, describeMedia, MediaFlag, videoFlags } from "../../../src/core/media/mod.ts";
import { capture, type Part } from "../../support/captures.ts";
import { ChunkReader } from "../../support/chunks.ts";
import { mediaVectors } from "./vectors.ts";

/** C0 C1 C2, or S0 S1 S2. */
const HANDSHAKE_LENGTH = 1 + 1536 + 1536;

/** See test/vectors/media/README.md. */
interface CaptureVector {
  readonly capture: string;
  readonly video: {
    profile: string;
    level: number;
    constraint_set3_flag: 0 | 1;
    width: number;
    height: number;
    r_frame_rate: string;
  };
  readonly videoPackets: string;
  readonly audio?: { profile: string; sample_rate: string; channels: number };
  readonly audioPackets: number;
}

/** Audio and video messages of one direction of a capture. */
function messagesOf(name: string): { audio: Uint8Array[]; video: Uint8Array[] } {
  const [capturedAs, part] = name.split(".") as [string, Part];
  const messages = new ChunkReader().read(capture(capturedAs, part).slice(HANDSHAKE_LENGTH));
  const ofType = (type: number) =>
    messages.filter((message) => message.type === type).map(({ payload }) => payload);
  return { audio: ofType(8), video: ofType(9) };
}

/** A letter for each kind of message. */
const LETTERS: Record<number, string> = {
  0: "_",
  [MediaFlag.Key]: "K",
  [MediaFlag.SequenceHeader]: "H",
  [MediaFlag.EndOfSequence]: "E",
};

for (const vector of mediaVectors<CaptureVector>("captures", 11)) {
  const { audio, video } = messagesOf(vector.capture);

  test(`${vector.capture}: key frames and headers are where ffprobe finds them`, () => {
    const letters = video.map((payload) => LETTERS[videoFlags(payload)] ?? "?").join("");
    assert.match(letters, /^H[K_]+E?$/);
    assert.equal(letters.replace(/[HE]/g, ""), vector.videoPackets);
    const audioLetters = audio.map((payload) => LETTERS[audioFlags(payload)] ?? "?").join("");
    assert.equal(audioLetters, vector.audio ? "H" + "_".repeat(vector.audioPackets) : "");
  });

  test(`${vector.capture}: its headers describe what ffprobe describes`, () => {
    const description = describeMedia({ videoHeader: video[0], audioHeader: audio[0] });
    const { profile, level, constraint_set3_flag, width, height, r_frame_rate } = vector.video;
    assert.deepEqual(description.video, {
      codec: "avc",
      codecString: `avc1.${toHex(video[0]!.subarray(6, 9))}`,
      bitDepth: profile === "High 4:4:4 Predictive" ? 10 : 8,
      width,
      height,
      frameRate: Number(r_frame_rate.split("/")[0]),
      profile,
      // ffprobe shows level 1b by its numbers.
      level: level === 9 || (level === 11 && constraint_set3_flag === 1)
        ? "1b"
        : (level / 10).toFixed(1),
    });
    assert.deepEqual(
      description.audio,
      vector.audio && {
        codec: "aac",
        codecString: "mp4a.40.2",
        sampleRate: Number(vector.audio.sample_rate),
        channels: vector.audio.channels,
        profile: vector.audio.profile,
      },
    );
  });
}
