/**
 * Goes from one recording to another on a NetStream that plays (play2 with `switch` or `swap`): the present one
 * goes on to a key frame of the other, which then goes on at the same time.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { NetStream, PlayRequest } from "../../core/rtmp/session/mod.ts";
import { containerOf, isPublicPath } from "../../core/rtmp/stream_name.ts";
import type { StreamKey } from "../../hub/mod.ts";
import type { PlayContext } from "../../plugin/mod.ts";
import type { NotOpened } from "../../recordings/library.ts";
import { maskSaid } from "../mask_context.ts";
import { NOT_PUBLIC } from "../refusals.ts";
import { type NextRecording, RecordedPlay } from "./attachment.ts";
import type { SessionHost } from "./session_host.ts";

const log = getLogger(["sluice", "rtmp"]);

/** How far behind what was sent a key frame is looked for first (ms), then twice as far, and so on; and most. */
const FIRST_STEP_MS = 1_000;
const MOST_AHEAD_MS = 32_000;

const OVER = "What was played is over.";

/** The other recording and its key frame; or why it cannot be gone on with. */
type Found = Pick<NextRecording, "recording" | "place"> | NotOpened | "over";

/** The switches of one session between recordings. */
export class RecordedSwitching {
  readonly #host: SessionHost;
  readonly #about: (request: PlayRequest) => Promise<Partial<PlayContext>>;
  readonly #onFault: (error: unknown, file: string) => void;

  /**
   * @param about tells what plugins are told of the recording that is asked for
   * @param onFault is told why one cannot be read
   */
  constructor(
    host: SessionHost,
    about: (request: PlayRequest) => Promise<Partial<PlayContext>>,
    onFault: (error: unknown, file: string) => void,
  ) {
    this.#host = host;
    this.#about = about;
    this.#onFault = onFault;
  }

  onSwitch(netStream: NetStream, request: PlayRequest): void {
    this.#host.whenDecided(
      this.#about(request),
      (about) => this.#ask(netStream, request, about),
    );
  }

  #ask(netStream: NetStream, request: PlayRequest, about: Partial<PlayContext>): void {
    const host = this.#host;
    const { app, name } = request.path;
    const context = { ...host.connectContext(request.query, app), name, ...about };
    const asked = host.apps.within(app, () => host.context.plugins.play(context));
    host.whenDecided(asked, (decision) => {
      if (!decision.allow) {
        const { reason, plugin } = decision;
        const masked = maskSaid(reason, host.said, context);
        log.info("switch refused", { ...host.who(), plugin, reason: masked });
        return host.core.rejectSwitch(netStream, "Failed", reason);
      }
      const path = { app, name: decision.name ?? name };
      if (!isPublicPath(path)) {
        return host.core.rejectSwitch(netStream, "StreamNotFound", NOT_PUBLIC);
      }
      const use = netStream.attachment;
      if (!isUnderWay(netStream, use)) return host.core.rejectSwitch(netStream, "Failed", OVER);
      const known = { ...context, name: path.name };
      host.whenDecided(
        this.#open(use, request, path),
        (found) => this.#begin(netStream, use, request, known, path, found),
      );
    });
  }

  async #open(
    { player }: RecordedPlay,
    { said }: PlayRequest,
    path: StreamKey,
  ): Promise<Found> {
    const recordings = this.#host.context.recordings!;
    const recording = await recordings.open({ ...path, container: containerOf(said) });
    if (typeof recording === "string") return recording;
    try {
      // The present one goes on meanwhile.
      for (let step = FIRST_STEP_MS; step <= MOST_AHEAD_MS; step *= 2) {
        const place = await recording.file.place(player.position + step);
        if (place.time > player.position) return { recording, place };
      }
      recording.close();
      return "over";
    } catch (error) {
      recording.close();
      this.#onFault(error, recording.path);
      return "unreadable";
    }
  }

  #begin(
    netStream: NetStream,
    use: RecordedPlay,
    request: PlayRequest,
    context: PlayContext,
    path: StreamKey,
    found: Found,
  ): void {
    const { core } = this.#host;
    if (typeof found === "string") {
      return found === "missing"
        ? core.rejectSwitch(netStream, "StreamNotFound", "There is no such recording.")
        : core.rejectSwitch(netStream, "Failed", "The other recording cannot be gone on with.");
    }
    const { recording, place } = found;
    const isThere = netStream.attachment === use && isUnderWay(netStream, use);
    if (!isThere || place.time <= use.player.position) {
      recording.close();
      return core.rejectSwitch(netStream, "Failed", OVER);
    }
    use.next?.recording.close();
    use.next = { recording, place, request, context, path };
    core.acceptSwitch(netStream);
    use.player.endBefore(place.time);
  }

  /** The client goes elsewhere: what was to follow at its time does not. */
  cancel(netStream: NetStream, use: RecordedPlay): void {
    const { next } = use;
    if (next === undefined) return;
    use.next = undefined;
    next.recording.close();
    use.player.endBefore(Infinity);
    this.#host.core.failSwitch(netStream, "Failed", "It was gone elsewhere before the switch.");
  }
}

function isUnderWay({ finished }: NetStream, use: unknown): use is RecordedPlay {
  return use instanceof RecordedPlay && !finished;
}
