/**
 * Goes to a live stream on a NetStream that plays (play2 with `switch` or `swap`): what it plays, live or
 * recorded, goes on until the other has a key frame, so that there is no gap. One that has none soon
 * begins as for any player: with the cached GOP, or with sound.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { NetStream, PlayRequest } from "../../core/rtmp/session/mod.ts";
import {
  type FrameEncoder,
  KEY_WAIT_MS,
  type PlayEnd,
  type Player,
  type PlayerSink,
} from "../../hub/mod.ts";
import type { PlayContext } from "../../plugin/mod.ts";
import type { ConnectionWriter } from "./connection_writer.ts";
import { PLAY_IS_OVER, REFUSALS } from "../refusals.ts";
import type { SessionHost } from "./session_host.ts";
import { PendingSwitch } from "./pending_switch.ts";
import { Play, type RecordedPlay } from "./attachment.ts";

const log = getLogger(["sluice", "rtmp"]);

/** How long the other stream may take to come (ms). */
export const SWITCH_WAIT_MS = 10_000;

/** What becomes of the play that a NetStream has, as {@link Switching} asks for it. */
export interface SwitchOwner {
  /** The bytes that the client wants of a stream. */
  encoder(netStream: NetStream, query: URLSearchParams): FrameEncoder;
  /** Ends the present play, which another one follows; `false` when the session ended with it. */
  replace(netStream: NetStream, next: Play): boolean;
  /** What was to take the place of the present play does not come. */
  onFailed(netStream: NetStream): void;
  /** The play that another one followed is over, for a reason of the hub. */
  onEnd(netStream: NetStream, reason: PlayEnd): void;
  /** The stream of such a play has another publisher. */
  onPublish(netStream: NetStream): void;
}

/** Waits for the first bytes of a player, and is the writer of the connection from then on. */
class SwitchSink implements PlayerSink {
  readonly #writer: ConnectionWriter;
  readonly #onReady: () => void;
  player: Player | undefined;
  ready = false;

  constructor(writer: ConnectionWriter, onReady: () => void) {
    this.#writer = writer;
    this.#onReady = onReady;
  }

  get owner(): ConnectionWriter {
    return this.#writer;
  }

  get busy(): boolean {
    return this.ready && this.#writer.busy;
  }

  get gone(): boolean {
    return this.#writer.gone;
  }

  get channel() {
    return this.ready ? this.#writer.channel : undefined;
  }

  pump(): void {
    if (this.ready) this.#writer.pump();
    else if (this.player?.seekKey()) this.#onReady();
  }

  onBlocked(): void {
    this.#writer.onBlocked();
  }

  onFault(error: unknown): void {
    this.#writer.onFault(error);
  }
}

/** The switches of one session. */
export class Switching {
  readonly #host: SessionHost;
  readonly #owner: SwitchOwner;

  constructor(host: SessionHost, owner: SwitchOwner) {
    this.#host = host;
    this.#owner = owner;
  }

  /** The plugins let it go to this stream. */
  begin(
    netStream: NetStream,
    use: Play | RecordedPlay,
    context: PlayContext,
    path: PlayRequest["path"],
    request: PlayRequest,
  ): void {
    use.pending?.cancel();
    const host = this.#host;
    const { hub: { registry }, runtime } = host.context;
    const sink = new SwitchSink(host.writer, () => this.#complete(netStream, use, path, sink));
    const encoder = this.#owner.encoder(netStream, request.query);
    const started = registry.play(
      path,
      encoder,
      sink,
      {
        onStart() {},
        onEnd: (reason) => {
          if (sink.ready) return this.#owner.onEnd(netStream, reason);
          host.newTurn();
          this.#fail(netStream, use, reason === "not-found" || reason === "unpublished");
        },
        onPublish: () => {
          if (sink.ready) this.#owner.onPublish(netStream);
        },
        onSkip: () => host.core.notifyTooSlow(netStream),
      },
      host.now,
      "key",
    );
    // What the hub told it meanwhile may have ended the session, or the play that was to be left.
    const over = host.core.phase === "closed" || netStream.attachment !== use;
    if (over && typeof started !== "string") registry.stopPlaying(started);
    if (over) return host.core.rejectSwitch(netStream, "Failed", PLAY_IS_OVER);
    if (typeof started === "string") {
      const code = started === "not-found" ? "StreamNotFound" : "Failed";
      return host.core.rejectSwitch(netStream, code, REFUSALS[started]);
    }
    const player = sink.player = started;
    use.pending = new PendingSwitch(
      player,
      context,
      host.now,
      () => this.#complete(netStream, use, path, sink),
      () => this.#cancel(use),
    );
    const { pending } = use;
    const look = () => {
      host.newTurn();
      if (pending.live) {
        player.join(player.encoding!, host.now);
        pending.complete();
      } else if (host.now - pending.since >= SWITCH_WAIT_MS) this.#fail(netStream, use, true);
      else pending.timer = runtime.clock.after(KEY_WAIT_MS, watch);
    };
    const watch = () => host.attempt(look);
    pending.timer = runtime.clock.after(KEY_WAIT_MS, watch);
    host.core.acceptSwitch(netStream);
  }

  /** It could not begin: what is played goes on. */
  #fail(netStream: NetStream, use: Play | RecordedPlay, notFound: boolean): void {
    if (use.pending === undefined || netStream.attachment !== use) return;
    this.#cancel(use);
    const why = notFound
      ? "Nobody publishes the other stream."
      : "The other stream could not be played.";
    this.#host.core.failSwitch(netStream, notFound ? "StreamNotFound" : "Failed", why);
    this.#owner.onFailed(netStream);
    this.#host.writer.pump();
  }

  #complete(
    netStream: NetStream,
    use: Play | RecordedPlay,
    path: PlayRequest["path"],
    sink: SwitchSink,
  ): void {
    const { pending } = use;
    if (pending === undefined || netStream.attachment !== use) return;
    const host = this.#host;
    host.newTurn();
    use.pending = undefined;
    pending.timer?.cancel();
    const next = new Play(pending.player, pending.context, pending.since);
    next.started = true;
    if (!this.#owner.replace(netStream, next)) {
      return host.context.hub.registry.stopPlaying(next.player);
    }
    sink.ready = true;
    log.info("switched", { ...host.who(), ...path });
    host.core.completeSwitch(netStream, path);
    if (netStream.paused) next.player.pause();
    host.writer.pump();
  }

  /** Forgets a switch that has not happened, if there is one. */
  #cancel(use: Play | RecordedPlay): void {
    const { pending } = use;
    if (pending === undefined) return;
    use.pending = undefined;
    pending.timer?.cancel();
    const { context, now } = this.#host;
    context.hub.registry.stopPlaying(pending.player);
    const durationMs = Math.round(now - pending.since);
    context.plugins.playEnd({ ...pending.context, reason: "client", bytes: 0, durationMs });
  }
}
