/**
 * A player: it notes when its first key frame comes, and then counts bytes. A probe goes on reading
 * to learn how old each picture is.
 *
 * @module
 */
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import type { ClientStream } from "../../src/core/rtmp/session/client/mod.ts";
import { now } from "../clock.ts";
import { LoadClient, type Target } from "./client.ts";
import { isKeyFrame, sentAt } from "./media.ts";

/** What one wants to hear of a player. */
export interface PlayerListener {
  /** Its first key frame is there. */
  onKeyFrame?(player: Player): void;
  /** Makes it a probe: a picture came, sent at the one time and received at the other (ms). */
  onPicture?(sent: number, received: number): void;
}

/** A player of one stream. */
export class Player extends LoadClient {
  /** From connecting to the first key frame (ms); `undefined` before. */
  joinMs: number | undefined;
  readonly #openedAt = now();
  readonly #stream: string;
  readonly #listener: PlayerListener;

  constructor(target: Target, stream: string, listener: PlayerListener = {}) {
    super(target);
    this.#stream = stream;
    this.#listener = listener;
  }

  override onCreated(stream: ClientStream): void {
    this.session!.play(stream, this.#stream);
  }

  override onMedia(_: ClientStream, type: number, _timestamp: number, payload: Uint8Array): void {
    if (type !== MessageType.Video) return;
    const { onPicture } = this.#listener;
    if (onPicture !== undefined) {
      const sent = sentAt(payload);
      if (sent !== undefined) onPicture(sent, now());
    }
    if (this.joinMs !== undefined || !isKeyFrame(payload)) return;
    this.joinMs = now() - this.#openedAt;
    if (onPicture === undefined) this.stopReading();
    this.#listener.onKeyFrame?.(this);
  }
}

/** The name of a stream: player `index` plays stream `index` modulo the number of streams. */
export function streamName(prefix: string, index: number): string {
  return `${prefix}${index}`;
}

/** Which of `players` are probes: `probes` of them, evenly spread over the order of joining. */
export function probeIndices(players: number, probes: number): Set<number> {
  const count = Math.min(players, probes);
  return new Set(
    Array.from({ length: count }, (_, i) => Math.floor((i + 0.5) * players / count)),
  );
}
