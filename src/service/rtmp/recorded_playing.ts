/**
 * What a session plays of recordings: finds the file, tells of its beginning, of other places and of its end
 * [RTMP 1.0 §7.2.2.1, §7.2.2.7, §7.2.2.8].
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { NetStream, PlayRequest, StreamLengthRequest } from "../../core/rtmp/session/mod.ts";
import { containerOf, isPublicPath } from "../../core/rtmp/stream_name.ts";
import { errorText } from "../../faults.ts";
import { type FrameEncoder, FrameKind, type StreamKey } from "../../hub/mod.ts";
import type { EndReason, PlayContext } from "../../plugin/mod.ts";
import type { PlayedPlace } from "../../recordings/played_file.ts";
import type { NotOpened, OpenRecording } from "../../recordings/library.ts";
import { type NextRecording, type Play, RecordedPlay } from "./attachment.ts";
import { RecordedPlayer, type RecordedPlayerOptions } from "./recorded_player.ts";
import { RecordedSwitching } from "./recorded_switching.ts";
import type { SessionHost } from "./session_host.ts";

const log = getLogger(["sluice", "rtmp"]);

/** How far a recording is sent ahead of what is shown, however much a client says that it buffers (ms). */
const MAX_AHEAD_MS = 60 * 60_000;

/** Time between two recordings of a playlist (ms): that of a picture of 25 a second. */
const BETWEEN_MS = 40;

/** What a client is told of a file that cannot be played. */
const PROBLEMS: Readonly<
  Record<
    Exclude<NotOpened, "missing">,
    ["Failed" | "FileStructureInvalid" | "NoSupportedTrackFound", string]
  >
> = {
  "damaged": ["FileStructureInvalid", "The recording is damaged."],
  "no-media": ["NoSupportedTrackFound", "There is neither sound nor picture in the recording."],
  "unreadable": ["Failed", "The recording cannot be read."],
};

/** A file, and where to begin in it. */
interface Placed {
  readonly recording: OpenRecording;
  readonly place: PlayedPlace;
}

/** Where the bytes come from that a client wants of a stream. */
export interface EncoderSource {
  encoder(netStream: NetStream, query: URLSearchParams): FrameEncoder;
  /** Ends the play of what is live, which a recording takes the place of. */
  endLive(netStream: NetStream): void;
}

/** The recordings that one session plays. */
export class RecordedPlaying {
  readonly #host: SessionHost;
  /** What was played before the next of a playlist. */
  #before: { netStream: NetStream; origin: number; unshownMs: number } | undefined;
  #switches: RecordedSwitching | undefined;
  readonly #encoders: EncoderSource;

  constructor(host: SessionHost, encoders: EncoderSource) {
    this.#host = host;
    this.#encoders = encoders;
  }

  /** Whether a play is of a recording, if there is one: it says where to begin, or nothing is live. */
  wants({ start }: PlayRequest, path: StreamKey): boolean {
    const { recordings, hub } = this.#host.context;
    if (recordings === undefined || start === "live") return false;
    return start !== "any" || hub.registry.get(path) === undefined;
  }

  /** What plugins are told of the recording that is asked for; nothing when there is none. */
  async about({ path, start, said }: PlayRequest): Promise<Partial<PlayContext>> {
    if (!isPublicPath(path)) return {};
    const container = containerOf(said);
    const file = await this.#host.context.recordings!.find({ ...path, container });
    if (file === undefined) return {};
    return { recorded: true, file, start: typeof start === "number" ? start : 0 };
  }

  /** Begins to play the recording of this name. `orElse`: there is none. */
  begin(
    netStream: NetStream,
    request: PlayRequest,
    context: PlayContext,
    path: StreamKey,
    orElse: () => void,
  ): void {
    const host = this.#host;
    host.whenDecided(this.#open(path, request), (opened) => {
      if (opened === "missing") {
        const isWanted = typeof request.start === "number" && netStream.asked?.follows === true;
        // The rest of a playlist does not wait for what is not there.
        if (!isWanted || host.context.hub.registry.get(path) !== undefined) return orElse();
        return host.core.rejectPlay(netStream, "StreamNotFound", "There is no such recording.");
      }
      if (typeof opened !== "string") return this.#play(netStream, request, context, opened);
      // What is under way may have nothing in it yet, and is live.
      if (host.context.hub.registry.get(path) !== undefined) return orElse();
      const [code, why] = PROBLEMS[opened];
      log.info("play refused", { ...host.who(), ...path, reason: why });
      host.onRefused();
      host.core.rejectPlay(netStream, code, why);
    });
  }

  async #open(path: StreamKey, { start, said }: PlayRequest): Promise<Placed | NotOpened> {
    const recordings = this.#host.context.recordings!;
    const recording = await recordings.open({ ...path, container: containerOf(said) });
    if (typeof recording === "string") return recording;
    try {
      const { file } = recording;
      if (recording.grows) await file.measure();
      const place = await file.place(typeof start === "number" ? start : 0);
      // Nobody is there to play it any more.
      if (this.#host.ended) recording.close();
      return { recording, place };
    } catch (error) {
      recording.close();
      this.#fault(error, recording.path);
      return "unreadable";
    }
  }

  #play(
    netStream: NetStream,
    request: PlayRequest,
    context: PlayContext,
    { recording, place }: Placed,
  ): void {
    const host = this.#host;
    const { core, writer } = host;
    const { pumps } = host.context;
    const { file, path: fileName } = recording;
    const start = typeof request.start === "number" ? request.start : 0;
    const { duration } = request;
    const before = netStream.asked?.follows ? this.#before : undefined;
    this.#before = undefined;
    const { origin = 0, unshownMs = 0 } = before?.netStream === netStream ? before : {};
    const player = this.#player(netStream, request, recording, {
      ...{ file, place, origin, unshownMs, once: duration === 0 },
      until: duration > 0 ? start + duration : Infinity,
    });
    const { app, name } = context;
    const known = { ...context, recorded: true as const, file: fileName, start };
    const play = new RecordedPlay(player, recording, known, host.now);
    try {
      host.served();
      core.acceptPlay(netStream, play, "recorded");
      // What was held back until now may have ended it.
      if (netStream.attachment !== play) return;
      writer.add(player);
      host.publicApp = app;
      log.info("playing", { ...host.who(), app, name, file: fileName });
      const about = { session: host.id, app, name, file: fileName };
      host.context.plugins.activity.tell("play.started", about);
    } finally {
      // The session ended meanwhile.
      if (netStream.attachment !== play) {
        player.close();
        recording.close();
      }
    }
    pumps.add(writer);
  }

  #player(
    netStream: NetStream,
    { query }: PlayRequest,
    recording: OpenRecording,
    how: Pick<
      RecordedPlayerOptions,
      "file" | "place" | "origin" | "unshownMs" | "once" | "until"
    >,
  ): RecordedPlayer {
    const host = this.#host;
    const { core, writer } = host;
    const { pumps, recorded } = host.context;
    const player: RecordedPlayer = new RecordedPlayer({
      ...{ ...how, encoder: this.#encoders.encoder(netStream, query), maxAheadMs: MAX_AHEAD_MS },
      ...{ share: recorded!, sink: writer },
    }, {
      get bufferMs() {
        return netStream.bufferMs;
      },
      get grows() {
        return recording.grows;
      },
      onReady: () => pumps.add(writer),
      onRead: () => writer.pump(),
      onMoved: () => core.moveRecording(netStream),
      onEnd: () => this.#onEnd(netStream, player),
      onDry: () => core.notifyDry(netStream),
      onFault: (error) => host.attempt(() => this.#onFault(netStream, recording.path, error)),
    });
    return player;
  }

  /** Goes on with the other recording at the same time. */
  #goOn(netStream: NetStream, use: RecordedPlay, next: NextRecording): void {
    this.#host.newTurn();
    const { last: time, zero, unshownMs } = use.player;
    use.next = undefined;
    this.end(netStream, "client");
    const origin = next.place.time - zero;
    this.#takeOver(netStream, next, { time, origin, unshownMs: unshownMs + origin - time });
  }

  /** Goes on with a recording where something live was played. */
  #replaceLive(netStream: NetStream, { context }: Play, next: NextRecording): void {
    const stream = this.#host.context.hub.registry.get(context);
    const times = [FrameKind.Audio, FrameKind.Video].map((kind) =>
      stream?.reached(kind)?.time ?? 0
    );
    const time = Math.max(...times);
    this.#host.newTurn();
    this.#encoders.endLive(netStream);
    this.#takeOver(netStream, next, { time, origin: time + BETWEEN_MS, unshownMs: 0 });
  }

  /** What it played is over. `time`: of its last message (ms, on the client's time line). */
  #takeOver(
    netStream: NetStream,
    { recording, place, request, context, path }: NextRecording,
    how: Pick<RecordedPlayerOptions, "origin" | "unshownMs"> & { readonly time: number },
  ): void {
    const host = this.#host;
    const { core, writer } = host;
    // The plugins were told, and may have ended the session.
    if (core.phase === "closed") return recording.close();
    const { time, origin, unshownMs } = how;
    const { duration } = request;
    const player = this.#player(netStream, request, recording, {
      ...{ file: recording.file, place, once: false, origin, unshownMs },
      until: duration > 0 ? place.time + duration : Infinity,
    });
    const { app, name } = path;
    const known = { recorded: true as const, file: recording.path, start: place.time };
    netStream.attachment = new RecordedPlay(player, recording, { ...context, ...known }, host.now);
    writer.add(player);
    if (netStream.paused) player.pause();
    log.info("switched", { ...host.who(), app, name, file: recording.path });
    core.completeSwitch(netStream, path, time);
    host.context.pumps.add(writer);
  }

  #onEnd(netStream: NetStream, player: RecordedPlayer): void {
    const { core } = this.#host;
    const time = player.last;
    const use = netStream.attachment;
    if (use instanceof RecordedPlay && use.next !== undefined) {
      return this.#goOn(netStream, use, use.next);
    }
    // It goes on with what takes its place, or ends once that does not come.
    if (use instanceof RecordedPlay && use.pending !== undefined) return void (use.isOver = true);
    if (netStream.playlist.length === 0 || netStream.asked !== undefined) {
      return core.finishRecording(netStream, {
        time,
        seconds: player.played / 1000,
        bytes: player.bytesOut,
      });
    }
    this.#host.newTurn();
    this.#before = { netStream, origin: time + BETWEEN_MS, unshownMs: player.unshownMs };
    this.end(netStream, "client");
    core.followRecording(netStream, time);
  }

  #onFault(netStream: NetStream, file: string, error: unknown): void {
    this.#fault(error, file);
    this.#host.newTurn();
    if (!(netStream.attachment instanceof RecordedPlay)) return;
    this.end(netStream, "internal");
    this.#host.core.failRecording(netStream, "The recording cannot be read on.");
    this.#host.context.pumps.add(this.#host.writer);
  }

  #fault(error: unknown, file: string): void {
    const { context } = this.#host;
    context.faults.count("record", error);
    const properties = { file, error: errorText(error) };
    context.endings.say("warn", "recording cannot be read", properties, this.#host.now);
  }

  onPause({ player }: RecordedPlay, { paused }: NetStream, time: number | undefined): void {
    if (paused) player.pause();
    else player.resume(time);
  }

  /** What was to take the place of a recording does not come. */
  onSwitchFailed(netStream: NetStream): void {
    const use = netStream.attachment;
    if (use instanceof RecordedPlay && use.isOver) this.#onEnd(netStream, use.player);
  }

  /** `to`: milliseconds, on the client's time line. */
  onSeek(use: RecordedPlay, netStream: NetStream, to: number): void {
    if (use.next !== undefined || use.pending !== undefined) this.switching.cancel(netStream, use);
    use.isOver = false;
    use.player.seek(to);
  }

  /** Goes to recordings. Made when it is first asked for: few clients switch. */
  get switching(): RecordedSwitching {
    return this.#switches ??= new RecordedSwitching(
      this.#host,
      (netStream, use, next) => this.#replaceLive(netStream, use, next),
      (error, file) => this.#fault(error, file),
    );
  }

  /** Ends what it plays, if that is a recording. */
  end(netStream: NetStream, reason: EndReason): void {
    const use = netStream.attachment;
    if (!(use instanceof RecordedPlay)) return;
    netStream.attachment = undefined;
    const { player, recording, context, since } = use;
    const { writer, now } = this.#host;
    writer.remove(player);
    player.close();
    recording.close();
    use.next?.recording.close();
    use.pending?.cancel();
    const { app, name } = context;
    log.info("stopped playing", { ...this.#host.who(), app, name, reason });
    const durationMs = Math.round(now - since);
    const session = this.#host.id;
    const stopped = { session, app, name, reason, durationMs };
    this.#host.context.plugins.activity.tell("play.stopped", stopped);
    this.#host.context.plugins.playEnd({ ...context, reason, bytes: player.bytesOut, durationMs });
  }

  /** Where plugins decide who plays, how long something lasts is told with its metadata only. */
  onStreamLength(request: StreamLengthRequest): void {
    const { core, context: { recordings, plugins, hub } } = this.#host;
    const { path } = request;
    const isOpen = recordings !== undefined && !plugins.decides("onPlay") && isPublicPath(path);
    if (!isOpen || hub.registry.get(path) !== undefined) return core.answerLength(request, 0);
    this.#host.whenDecided(this.#length(request), (ms) => core.answerLength(request, ms / 1000));
  }

  async #length({ path, said }: StreamLengthRequest): Promise<number> {
    const { recordings } = this.#host.context;
    const recording = await recordings!.open({ ...path, container: containerOf(said) });
    if (typeof recording === "string") return 0;
    recording.close();
    return recording.file.duration;
  }
}
