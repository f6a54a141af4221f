/**
 * The server as plugins see it and act on it, for as long as it runs.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import type { Hub, LiveStream } from "../hub/mod.ts";
import {
  cleanReason,
  type FrameFeed,
  MAX_FEED_BYTES,
  type PluginRunner,
  type PluginServer,
  type PushWish,
  readPushWishes,
  type RecordedFile,
  type RelayInfo,
  type SessionInfo,
  type StreamInfo,
  TappedFeed,
} from "../plugin/mod.ts";
import type { Clock } from "../ports.ts";
import type { ControlView } from "./control_view.ts";

/** Feeds of media that plugins may read at once. */
export const MAX_FEEDS = 100;

/** Recordings that plugins may have open at once. */
const MAX_OPENED = 100;

const ALL = { limit: Infinity, offset: 0 };

/** The server as plugins see it. */
export class PluginView implements PluginServer {
  readonly #hub: Hub;
  readonly #view: ControlView;
  readonly #clock: Clock;
  readonly #onEnded: (id: string, why: string) => void;
  readonly #feeds = new Map<TappedFeed, LiveStream>();
  readonly #since = new WeakMap<LiveStream, number>();
  #opened = 0;
  #over = false;

  /** `onEnded` is told, for the log, which session a plugin has ended, and why. */
  constructor(
    hub: Hub,
    view: ControlView,
    clock: Clock,
    onEnded: (id: string, why: string) => void = () => {},
  ) {
    this.#hub = hub;
    this.#view = view;
    this.#clock = clock;
    this.#onEnded = onEnded;
  }

  /** Tells the plugins what becomes of streams. */
  tell(plugins: PluginRunner): void {
    this.#hub.observe({
      onLive: (stream, now) => {
        this.#since.set(stream, now);
        const { app, name } = stream;
        const { sessionId, address, since } = stream.publisher!.info;
        plugins.live({ app, name, publisher: { sessionId, address, since } });
      },
      onEnded: (stream, reason) => {
        const { app, name } = stream;
        for (const [feed, of] of this.#feeds) if (of === stream) feed.end();
        const now = this.#clock.now();
        const durationMs = Math.round(now - (this.#since.get(stream) ?? now));
        plugins.ended({ app, name, reason, durationMs });
      },
    });
  }

  streams(): StreamInfo[] {
    return this.#over ? [] : [...this.#view.listStreams(ALL).items];
  }

  stream(app: string, name: string): StreamInfo | undefined {
    return this.#over ? undefined : this.#view.getStream(app, name);
  }

  sessions(): SessionInfo[] {
    return this.#over ? [] : [...this.#view.listSessions(ALL).items];
  }

  hasSession(id: string): boolean {
    return !this.#over && this.#view.hasSession(id);
  }

  endStream(app: string, name: string): boolean {
    return !this.#over && this.#view.endStream(app, name);
  }

  endSession(id: string, why?: string): boolean {
    // Ahead of what the session logs of its end.
    if (why !== undefined && !this.#over && this.#view.hasSession(id)) {
      this.#onEnded(id, cleanReason(why));
    }
    return !this.#over && this.#view.endSession(id);
  }

  sendData(app: string, name: string, handler: string, ...values: readonly unknown[]): boolean {
    const sent = !this.#over && this.#view.sendData(app, name, handler, values, false);
    if (typeof sent === "string") throw new UsageError(sent);
    return sent;
  }

  relays(): RelayInfo[] {
    return this.#over ? [] : [...this.#view.listRelays(ALL).items];
  }

  push(app: string, name: string, to: string | PushWish): string | undefined {
    const [wish] = readPushWishes(to) ?? [];
    if (wish === undefined) throw new UsageError("Cannot push to that: see PushWish");
    if (this.#over) return undefined;
    const started = this.#view.startRelay(app, name, wish, true);
    if (typeof started === "string") throw new UsageError(started);
    return started?.id;
  }

  endRelay(id: string): boolean {
    return !this.#over && this.#view.endRelay(id);
  }

  frames(app: string, name: string, maxBytes = MAX_FEED_BYTES): FrameFeed | undefined {
    const { registry } = this.#hub;
    const stream = registry.get({ app, name });
    if (this.#over || stream?.live !== true || this.#feeds.size >= MAX_FEEDS) return undefined;
    const feed = new TappedFeed(maxBytes, (bytes) => registry.memory.count(bytes));
    this.#feeds.set(feed, stream);
    const untap = stream.tap(feed, this.#clock.now());
    feed.opened(() => {
      untap();
      this.#feeds.delete(feed);
    });
    return feed;
  }

  async openRecording(file: string): Promise<RecordedFile | undefined> {
    if (this.#over || this.#opened >= MAX_OPENED) return undefined;
    this.#opened++;
    let opened: RecordedFile | undefined;
    try {
      opened = await this.#view.openRecording(file);
    } finally {
      if (opened === undefined) this.#opened--;
    }
    if (opened === undefined) return undefined;
    const { size } = opened;
    let closed: Promise<void> | undefined;
    return {
      size,
      read: (target, position) => opened.read(target, position),
      close: () => {
        if (closed === undefined) this.#opened--;
        return closed ??= opened.close();
      },
    };
  }

  async removeRecording(file: string): Promise<boolean> {
    return !this.#over && await this.#view.removeRecording(file) === true;
  }

  /** The server is over: every feed ends. */
  close(): void {
    this.#over = true;
    for (const feed of this.#feeds.keys()) feed.end();
  }
}
