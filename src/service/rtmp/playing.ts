/**
 * What a session plays: asks the plugins and the hub, holds the player to what the client wants,
 * tells of the end.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { NetStream, PlayRequest } from "../../core/rtmp/session/mod.ts";
import { isPublicPath } from "../../core/rtmp/stream_name.ts";
import type { Asker, FrameEncoder, PlayEnd, StreamKey } from "../../hub/mod.ts";
import type { EndReason, PlayContext } from "../../plugin/mod.ts";
import { askerOf } from "../asker.ts";
import { NOT_PUBLIC, REFUSALS } from "../refusals.ts";
import { maskSaid } from "../mask_context.ts";
import { LOOP } from "../outgoing/via.ts";
import type { SessionHost } from "./session_host.ts";
import { Play, Publish, RecordedPlay } from "./attachment.ts";
import { type PlayEvents, PlayObserver } from "./play_observer.ts";
import { type EncoderSource, RecordedPlaying } from "./recorded_playing.ts";
import { SwitchRequests } from "./switch_requests.ts";
import { Switching } from "./switching.ts";
import { chooseTracks } from "../track_choice.ts";

const log = getLogger(["sluice", "rtmp"]);

/** What the client is told at the end of a play that had begun. */
const ENDED: Record<PlayEnd, string> = {
  "unpublished": "The publisher has left.",
  "not-found": "Nobody publishes this stream.",
  "shutdown": "The server is shutting down.",
  "stalled": "The connection is too slow for this stream.",
};

/** The playing half of a session. */
export class Playing implements EncoderSource, PlayEvents {
  readonly #host: SessionHost;
  /** Made when it is first asked for: few clients switch. */
  #switches: SwitchRequests | undefined;

  /** Those plays that are of recordings. */
  readonly recorded: RecordedPlaying;

  constructor(host: SessionHost) {
    this.#host = host;
    this.recorded = new RecordedPlaying(host, this);
  }

  onPlay(netStream: NetStream, request: PlayRequest): void {
    if (this.#host.isNode) return this.#onNode(netStream, request);
    if (!this.recorded.wants(request, request.path)) return this.#ask(netStream, request, {});
    this.#host.whenDecided(
      this.recorded.about(request),
      (about) => this.#ask(netStream, request, about),
    );
  }

  /** What is live goes to another node as it is: whoever watches there was let in there. */
  #onNode(netStream: NetStream, request: PlayRequest): void {
    const { app, name } = request.path;
    const context = { ...this.#host.connectContext(request.query, app), name };
    this.#begin(netStream, request, context, request.path);
  }

  /** @param about what is known of the recording, if it is one */
  #ask(netStream: NetStream, request: PlayRequest, about: Partial<PlayContext>): void {
    const host = this.#host;
    const { plugins } = host.context;
    const { app, name } = request.path;
    const context = { ...host.connectContext(request.query, app), name, ...about };
    const asked = host.apps.within(app, () => plugins.play(context));
    host.whenDecided(asked, (decision) => {
      if (!decision.allow) {
        const { reason, plugin } = decision;
        // Not the name: what a client sends may be a secret key, even one that is right.
        const masked = maskSaid(reason, host.said, context);
        log.info("play refused", { ...host.who(), plugin, reason: masked });
        host.onRefused();
        return host.core.rejectPlay(netStream, "Failed", reason);
      }
      const path = { app, name: decision.name ?? name };
      const known = { ...context, name: path.name };
      if (!isPublicPath(path) || !this.recorded.wants(request, path)) {
        return this.#begin(netStream, request, known, path);
      }
      this.recorded.begin(netStream, request, known, path, () => {
        this.#begin(netStream, request, known, path);
      });
    });
  }

  #begin(
    netStream: NetStream,
    request: PlayRequest,
    context: PlayContext,
    path: StreamKey,
  ): void {
    const host = this.#host;
    const { core, writer } = host;
    const { config, hub: { registry } } = host.context;
    if (!isPublicPath(path)) {
      log.info("play refused", { ...host.who(), reason: NOT_PUBLIC });
      host.onRefused();
      return core.rejectPlay(netStream, "StreamNotFound", NOT_PUBLIC);
    }
    const encoder = this.encoder(netStream, request.query);
    const old = netStream.attachment;
    const known = registry.get(path);
    if (old instanceof Play && isOf(old, path) && this.#isSame(netStream, old, encoder)) {
      return core.keepPlay(netStream);
    }
    if (old instanceof Publish && old.publisher.stream === known && config.playWaitMs > 0) {
      // Who is to play what it publishes itself waits for another publisher.
      core.stopStream(netStream);
    }
    const observer = new PlayObserver(this, netStream, path, context.query);
    const started = registry.play(path, encoder, writer, observer, host.now);
    // Told that it starts, it may have been ended.
    if (core.phase === "closed") {
      if (typeof started !== "string") registry.stopPlaying(started);
      return;
    }
    if (typeof started === "string") {
      const reason = REFUSALS[started];
      // Not the name either: nobody publishes it, so nobody made it public.
      log.info("play refused", { ...host.who(), reason });
      host.onRefused();
      return core.rejectPlay(
        netStream,
        started === "not-found" ? "StreamNotFound" : "Failed",
        reason,
      );
    }
    const play = new Play(started, context, host.now);
    writer.add(started);
    observer.play = play;
    try {
      host.served();
      if (observer.live) this.#begun(play, path);
      core.acceptPlay(netStream, play, observer.live);
      // Another server of this kind wants to know that it was let in.
      if (!observer.live && host.via.length > 0) core.notifyWaiting(netStream);
    } finally {
      // The session ended meanwhile, or the play did.
      if (netStream.attachment !== play) {
        writer.remove(started);
        registry.stopPlaying(started);
      }
    }
  }

  /** Whether it plays with this encoder already, with nothing that a new play would change. */
  #isSame(netStream: NetStream, play: Play, encoder: FrameEncoder): boolean {
    return !netStream.paused && play.pending === undefined &&
      this.encoder(netStream, play.context.query).key === encoder.key;
  }

  onSwitch(netStream: NetStream, request: PlayRequest): void {
    const live = () =>
      new Switching(this.#host, {
        encoder: (netStream, query) => this.encoder(netStream, query),
        replace: (netStream, next) => {
          this.recorded.end(netStream, "client");
          this.#end(netStream, "client");
          // The plugins were told, and may have ended the session.
          if (this.#host.core.phase === "closed") return false;
          netStream.attachment = next;
          this.#host.writer.add(next.player);
          return true;
        },
        onFailed: (netStream) => this.recorded.onSwitchFailed(netStream),
        onEnd: (netStream, reason) => this.onEnd(netStream, reason),
        onPublish: (netStream) => this.onPublish(netStream),
      });
    this.#switches ??= new SwitchRequests(this.#host, live(), this.recorded);
    this.#switches.onSwitch(netStream, request);
  }

  askerOf(query: URLSearchParams): Asker {
    const { connected, via } = this.#host;
    return askerOf(this.#host.connectContext(query, connected.app), via);
  }

  /** The bytes that the client wants of a stream. */
  encoder(netStream: NetStream, query: URLSearchParams): FrameEncoder {
    const { id, receiveAudio, receiveVideo } = netStream;
    const { context, core } = this.#host;
    const tracks = chooseTracks(query, core.capabilities);
    return context.encoders.get(id, receiveAudio, receiveVideo, tracks);
  }

  onStart(netStream: NetStream, play: Play, path: StreamKey): void {
    // The hub says it again when the player changes its encoding.
    if (play.started || netStream.attachment !== play) return;
    this.#begun(play, path);
    this.#host.core.startPlay(netStream);
  }

  #begun(play: Play, path: StreamKey): void {
    play.started = true;
    this.#host.publicApp = path.app;
    log.info("playing", { ...this.#host.who(), ...path });
    const { app, name } = path;
    const about = { session: this.#host.id, app, name };
    this.#host.context.plugins.activity.tell("play.started", about);
  }

  /** Sent by itself: the headers of the new publisher may take their time. */
  onPublish(netStream: NetStream): void {
    const { core, context, writer } = this.#host;
    core.notifyPublish(netStream);
    context.pumps.add(writer);
  }

  onEnd(netStream: NetStream, reason: PlayEnd): void {
    const { core, context, writer } = this.#host;
    this.#host.newTurn();
    const use = netStream.attachment;
    // What takes its place need not wait for a key frame any more: there is nothing left to show.
    if (reason === "unpublished" && use instanceof Play && use.pending?.live) {
      return use.pending.complete();
    }
    const isLoop = use instanceof Play && this.#host.via.length > 0 &&
      context.relay?.loops(use.context) === true;
    this.#end(netStream, reason);
    this.#host.played(reason);
    if (reason === "not-found") {
      const why = isLoop
        ? LOOP
        : `Nobody published this stream within ${context.config.playWaitMs} ms.`;
      core.giveUpPlay(netStream, "StreamNotFound", why);
    } else if (netStream.state === "playing") {
      core.endPlay(netStream, ENDED[reason]);
    } else {
      core.giveUpPlay(netStream, "Failed", ENDED[reason]);
    }
    if (reason === "stalled") {
      writer.pump();
      this.#host.end(reason);
    } else context.pumps.add(writer);
  }

  onSkip(netStream: NetStream): void {
    this.#host.core.notifyTooSlow(netStream);
  }

  onStop(netStream: NetStream): void {
    this.recorded.end(netStream, this.#host.endReason);
    this.#end(netStream, this.#host.endReason);
  }

  endLive(netStream: NetStream): void {
    this.#end(netStream, "client");
  }

  #end(netStream: NetStream, reason: EndReason): void {
    const use = netStream.attachment;
    if (!(use instanceof Play)) return;
    use.pending?.cancel();
    netStream.attachment = undefined;
    const { player, context, since } = use;
    const { writer, now } = this.#host;
    writer.remove(player);
    this.#host.context.hub.registry.stopPlaying(player);
    const { app, name } = context;
    const dropped = player.framesDropped;
    // A name that was only waited for is nobody's yet.
    const known = use.started ? { app, name } : {};
    log.info("stopped playing", { ...this.#host.who(), ...known, reason, dropped });
    const durationMs = Math.round(now - since);
    if (use.started) {
      const about = { session: this.#host.id, app, name, reason, durationMs };
      this.#host.context.plugins.activity.tell("play.stopped", about);
    }
    if (this.#host.isNode) return;
    this.#host.context.plugins.playEnd({ ...context, reason, bytes: player.bytesOut, durationMs });
  }

  onPause(netStream: NetStream, paused: boolean, time?: number): void {
    const use = netStream.attachment;
    if (use instanceof RecordedPlay) return this.recorded.onPause(use, netStream, time);
    if (!(use instanceof Play)) return;
    if (paused) use.player.pause();
    else use.player.resume(this.#host.now, time);
  }

  /** `to`: where to in a recording (ms). */
  onSeek(netStream: NetStream, to = 0): void {
    const use = netStream.attachment;
    if (use instanceof RecordedPlay) this.recorded.onSeek(use, netStream, to);
    if (use instanceof Play) use.player.rejoin(this.#host.now);
  }

  onReceive(netStream: NetStream): void {
    const use = netStream.attachment;
    const isPlay = use instanceof Play;
    if (!isPlay && !(use instanceof RecordedPlay)) return;
    const { now, context: { hub: { registry } } } = this.#host;
    const wanted = this.encoder(netStream, use.context.query);
    if (isPlay) registry.changeEncoder(use.player, wanted, now);
    else use.player.encodeWith(wanted);
    const { pending } = use;
    if (pending === undefined) return;
    const encoder = this.encoder(netStream, pending.context.query);
    registry.changeEncoder(pending.player, encoder, now);
  }
}

/** Whether it plays, or waits for, this stream. */
function isOf({ context }: Play, path: StreamKey): boolean {
  return context.app === path.app && context.name === path.name;
}
