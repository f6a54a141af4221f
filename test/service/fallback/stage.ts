/** A service that shows what stands for streams, on a clock that stands still. */
import assert from "node:assert/strict";
import { AmfEcmaArray, encodeAmf0 } from "../../../src/core/amf/mod.ts";
import { audioFlags, videoFlags } from "../../../src/core/media/mod.ts";
import { Faults } from "../../../src/faults.ts";
import { FrameFlag, FrameKind, Hub, type Publisher, type StreamKey } from "../../../src/hub/mod.ts";
import type { OpenRecording } from "../../../src/recordings/library.ts";
import { FallbackService, readFallbackRule } from "../../../src/service/fallback/mod.ts";
import { FakeClock } from "../../support/clock.ts";
import { AUDIO_HEADER, interFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { SETTINGS, settle } from "../../support/rtmp_service.ts";

export const { Audio, Data, Video } = FrameKind;
export const CAM = { app: "live", name: "cam" };
export const SPARE = { app: "live", name: "cam-b" };

export type Message = readonly [kind: number, time: number, payload: Uint8Array];

/** A second of pictures, the first a key frame, marked from 100 on. */
export const FILE: readonly Message[] = [
  [Video, 0, VIDEO_HEADER],
  [Audio, 0, AUDIO_HEADER],
  ...Array.from({ length: 25 }, (_, i): Message => {
    return [Video, i * 40, i === 0 ? keyFrame(60, 100) : interFrame(60, 100 + i)];
  }),
];

/** A service, files that it opens, and a viewer of one stream. */
export class Stage {
  readonly clock = new FakeClock();
  readonly faults = new Faults(() => this.clock.wall());
  readonly hub = new Hub({
    clock: this.clock,
    streams: { ...SETTINGS, reconnectWindowMs: 5000 },
    pacing: SETTINGS.pacing,
    onFault: (error) => assert.fail(String(error)),
  });
  readonly service: FallbackService;
  readonly files = new Map<string, readonly Message[] | Error>([["live/slate.flv", FILE]]);
  /** How long files take to be opened. */
  opening: (path: string) => Promise<void> = () => Promise.resolve();
  /** Files that are open. */
  open = 0;
  closeFails = false;
  readonly seen: { kind: number; time: number; mark: number; flags: number; at: number }[] = [];

  constructor(...rules: string[]) {
    this.service = new FallbackService({
      hub: this.hub,
      faults: this.faults,
      runtime: { clock: this.clock },
      config: {
        rules: rules.map(readFallbackRule).filter((rule) => typeof rule !== "string"),
        windowMs: 5000,
        idleMs: 3000,
      },
      recordings: {
        open: async ({ app, name, container }) => {
          const path = `${app}/${name}.${container}`;
          await this.opening(path);
          const messages = this.files.get(path);
          return messages === undefined ? "missing" : this.#opened(messages);
        },
      },
    });
    this.hub.start();
  }

  #opened(messages: readonly Message[] | Error): OpenRecording {
    this.open++;
    const read = (from: number, take: (message: never) => void) => {
      if (messages instanceof Error) throw messages;
      const block = messages.slice(from, from + 5);
      for (const [kind, time, payload] of block) {
        const media = kind === Video
          ? videoFlags(payload)
          : kind === Audio
          ? audioFlags(payload)
          : 0;
        take({ kind, time, payload, media } as never);
      }
      return block.length === 0 ? undefined : { next: { offset: from + 5 }, isFull: true };
    };
    const file = {
      metadata: encodeAmf0("onMetaData", new AmfEcmaArray([["slate", 1]])),
      place: () => Promise.resolve({ time: 0, offset: 0, headers: [] }),
      read: async ({ offset }: { offset: number }, take: (message: never) => void) =>
        await Promise.resolve().then(() => read(offset, take)),
    };
    const close = () => {
      this.open--;
      if (this.closeFails) throw new Error("no close");
    };
    return { file, path: "", grows: false, close } as never;
  }

  publish(path: StreamKey = CAM): Publisher {
    const info = { sessionId: "1", address: "", client: "", since: 0 };
    const publisher = this.hub.registry.publish(
      path,
      info,
      { onRevoked: () => {} },
      this.clock.now(),
    );
    assert.ok(typeof publisher === "object");
    publisher.push(Video, 0, VIDEO_HEADER, this.clock.now());
    return publisher;
  }

  /** Begins to watch. @returns ends that */
  watch(): () => void {
    return this.hub.registry.get(CAM)!.tap({
      stays: true,
      onFrame: ({ kind, timestamp: time, payload, flags }) =>
        void this.seen.push({ kind, time, mark: payload.at(-1)!, flags, at: this.clock.now() }),
    }, this.clock.now());
  }

  /** Lets time pass, with what is read meanwhile. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let passed = 0; passed < ms; passed += 20) {
      this.clock.advance(Math.min(20, ms - passed));
      await settle();
    }
  }

  /** Marks of pictures since the last call. */
  marks(): number[] {
    return this.seen.splice(0).flatMap(({ kind, mark, flags }) =>
      kind === Video && (flags & FrameFlag.Header) === 0 ? [mark] : []
    );
  }

  key(publisher: Publisher, mark: number): void {
    publisher.push(Video, this.clock.now(), keyFrame(60, mark), this.clock.now());
  }

  leave(publisher: Publisher, lost = true): void {
    this.hub.registry.unpublish(publisher, this.clock.now(), lost);
  }

  get label(): string | undefined {
    const standIn = this.hub.registry.get(CAM)?.standIn;
    return standIn?.shown === true ? standIn.label : undefined;
  }
}
