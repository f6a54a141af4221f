/**
 * What a plugin under test sees of a server: streams, sessions and media as the test has them, and a note of
 * what the plugin did with them.
 *
 * @module
 */
import { FrameFlag, FrameKind } from "../../hub/mod.ts";
import { type FrameFeed, type PluginFrame, TappedFeed } from "../frame_feed.ts";
import type {
  PluginServer,
  RecordedFile,
  RelayInfo,
  SessionInfo,
  StreamInfo,
} from "../plugin_server.ts";
import type { PushWish } from "../push_options.ts";

/** What a plugin did with its server, in order. */
export type PluginAct =
  | { readonly what: "endStream"; readonly app: string; readonly name: string }
  | { readonly what: "endSession"; readonly id: string; readonly why: string | undefined }
  | {
    readonly what: "sendData";
    readonly app: string;
    readonly name: string;
    readonly handler: string;
    readonly values: readonly unknown[];
  }
  | {
    readonly what: "push";
    readonly app: string;
    readonly name: string;
    readonly to: string | PushWish;
  }
  | { readonly what: "endRelay"; readonly id: string }
  | { readonly what: "removeRecording"; readonly file: string };

/** A frame as a test says it. */
export type TestFrame =
  & Pick<PluginFrame, "kind" | "payload">
  & Partial<Pick<PluginFrame, "timestamp" | "isKey" | "isHeader">>;

const KINDS = { audio: FrameKind.Audio, video: FrameKind.Video, data: FrameKind.Data };

/** The server of a test. */
export class Scene implements PluginServer {
  /** What the plugin did. */
  readonly acts: PluginAct[] = [];
  /** Streams that are live, by `app/name`. */
  readonly live = new Map<string, StreamInfo>();
  /** Clients that are connected, by id. */
  readonly connected = new Map<string, SessionInfo>();
  /** Finished recordings. */
  readonly files = new Map<string, Uint8Array>();
  readonly #feeds = new Map<string, Set<TappedFeed>>();
  #ids = 0;

  streams(): StreamInfo[] {
    return [...this.live.values()];
  }

  stream(app: string, name: string): StreamInfo | undefined {
    return this.live.get(`${app}/${name}`);
  }

  sessions(): SessionInfo[] {
    return [...this.connected.values()];
  }

  hasSession(id: string): boolean {
    return this.connected.has(id);
  }

  endStream(app: string, name: string): boolean {
    this.acts.push({ what: "endStream", app, name });
    return this.live.has(`${app}/${name}`);
  }

  endSession(id: string, why?: string): boolean {
    this.acts.push({ what: "endSession", id, why });
    return this.connected.has(id);
  }

  sendData(app: string, name: string, handler: string, ...values: readonly unknown[]): boolean {
    this.acts.push({ what: "sendData", app, name, handler, values });
    return this.live.has(`${app}/${name}`);
  }

  relays(): RelayInfo[] {
    return [];
  }

  push(app: string, name: string, to: string | PushWish): string {
    this.acts.push({ what: "push", app, name, to });
    return `r${++this.#ids}`;
  }

  endRelay(id: string): boolean {
    this.acts.push({ what: "endRelay", id });
    return true;
  }

  frames(app: string, name: string, maxBytes = Infinity): FrameFeed | undefined {
    const key = `${app}/${name}`;
    if (!this.live.has(key)) return undefined;
    const feed = new TappedFeed(maxBytes, () => {});
    const feeds = this.#feeds.get(key) ?? new Set();
    this.#feeds.set(key, feeds.add(feed));
    feed.opened(() => feeds.delete(feed));
    return feed;
  }

  openRecording(file: string): Promise<RecordedFile | undefined> {
    const bytes = this.files.get(file);
    return Promise.resolve(
      bytes && {
        size: bytes.length,
        read: (target, position) => {
          const part = bytes.subarray(position, position + target.length);
          target.set(part);
          return Promise.resolve(part.length);
        },
        close: () => Promise.resolve(),
      },
    );
  }

  removeRecording(file: string): Promise<boolean> {
    this.acts.push({ what: "removeRecording", file });
    return Promise.resolve(this.files.delete(file));
  }

  /** A frame of a stream, for the feeds that the plugin reads. */
  frame(app: string, name: string, frame: TestFrame): void {
    const { kind, payload, timestamp = 0, isKey = false, isHeader = false } = frame;
    const flags = (isKey ? FrameFlag.Key : 0) | (isHeader ? FrameFlag.Header : 0);
    for (const feed of this.#feeds.get(`${app}/${name}`) ?? []) {
      feed.onFrame({ kind: KINDS[kind], timestamp, payload, flags });
    }
  }

  /** A stream is over: its feeds end. */
  over(app: string, name: string): void {
    const key = `${app}/${name}`;
    this.live.delete(key);
    for (const feed of this.#feeds.get(key) ?? []) feed.end();
    this.#feeds.delete(key);
  }
}
