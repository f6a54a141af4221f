/**
 * A player of a stream, for the tests of players.
 *
 * @module
 */
import {
  Encoding,
  type EncodingSource,
  KeyClock,
  type MediaFrame,
  Player,
} from "../../../src/hub/mod.ts";
import { CollectingSink, Observer, plainEncoder } from "../support.ts";

export const LIMITS = { bytes: 20, ms: 1000, overflows: 3 };

export function setUp(source: Partial<EncodingSource> = {}, limits = LIMITS) {
  const state = { headers: [] as MediaFrame[], hasVideo: true };
  const encoding = new Encoding(plainEncoder, {
    headers: () => state.headers,
    get hasVideo() {
      return state.hasVideo;
    },
    hasVideoTrack: () => state.hasVideo,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
    ...source,
  }, 0);
  const join = (now = 0) => {
    const sink = new CollectingSink();
    const observer = new Observer();
    const player = new Player(sink, observer, limits);
    sink.player = player;
    encoding.add(player, now);
    sink.pump();
    return { sink, observer, player };
  };
  return { encoding, state, join };
}
