/**
 * Another stream, as it is shown in place of one whose publisher is away.
 *
 * @module
 */
import { parseDataMessage } from "../../core/rtmp/session/data_message.ts";
import {
  FrameFlag,
  FrameKind,
  type FrameTap,
  KeyStart,
  type LiveStream,
  type MediaFrame,
} from "../../hub/mod.ts";

/** Who shows it. */
export interface BackupSink {
  /** It is to be shown from now on: a key frame follows. */
  onReady(now: number): void;
  /** A message to be shown; `isHeader`: it is for those that join later, too. */
  onMessage(
    kind: number,
    timestamp: number,
    payload: Uint8Array,
    now: number,
    isHeader: boolean,
  ): void;
  /** There is nothing of it any more. Called once, in the middle of what somebody else does. */
  onGone(): void;
  onFault(error: unknown): void;
}

/** A stream that stands for another one. */
export class Backup implements FrameTap {
  readonly stays = true;
  readonly ownOnly = true;
  readonly #sink: BackupSink;
  /** What has come until it is shown. */
  #start: KeyStart | undefined = new KeyStart();
  #untap: (() => void) | undefined;
  /** It is about to get what is cached. */
  #joining = true;
  readonly #waits: boolean;
  #over = false;

  /** @param waits for its next key frame, as something else is shown meanwhile; else its GOP is shown at once */
  constructor(sink: BackupSink, waits: boolean) {
    this.#sink = sink;
    this.#waits = waits;
  }

  /** Begins, with what `stream` has cached. */
  join(stream: LiveStream, now: number): void {
    this.#untap = stream.tap(this, now);
    this.#joining = false;
    if (this.#over) this.#untap();
  }

  onFrame(frame: MediaFrame, now: number): void {
    if (this.#over) return;
    const { kind, timestamp, payload, flags } = frame;
    const isHeader = (flags & FrameFlag.Header) !== 0;
    const start = this.#start;
    if (start === undefined) {
      return this.#sink.onMessage(kind, timestamp, payload, now, isHeader);
    }
    if (kind === FrameKind.Data) {
      const handler = parseDataMessage(kind, payload)?.handler;
      if (isHeader && handler !== undefined) start.setData(handler, timestamp, payload);
      return;
    }
    if (this.#joining && this.#waits && !isHeader) return;
    if (!start.take(kind, timestamp, payload, now)) return;
    this.#start = undefined;
    this.#sink.onReady(now);
    const sink = this.#sink;
    start.release({
      push: (...message) => sink.onMessage(...message, true),
      setData: (_, time, body) => sink.onMessage(FrameKind.Data, time, body, now, true),
    }, now);
    sink.onMessage(kind, timestamp, payload, now, isHeader);
  }

  onPublish(): void {
    // Another publisher of it has headers of its own.
    this.#start = new KeyStart();
  }

  onUnpublish(): void {
    this.#gone();
  }

  onFault(error: unknown): void {
    this.#sink.onFault(error);
    this.#gone();
  }

  #gone(): void {
    if (this.#over) return;
    this.close();
    this.#sink.onGone();
  }

  /** It is shown no more. */
  close(): void {
    this.#over = true;
    this.#untap?.();
  }
}
