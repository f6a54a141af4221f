/**
 * A stream that is published at the speed of the clock, and players that read it well: by what
 * reaches them late is judged what hostile clients do to others.
 *
 * @module
 */
import {
  connect,
  type MediaMessage,
  type RtmpClient as LibraryClient,
} from "../../src/client/mod.ts";
import { within } from "../support/deadline.ts";
import { AUDIO_HEADER, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";

/** Milliseconds from a picture to the next. */
export const FRAME_MS = 40;
/** Pictures from a key frame to the next: one second. */
export const GOP_FRAMES = 25;

/** Where the number and the time of sending stand in a picture. */
const NUMBER_AT = 8;
const SENT_AT = 16;

/** A picture of {@link Beat}, as it was sent. */
export interface Picture {
  readonly number: number;
  readonly isKey: boolean;
  /** When it was sent (ms, monotonic). */
  readonly sentAt: number;
}

/** Reads a picture; `undefined` for headers, sound and what else comes. */
export function pictureOf(type: number, payload: Uint8Array): Picture | undefined {
  if (type !== Type.Video || payload.length < 100 || payload[1] !== 1) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset);
  const isKey = payload[0] === 0x17;
  return { number: view.getUint32(NUMBER_AT), isKey, sentAt: view.getFloat64(SENT_AT) };
}

/** A publisher of 25 pictures a second, of `bytes` each. */
export class Beat implements AsyncDisposable {
  readonly client: RtmpClient;
  readonly bytes: number;
  /** Pictures sent so far. */
  count = 0;
  readonly #id: number;
  readonly #start = performance.now();
  #stopped = false;
  readonly #running: Promise<void>;

  private constructor(client: RtmpClient, id: number, bytes: number) {
    this.client = client;
    this.#id = id;
    this.bytes = bytes;
    client.send(Type.Video, id, 0, VIDEO_HEADER);
    client.send(Type.Audio, id, 0, AUDIO_HEADER);
    this.#running = this.#run();
  }

  /** Publishes `live/name` until it is disposed of. */
  static async start(port: number, name: string, bytes: number): Promise<Beat> {
    const client = await RtmpClient.open(port);
    const { id, info } = await client.publish("live", name);
    if (info.code !== "NetStream.Publish.Start") throw new Error(`Not published: ${info.code}`);
    // Whole pictures in one chunk, so that the client costs little.
    client.send(Type.SetChunkSize, 0, 0, Uint8Array.of(0, 1, 0, 0));
    return new Beat(client, id, bytes);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const due = this.#start + this.count * FRAME_MS - performance.now();
      if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
      const isKey = this.count % GOP_FRAMES === 0;
      const payload = isKey ? keyFrame(this.bytes) : interFrame(this.bytes);
      const view = new DataView(payload.buffer);
      view.setUint32(NUMBER_AT, this.count);
      view.setFloat64(SENT_AT, performance.now());
      this.client.send(Type.Video, this.#id, this.count++ * FRAME_MS, payload);
    }
  }

  /** Lets `ms` of the stream pass. */
  async pass(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(0, Math.min(100, end - performance.now())))
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.client[Symbol.asyncDispose]();
  }
}

/** Media that a player got, and when (ms, monotonic). */
export interface Heard {
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
  readonly at: number;
}

/** Players that read all they are sent, by the client of the library. */
export class HealthySet implements AsyncDisposable {
  /** What each player got, oldest first. */
  readonly clients: { readonly messages: Heard[] }[] = [];
  readonly #connections: LibraryClient[] = [];
  readonly #reading: Promise<void>[] = [];

  /** Lets `count` players in and waits until each has a picture. */
  static async join(port: number, name: string, count: number): Promise<HealthySet> {
    const set = new HealthySet();
    for (let index = 0; index < count; index++) {
      const client = await connect(`rtmp://127.0.0.1:${port}/live/${name}`, { fourCcs: [] });
      set.#connections.push(client);
      const playback = await client.play();
      await within(new Promise<void>((resolve) => set.#read(playback, resolve)), "a picture");
    }
    return set;
  }

  #read(playback: ReadableStream<MediaMessage>, onPicture: () => void): void {
    const messages: Heard[] = [];
    this.clients.push({ messages });
    const read = async () => {
      for await (const { kind, timestamp, payload } of playback) {
        const type = kind === "video" ? Type.Video : kind === "audio" ? Type.Audio : Type.Data;
        messages.push({ type, timestamp, payload, at: performance.now() });
        if (pictureOf(type, payload) !== undefined) onPicture();
      }
    };
    // How it ends is the business of the test: what is missing shows.
    this.#reading.push(read().catch(() => {}));
  }

  /** What came since the last call: the 99th percentile of its delay (ms), and pictures missing. */
  take(): { p99: number; pictures: number; missing: number } {
    const delays: number[] = [];
    let missing = 0;
    for (const { messages } of this.clients) {
      let last: number | undefined;
      for (const { type, payload, at } of messages.splice(0)) {
        const picture = pictureOf(type, payload);
        if (picture === undefined) continue;
        delays.push(at - picture.sentAt);
        if (last !== undefined) missing += picture.number - last - 1;
        last = picture.number;
      }
    }
    return { p99: percentile(delays, 0.99), pictures: delays.length, missing };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#connections) await client.close();
    await Promise.all(this.#reading);
  }
}

/** The value that `share` of `values` do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
