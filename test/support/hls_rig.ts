/**
 * Viewers of HLS on the service of a rig, without a port and on a clock that stands still.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Plugin } from "../../src/plugin/mod.ts";
import type { SegmentStore } from "../../src/segments/store.ts";
import { HttpBytes } from "../../src/ports.ts";
import { Admission, type Evictable } from "../../src/service/admission.ts";
import { HlsService, type HlsSettings } from "../../src/service/hls/mod.ts";
import { MediaOrigins } from "../../src/service/media_origins.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "./media.ts";
import { Rig, type SETTINGS } from "./rtmp_service.ts";

const PEER = { hostname: "192.0.2.7", port: 5000 };

const HLS: HlsSettings = {
  mode: "watched",
  container: "cmaf",
  latency: "low",
  partMs: 300,
  segmentMs: 2000,
  listedMs: 12_000,
  streamBytes: 1e8,
  playlist: "sliding",
  addresses: "viewer",
  sessionMs: 20_000,
  maxWaiting: 1000,
  maxUnanswered: 3,
  maxUnused: 100,
  reconnectWindowMs: 0,
};

/** What came of a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Of a refusal. */
  readonly code: string | undefined;
}

/** A rig whose streams can also be watched by HLS. */
export class HlsRig extends Rig {
  readonly hls: HlsService;
  readonly admission: Admission<Evictable>;
  /** Time of the media that {@link publish} sends next (ms). */
  time = 0;
  #picture = 0;

  constructor(
    hls: Partial<HlsSettings> = {},
    settings: Partial<typeof SETTINGS> = {},
    plugin?: Plugin,
    store?: SegmentStore,
    origins = new MediaOrigins(["*"], "127.0.0.1"),
  ) {
    super(settings, ...(plugin === undefined ? [] : [plugin]));
    this.admission = new Admission(this.settings);
    let ids = 0;
    this.hls = new HlsService({
      config: { ...HLS, reconnectWindowMs: this.settings.reconnectWindowMs, ...hls },
      runtime: { clock: this.clock, randomBytes: (length) => new Uint8Array(length).fill(++ids) },
      hub: this.hub,
      plugins: this.runner,
      faults: this.counted,
      admission: this.admission,
      store,
      origins,
    });
    this.hls.start();
  }

  /** Lets `ms` of sound and pictures come, 25 of them a second, each `gop`th of them a key frame. */
  publish(publisher: ReturnType<Rig["publisher"]>, ms: number, gop = 25): void {
    if (this.time === 0) {
      publisher.message(9, 1, 0, VIDEO_HEADER);
      publisher.message(8, 1, 0, AUDIO_HEADER);
    }
    for (const end = this.time + ms; this.time < end; this.time += 40) {
      this.clock.advance(40);
      publisher.message(8, 1, this.time, audioFrame());
      const key = this.#picture++ % gop === 0;
      publisher.message(9, 1, this.time, key ? keyFrame(2000) : interFrame(1000));
    }
  }

  /** Asks, as a request that is seen by way of `Request`; answers at once or later. */
  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const answer = await this.hls.handle(new Request(`http://127.0.0.1:8080${path}`, init), PEER);
    assert.ok(answer !== undefined, "it is a request for HLS");
    if (answer instanceof Response) {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return read(answer.status, Object.fromEntries(answer.headers), bytes);
    }
    assert.ok(answer instanceof HttpBytes);
    return readBytes(answer);
  }

  /** Asks by the short way, whose answer is there at once or comes later. */
  plain(path: string, headers: Readonly<Record<string, string>> = {}): PlainAsk {
    const asked: { answer: Answer | undefined; leave: (() => void) | false } = {
      answer: undefined,
      leave: false,
    };
    asked.leave = this.hls.plain(
      { method: "GET", target: path, header: (name) => headers[name], body: () => {} },
      (bytes) => {
        assert.equal(asked.answer, undefined, "it is answered once");
        asked.answer = readBytes(bytes);
      },
    );
    return asked;
  }

  /** A viewer: where its playlists are. */
  async viewer(path = "/live/test"): Promise<string> {
    const { status, text } = await this.ask(`${path}/index.m3u8`);
    assert.equal(status, 200, text);
    const variant = text.split("\n").find((line) => line !== "" && !line.startsWith("#"))!;
    return `${path}/${variant.slice(0, variant.lastIndexOf("/") + 1)}`;
  }
}

/** A request by the short way. */
export interface PlainAsk {
  readonly answer: Answer | undefined;
  /** Its client goes. */
  readonly leave: (() => void) | false;
}

function readBytes({ status, headers, chunks, size }: HttpBytes): Answer {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  assert.equal(at, size);
  return read(status, headers, bytes);
}

function read(
  status: number,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
): Answer {
  const text = new TextDecoder().decode(bytes);
  const code = status < 400 || text === "" ? undefined : JSON.parse(text).error.code;
  return { status, headers, bytes, text, code };
}
