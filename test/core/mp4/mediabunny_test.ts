/** Files that are written here, read by a library of others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input, type InputTrack } from "mediabunny";
import { ENHANCED_NAMES, enhancedMedia } from "../../support/enhanced.ts";
import { collect, type Collected, finishedMp4, mp4Of } from "../../support/mux.ts";

function collected(name: string): Collected[] {
  const tags = enhancedMedia(name).map(({ payload, ...rest }) => ({ ...rest, body: payload }));
  const { tracks } = collect(tags);
  // Pictures first, in the order of their ids.
  return tracks.sort((one, other) =>
    one.track.id % 2 === other.track.id % 2
      ? one.track.id - other.track.id
      : other.track.id % 2 - one.track.id % 2
  );
}

async function tracksOf(bytes: Uint8Array): Promise<InputTrack[]> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  return [...await input.getVideoTracks(), ...await input.getAudioTracks()];
}

/** Every packet: presentation time (s), whether it is a key, bytes. */
async function packetsOf(track: InputTrack) {
  const packets: { at: number; key: boolean; data: number[] }[] = [];
  for await (const { timestamp, type, data } of new EncodedPacketSink(track).packets()) {
    packets.push({ at: timestamp, key: type === "key", data: [...data] });
  }
  return packets;
}

for (const name of ENHANCED_NAMES) {
  test(`a library finds in fMP4 the tracks and samples that were put in: ${name}`, async () => {
    const tracks = collected(name);
    const read = await tracksOf(mp4Of(tracks, 300));
    assert.equal(read.length, tracks.length);
    for (const [index, { track: { format }, samples }] of tracks.entries()) {
      const track = read[index]!;
      assert.equal(track.codec, format.codec);
      if (track.isVideoTrack() && format.kind === "video") {
        assert.deepEqual([track.codedWidth, track.codedHeight], [format.width, format.height]);
        const config = await track.getDecoderConfig();
        // The library has one name for H.265 in both ways of keeping parameter sets, and of AV1 and VP9
        // it writes colours and levels in its own way.
        const codec = config!.codec.replace(/^hev1/, "hvc1");
        const exact = format.nalLength > 0 ? format.codecString : format.codecString.slice(0, 7);
        assert.equal(codec.slice(0, exact.length), exact);
      } else if (track.isAudioTrack() && format.kind === "audio") {
        assert.deepEqual(
          [track.sampleRate, track.numberOfChannels],
          [format.sampleRate, format.channels],
        );
      }
      const wanted = samples.map(({ dts, composition, key, data }) => ({
        at: (dts + composition) / format.timescale,
        ...{ key, data: [...data] },
      }));
      const packets = await packetsOf(track);
      assert.deepEqual(packets.map(({ data }) => data), wanted.map(({ data }) => data));
      assert.deepEqual(packets.map(({ key }) => key), wanted.map(({ key }) => key));
      for (const [packet, { at }] of packets.entries()) {
        assert.ok(Math.abs(at - wanted[packet]!.at) < 1e-6, `${packet}: ${at}`);
      }
    }
  });
}

test("a library finds the key frames of a finished file by its index", async () => {
  const tracks = collected("ff-hevc-opus");
  const [first] = tracks;
  const keys = first!.samples.filter(({ key }) => key).map(({ dts, composition }) =>
    (dts + composition) / first!.track.format.timescale
  );
  assert.ok(keys.length >= 2, `${keys.length}`);
  // With room for every fragment, and for less than that.
  for (const references of [50, keys.length, 1]) {
    const bytes = finishedMp4(tracks, { references });
    const [video] = await tracksOf(bytes);
    const sink = new EncodedPacketSink(video!);
    for (const [index, key] of keys.entries()) {
      const until = keys[index + 1] ?? key + 0.5;
      for (const time of [key, (key + until) / 2, until - 0.001]) {
        const packet = await sink.getKeyPacket(time);
        assert.ok(Math.abs(packet!.timestamp - key) < 1e-6, `${time}: ${packet?.timestamp}`);
      }
    }
    const duration = Math.max(
      ...tracks.map(({ track: { format }, samples }) => {
        const last = samples.at(-1)!;
        return (last.dts + last.duration) / format.timescale;
      }),
    );
    assert.ok(Math.abs(await video!.input.computeDuration() - duration) < 0.05);
  }
});
