/** A hub without a protocol: frames are encoded as one letter, and a sink collects them. */
import assert from "node:assert/strict";
import {
  type FrameEncoder,
  FrameFlag,
  FrameKind,
  type MediaFrame,
  type PlayEnd,
  type Player,
  type PlayerChannel,
  type PlayerObserver,
  type PlayerSink,
} from "../../src/hub/mod.ts";

/** Encodes a frame as its payload alone. */
export const plainEncoder: FrameEncoder = {
  key: "plain",
  accepts: () => true,
  flags: ({ flags }) => flags,
  size: (frame) => frame.payload.length,
  encode: (frame, target, offset) => target.set(frame.payload, offset),
};

/** Video only. */
export const videoEncoder: FrameEncoder = {
  ...plainEncoder,
  key: "video",
  accepts: (kind) => kind !== FrameKind.Audio,
};

const bytes = (text: string) => new TextEncoder().encode(text);

/** A video key frame whose payload is `text`. */
export const key = (text: string): MediaFrame => ({
  kind: FrameKind.Video,
  timestamp: 0,
  payload: bytes(text),
  flags: FrameFlag.Key,
});

/** A video inter frame. */
export const inter = (text: string): MediaFrame => ({ ...key(text), flags: FrameFlag.Inter });

/** A video frame that nothing refers to. */
export const disposable = (text: string): MediaFrame => ({
  ...key(text),
  flags: FrameFlag.Inter | FrameFlag.Disposable,
});

/** A frame of sound. */
export const audio = (text: string): MediaFrame => ({
  ...key(text),
  kind: FrameKind.Audio,
  flags: 0,
});

/** A data message. */
export const data = (text: string): MediaFrame => ({ ...audio(text), kind: FrameKind.Data });

/** A header. */
export const header = (text: string): MediaFrame => ({ ...key(text), flags: FrameFlag.Header });

/** A sink whose connection may be full, fail, or act while it is written to. */
export class ChannelSink implements PlayerSink {
  busy = false;
  /** All that it was handed. */
  all = "";
  #taken = 0;
  /** Writes past the sink. */
  direct = 0;
  full = false;
  /** No other than through `pump`. */
  closed = false;
  faults: unknown[] = [];
  onWrite: (() => void) | undefined;
  player: Player | undefined;

  get channel(): PlayerChannel | undefined {
    if (this.closed || this.busy) return undefined;
    return {
      write: (bytes) => {
        this.direct++;
        return this.#write(bytes);
      },
    };
  }

  #write(bytes: Uint8Array): boolean {
    assert.equal(this.busy, false, "one write is in flight at most");
    this.all += new TextDecoder().decode(bytes);
    this.onWrite?.();
    return !this.full;
  }

  pump(): void {
    while (!this.busy) {
      const bytes = this.player?.next();
      if (bytes === undefined) return;
      if (this.#write(bytes)) continue;
      this.busy = true;
      this.player?.fallOut();
    }
  }

  onBlocked(): void {
    this.busy = true;
  }

  onFault(error: unknown): void {
    this.faults.push(error);
  }

  drain(): void {
    this.full = this.busy = false;
    this.pump();
  }

  /** What it was handed since the last call. */
  take(): string {
    const text = this.all.slice(this.#taken);
    this.#taken = this.all.length;
    return text;
  }
}

/** A sink that can be made busy, and keeps what it was handed. */
export class CollectingSink implements PlayerSink {
  busy = false;
  text = "";
  writes: Uint8Array[] = [];
  player: Player | undefined;

  pump(): void {
    while (!this.busy) {
      const chunk = this.player?.next();
      if (chunk === undefined) return;
      this.writes.push(chunk);
      this.text += new TextDecoder().decode(chunk);
    }
  }

  /** What arrived since the last call. */
  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }
}

/** Remembers what it was told. */
export class Observer implements PlayerObserver {
  started = 0;
  ended: PlayEnd[] = [];
  onStart(): void {
    this.started++;
  }
  onEnd(reason: PlayEnd): void {
    this.ended.push(reason);
  }
}
