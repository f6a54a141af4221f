/**
 * A stream that is played: media to read, and the controls of a player.
 *
 * @module
 */
import type {
  ClientSession,
  ClientStream,
  ServerRefusal,
} from "../core/rtmp/session/client/mod.ts";
import { RefusedError } from "./errors.ts";
import { kindOf, type MediaMessage } from "./media_message.ts";
import { MediaQueue } from "./media_queue.ts";
import { DEFAULT_QUEUE_BYTES, type PlayOptions } from "./options.ts";
import type { Request } from "./request.ts";
import type { StreamUse } from "./stream_use.ts";

/** Flash players ask it whether they may look at pictures and sound; it is no media. */
const SAMPLE_ACCESS = "|RtmpSampleAccess";

/** What a playback needs of its client. */
export interface PlaybackOwner {
  readonly session: ClientSession;
  /** Takes nothing more from the server until {@link room} was called for all of these. */
  full(who: object): void;
  room(who: object): void;
}

/** The controls of a playback. */
export interface PlaybackControls {
  /** Asks the server to send nothing, or to go on; recordings at `position` (ms). */
  pause(paused: boolean, position?: number): void;
  /** Asks for another `position` (ms) of a recording. */
  seek(position: number): void;
  /** Says whether sound is wanted. */
  receiveAudio(wanted: boolean): void;
  /** Says whether pictures are wanted. */
  receiveVideo(wanted: boolean): void;
}

/**
 * Media of a stream that is played. It ends when the server says that the stream is over, and errors
 * with a `ClosedError` when the connection is lost. Who does not read it stops the whole connection,
 * as nothing more is taken from it. `cancel` ends the play, and not the connection.
 */
export class Playback extends (ReadableStream as unknown as new (
  source: object,
  strategy: { highWaterMark: number },
) => ReadableStream<MediaMessage>) implements PlaybackControls {
  // Typed by hand: by the types of Bun, only streams of bytes can be extended.

  readonly #controls: PlaybackControls;

  /** Hands out what is in `queue`, and steers the play through `controls`. */
  constructor(queue: MediaQueue, controls: PlaybackControls) {
    super(queue, { highWaterMark: 0 });
    this.#controls = controls;
  }

  pause(paused: boolean, position = 0): void {
    this.#controls.pause(paused, position);
  }
  seek(position: number): void {
    this.#controls.seek(position);
  }
  receiveAudio(wanted: boolean): void {
    this.#controls.receiveAudio(wanted);
  }
  receiveVideo(wanted: boolean): void {
    this.#controls.receiveVideo(wanted);
  }
}

/** One play of a client, from the request to its end. */
export class PlayUse implements StreamUse {
  readonly #owner: PlaybackOwner;
  readonly #stream: ClientStream;
  readonly #name: string;
  readonly #options: PlayOptions;
  readonly #request: Request<Playback>;
  readonly #queue: MediaQueue;

  constructor(
    owner: PlaybackOwner,
    stream: ClientStream,
    name: string,
    options: PlayOptions,
    request: Request<Playback>,
  ) {
    this.#owner = owner;
    this.#stream = stream;
    this.#name = name;
    this.#options = options;
    this.#request = request;
    this.#queue = new MediaQueue(options.queueBytes ?? DEFAULT_QUEUE_BYTES, {
      onFull: () => owner.full(this),
      onRoom: () => owner.room(this),
      onCancel: () => owner.session.deleteStream(stream),
    });
  }

  onCreated(): void {
    const { session } = this.#owner;
    if (this.#options.announce) session.announcePlay(this.#name);
    session.play(this.#stream, this.#name, this.#options);
  }

  onStarted(): void {
    const { session } = this.#owner;
    const stream = this.#stream;
    this.#request.succeed(
      new Playback(this.#queue, {
        pause: (paused, position) => session.pause(stream, paused, position),
        seek: (position) => session.seek(stream, position),
        receiveAudio: (wanted) => session.receiveMedia(stream, "Audio", wanted),
        receiveVideo: (wanted) => session.receiveMedia(stream, "Video", wanted),
      }),
    );
  }

  onRefused(refusal: ServerRefusal): void {
    this.#request.fail(new RefusedError("play", refusal));
    this.#owner.session.deleteStream(this.#stream);
  }

  onMedia(type: number, timestamp: number, payload: Uint8Array): void {
    const kind = kindOf(type);
    if (kind === "data" && isSampleAccess(payload)) return;
    this.#queue.push({ kind, timestamp, payload });
  }

  onEnded(): void {
    this.#queue.end();
    this.#owner.session.deleteStream(this.#stream);
  }

  onLost(error?: Error): void {
    this.#request.fail(error);
    this.#queue.end(error);
  }
}

function isSampleAccess(payload: Uint8Array): boolean {
  if (payload.length < 3 + SAMPLE_ACCESS.length || payload[2] !== SAMPLE_ACCESS.length) {
    return false;
  }
  for (let i = 0; i < SAMPLE_ACCESS.length; i++) {
    if (payload[3 + i] !== SAMPLE_ACCESS.charCodeAt(i)) return false;
  }
  return true;
}
