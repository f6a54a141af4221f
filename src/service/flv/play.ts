/**
 * One player behind HTTP: it waits for its stream, then has the connection to itself and reads the
 * stream as every player does, skipping when it falls behind.
 *
 * @module
 */
import { flvHeader } from "../../core/flv/tag.ts";
import type {
  Asker,
  PlayEnd,
  Player,
  PlayerChannel,
  PlayerObserver,
  PlayerSink,
} from "../../hub/mod.ts";
import type { EndReason } from "../../plugin/mod.ts";
import {
  type Connection,
  type HttpAnswer,
  HttpTakeover,
  type WebSocketConnection,
  WebSocketTakeover,
} from "../../ports.ts";
import { CHUNKED, type Framing, WEBSOCKET, wrapped } from "./framing.ts";
import { type FlvRefusal, refusal } from "./refusal.ts";

/** What goes before the media. */
const HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "video/x-flv",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

/** Status codes of a WebSocket's goodbye [RFC 6455 §7.4.1]: its stream is over, or the server stops. */
const OVER = 1000;
const GOING_AWAY = 1001;

/** Which kinds of media are announced. */
export interface Kinds {
  readonly audio: boolean;
  readonly video: boolean;
}

/** What the service is told of a player. */
export interface FlvPlayOwner {
  /**
   * The kinds of media to announce; `undefined` as long as more may become known. `final`: it is to be
   * said now.
   */
  kinds(final: boolean): Kinds | undefined;
  /** Who plays. */
  readonly asker: Asker;
  /** Its stream is there: its connection is about to be taken over. */
  onPlaying(): void;
  /** It is over, for whatever reason; said once. */
  onOver(reason: EndReason): void;
  /** A fault of ours while writing to it. It ends, and nothing else does. */
  onFault(error: unknown): void;
}

/** A player of a stream as FLV. */
export class FlvPlay implements PlayerSink, PlayerObserver {
  /** Until it has its connection, and once it has lost it, there is no use in pumping. */
  busy = true;
  readonly answer: Promise<HttpAnswer>;
  /** When bytes were last seen to go out while a write was in flight (ms). */
  wroteAt = 0;
  readonly #owner: FlvPlayOwner;
  readonly #headers: Readonly<Record<string, string>>;
  /** Without those of the media: pages read why they get none. */
  readonly #allowed: Readonly<Record<string, string>>;
  readonly #framing: Framing;
  #answer: (answer: HttpAnswer) => void = () => {};
  #player: Player | undefined;
  #connection: Connection | undefined;
  /** The same, when it is a WebSocket. */
  #webSocket: WebSocketConnection | undefined;
  /** Whether the header of the file was written. */
  #begun = false;
  #state: "waiting" | "handed" | "open" | "ending" | "over" = "waiting";
  #reason: EndReason = "disconnected";
  #pumping = false;
  /** Bytes that had gone out then: none is a number, too. */
  #seen = -1;

  /** `headers`: what the head of the answer carries besides; `framing`: what its bytes are wrapped in. */
  constructor(owner: FlvPlayOwner, headers: Readonly<Record<string, string>>, framing: Framing) {
    this.#owner = owner;
    this.#allowed = headers;
    this.#headers = {
      ...HEADERS,
      ...headers,
      ...(framing === CHUNKED && { "Transfer-Encoding": "chunked" }),
    };
    this.#framing = framing;
    this.answer = new Promise((resolve) => this.#answer = resolve);
  }

  /** Media bytes handed out so far. */
  get bytesOut(): number {
    return this.#player?.bytesOut ?? 0;
  }

  /** Frames that it was too slow for. */
  get framesDropped(): number {
    return this.#player?.framesDropped ?? 0;
  }

  /** Whether its connection was handed over, or is about to be. */
  get handed(): boolean {
    return this.#state !== "waiting";
  }

  /** What it plays, once the hub has let it. */
  get playing(): Player | undefined {
    return this.#player;
  }

  /** The hub has let it play, now or once its stream is there. */
  attach(player: Player): void {
    this.#player = player;
  }

  // What the hub says

  get asker(): Asker {
    return this.#owner.asker;
  }

  onStart(): void {
    // The hub says it again when a player changes its encoding.
    if (this.#state !== "waiting") return;
    this.#state = "handed";
    this.#owner.onPlaying();
    const gone = () => this.#over("disconnected");
    if (this.#framing === WEBSOCKET) {
      this.#answer(
        new WebSocketTakeover((connection) => {
          this.#webSocket = connection;
          this.#open(connection);
        }, gone),
      );
    } else {
      const take = (connection: Connection) => this.#open(connection);
      this.#answer(new HttpTakeover(200, this.#headers, take, gone));
    }
  }

  onEnd(reason: PlayEnd): void {
    if (this.#state === "waiting") {
      this.#answer(refusal(reason === "shutdown" ? "stopping" : "not-found", this.#allowed));
      return this.#over(reason);
    }
    this.#reason = reason;
    if (this.#state !== "handed" && this.#state !== "open") return;
    if (reason === "stalled") return this.destroy(reason);
    this.#state = this.#connection === undefined ? this.#state : "ending";
    // It may not even have begun.
    if (this.#begun) this.#endWhereDue();
    else this.pump();
  }

  // Its connection

  #open(connection: Connection): void {
    connection.start({
      onData() {},
      onWritable: () => this.#onWritable(),
      onClose: () => this.#over(this.#state === "open" ? "disconnected" : this.#reason),
    });
    this.#connection = connection;
    if (this.#state !== "handed") return connection.destroy();
    // It may have ended while its answer was on its way.
    this.#state = this.#reason === "disconnected" ? "open" : "ending";
    this.busy = false;
    this.pump();
  }

  #onWritable(): void {
    if (this.#state !== "open" && this.#state !== "ending") return;
    this.busy = false;
    this.pump();
  }

  get gone(): boolean {
    return this.#state === "over";
  }

  get channel(): PlayerChannel | undefined {
    const free = this.#state === "open" && !this.busy && this.#begun;
    return free ? this.#connection : undefined;
  }

  pump(): void {
    // A player that ends inside `next` may lead back here.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.busy) {
        const bytes = this.#begun ? this.#player!.next() : this.#begin();
        if (bytes === undefined) break;
        if (!this.#connection!.write(bytes)) this.onBlocked();
      }
    } catch (error) {
      this.onFault(error);
    } finally {
      this.#pumping = false;
    }
    this.#endWhereDue();
  }

  /** The header of the file, once it is known what it has to say. */
  #begin(): Uint8Array | undefined {
    const kinds = this.#owner.kinds(this.#state === "ending");
    if (kinds === undefined) return undefined;
    this.#begun = true;
    return wrapped(this.#framing, flvHeader(kinds.audio, kinds.video));
  }

  onBlocked(): void {
    this.busy = true;
    this.#player!.fallOut();
  }

  onFault(error: unknown): void {
    this.#owner.onFault(error);
    this.destroy("internal");
  }

  /** All was handed out: the connection goes once the write in flight is taken. */
  #endWhereDue(): void {
    if (this.#state !== "ending" || this.busy || this.#pumping) return;
    this.busy = true;
    if (this.#webSocket !== undefined) {
      return this.#webSocket.close(this.#reason === "shutdown" ? GOING_AWAY : OVER);
    }
    const { last } = this.#framing;
    if (last !== undefined) this.#connection!.write(last);
    this.#connection!.end();
  }

  /** Whether nothing has gone out for `limit` ms although something was to. `now` in ms. */
  stalled(now: number, limit: number): boolean {
    const written = this.#connection?.bytesWritten ?? 0;
    if (this.#connection === undefined || !this.busy || written !== this.#seen) {
      this.#seen = written;
      this.wroteAt = now;
      return false;
    }
    return now - this.wroteAt >= limit;
  }

  /** Ends it at once. `why` is its answer, where it waits for one. */
  destroy(reason: EndReason, why: FlvRefusal = "stopping"): void {
    if (this.#state === "over") return;
    this.#reason = reason;
    if (this.#state === "waiting") this.#answer(refusal(why, this.#allowed));
    // A connection that is gone says so; one that is still to come is destroyed when it does.
    if (this.#connection === undefined) return this.#over(reason);
    this.#state = "ending";
    this.busy = true;
    // Those in step are written to past this player.
    this.#player!.fallOut();
    this.#connection.destroy();
  }

  #over(reason: EndReason): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.busy = true;
    this.#owner.onOver(reason);
  }
}
