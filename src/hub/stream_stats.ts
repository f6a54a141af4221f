/**
 * Counters of one stream, and the rates made from them.
 *
 * @module
 */
import { FrameKind } from "./frame.ts";
import { RateMeter } from "./rate_meter.ts";

/** Counters of one stream. The hot path increments, {@link StreamStats.sample} does the rest. */
export class StreamStats {
  /** When the current publisher began (ms). */
  publishedAt: number;
  /** Payload bytes of the publishers before the current one. */
  bytesBefore = 0;
  /** Payload bytes of the current publisher. */
  bytesIn = 0;
  videoBytes = 0;
  audioBytes = 0;
  videoFrames = 0;
  audioFrames = 0;
  /** Bytes per second, and video frames per second, as measured. */
  videoRate: RateMeter;
  audioRate: RateMeter;
  frameRate: RateMeter;
  /** Bytes per second that go to all players. */
  readonly sentRate: RateMeter;

  constructor(now: number) {
    this.publishedAt = now;
    this.videoRate = new RateMeter(now);
    this.audioRate = new RateMeter(now);
    this.frameRate = new RateMeter(now);
    this.sentRate = new RateMeter(now);
  }

  /** A new publisher: what describes the publisher starts anew. */
  restart(now: number): void {
    this.publishedAt = now;
    this.bytesBefore += this.bytesIn;
    this.bytesIn = this.videoBytes = this.audioBytes = 0;
    this.videoFrames = this.audioFrames = 0;
    this.videoRate = new RateMeter(now);
    this.audioRate = new RateMeter(now);
    this.frameRate = new RateMeter(now);
  }

  /** Counts one message. */
  count(kind: number, bytes: number): void {
    this.bytesIn += bytes;
    if (kind === FrameKind.Video) {
      this.videoBytes += bytes;
      this.videoFrames++;
    } else if (kind === FrameKind.Audio) {
      this.audioBytes += bytes;
      this.audioFrames++;
    }
  }

  /** Updates the rates; call it about once a second. `bytesOut` is what was sent so far. */
  sample(now: number, bytesOut = 0): void {
    this.sentRate.sample(bytesOut, now);
    this.videoRate.sample(this.videoBytes, now);
    this.audioRate.sample(this.audioBytes, now);
    this.frameRate.sample(this.videoFrames, now);
  }
}
