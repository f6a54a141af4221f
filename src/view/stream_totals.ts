/**
 * What all streams of a server have counted, those included that are over: numbers that only grow.
 *
 * @module
 */
import type { StreamMeasure, Totals } from "../http/mod.ts";
import type { Hub, LiveStream } from "../hub/mod.ts";

/** What one stream has counted. */
interface Counts {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly droppedFrames: number;
}

/** Streams that are looked at in one step. */
const STREAMS_PER_STEP = 32;

const NONE: Counts = { bytesIn: 0, bytesOut: 0, droppedFrames: 0 };

/** Counts the streams of a hub from now on. */
export class StreamTotals {
  readonly #hub: Hub;
  #streams = 0;
  /** What those had counted that are over. */
  #ended = NONE;
  /** What was told last. */
  #last: Totals = { streams: 0, ...NONE };
  /** What is among that of a stream whose players wait for the next publisher of its name. */
  readonly #told = new WeakMap<LiveStream, Counts>();

  constructor(hub: Hub) {
    this.#hub = hub;
    hub.observe({
      onLive: () => void this.#streams++,
      onEnded: (stream) => {
        const counts = countsOf(stream);
        this.#ended = sum(this.#ended, counts, this.#told.get(stream));
        this.#told.set(stream, counts);
      },
    });
  }

  /**
   * What there is in all, some streams at a time while it is iterated. Streams that end meanwhile are counted once:
   * with what they had told before, or not until the next time, and no number is ever less than it was.
   */
  *totals(): Generator<undefined, Totals> {
    const streams = this.#streams;
    let { bytesIn, bytesOut, droppedFrames } = this.#ended;
    let looked = 0;
    for (const stream of this.#hub.registry.list()) {
      const { stats } = stream;
      const told = this.#told.get(stream) ?? NONE;
      bytesIn += stats.bytesBefore + stats.bytesIn - told.bytesIn;
      bytesOut += stream.bytesOut - told.bytesOut;
      droppedFrames += stream.framesDropped - told.droppedFrames;
      if (++looked % STREAMS_PER_STEP === 0) yield;
    }
    const last = this.#last;
    return this.#last = {
      streams,
      bytesIn: Math.max(bytesIn, last.bytesIn),
      bytesOut: Math.max(bytesOut, last.bytesOut),
      droppedFrames: Math.max(droppedFrames, last.droppedFrames),
    };
  }
}

/** What `stream` measures now; `readers` of its players are none. */
export function measureOf(stream: LiveStream, readers: number): StreamMeasure {
  const { app, name, stats, publisher } = stream;
  const rate = (perSecond: number) => publisher === undefined ? 0 : Math.round(perSecond * 8);
  return {
    app,
    name,
    published: publisher !== undefined,
    players: stream.playerCount - readers,
    ...countsOf(stream),
    videoBitrate: rate(stats.videoRate.perSecond),
    audioBitrate: rate(stats.audioRate.perSecond),
    sentBitrate: Math.round(stats.sentRate.perSecond * 8),
    frameRate: publisher === undefined ? 0 : Math.round(stats.frameRate.perSecond * 100) / 100,
  };
}

function countsOf({ stats, bytesOut, framesDropped }: LiveStream): Counts {
  return { bytesIn: stats.bytesBefore + stats.bytesIn, bytesOut, droppedFrames: framesDropped };
}

function sum(all: Counts, more: Counts, less: Counts = NONE): Counts {
  return {
    bytesIn: all.bytesIn + more.bytesIn - less.bytesIn,
    bytesOut: all.bytesOut + more.bytesOut - less.bytesOut,
    droppedFrames: all.droppedFrames + more.droppedFrames - less.droppedFrames,
  };
}
