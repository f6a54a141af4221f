/**
 * Goes to a recording on a NetStream that plays (play2 with `switch` or `swap`). From another one: that goes on to
 * a key frame of the other, which then goes on at the same time. From what is live: as soon as its place is found.
 *
 * @module
 */
import type { NetStream, PlayRequest } from "../../core/rtmp/session/mod.ts";
import { containerOf } from "../../core/rtmp/stream_name.ts";
import type { StreamKey } from "../../hub/mod.ts";
import type { PlayContext } from "../../plugin/mod.ts";
import type { NotOpened } from "../../recordings/library.ts";
import { type NextRecording, Play, RecordedPlay, usedBy } from "./attachment.ts";
import { PLAY_IS_OVER } from "../refusals.ts";
import type { SessionHost } from "./session_host.ts";

/** How far behind what was sent a key frame is looked for first (ms), then twice as far, and so on; and most. */
const FIRST_STEP_MS = 1_000;
const MOST_AHEAD_MS = 32_000;

/** The other recording and its key frame; or why it cannot be gone on with. */
type Found = Pick<NextRecording, "recording" | "place"> | NotOpened | "over";

/** The switches of one session between recordings. */
export class RecordedSwitching {
  readonly #host: SessionHost;
  readonly #replace: (netStream: NetStream, use: Play, next: NextRecording) => void;
  readonly #onFault: (error: unknown, file: string) => void;

  /**
   * @param replace puts a recording in the place of what is live
   * @param onFault is told why one cannot be read
   */
  constructor(
    host: SessionHost,
    replace: (netStream: NetStream, use: Play, next: NextRecording) => void,
    onFault: (error: unknown, file: string) => void,
  ) {
    this.#host = host;
    this.#replace = replace;
    this.#onFault = onFault;
  }

  /** The plugins let it go to this recording. `orElse`: there is none, and what is live will do. */
  ask(
    netStream: NetStream,
    use: Play | RecordedPlay,
    request: PlayRequest,
    context: PlayContext,
    path: StreamKey,
    orElse: () => void,
  ): void {
    const host = this.#host;
    host.whenDecided(this.#open(use, request, path), (found) => {
      // What is under way may have nothing in it yet, and is live; what is live may also be waited for.
      const isLive = host.context.hub.registry.get(path) !== undefined;
      const waits = use instanceof Play && found === "missing";
      const isUnfound = typeof found === "string" && found !== "over" && (isLive || waits);
      if (isUnfound && netStream.attachment === use) return orElse();
      this.#begin(netStream, use, request, context, path, found);
    });
  }

  async #open(
    use: Play | RecordedPlay,
    { said, start }: PlayRequest,
    path: StreamKey,
  ): Promise<Found> {
    const recordings = this.#host.context.recordings!;
    const recording = await recordings.open({ ...path, container: containerOf(said) });
    if (typeof recording === "string") return recording;
    try {
      if (recording.grows) await recording.file.measure();
      if (use instanceof Play) {
        const place = await recording.file.place(typeof start === "number" ? start : 0);
        return { recording, place };
      }
      const { player } = use;
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
    use: Play | RecordedPlay,
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
    const isThere = usedBy(netStream) === use;
    if (!isThere || use instanceof RecordedPlay && place.time <= use.player.position) {
      recording.close();
      return core.rejectSwitch(netStream, "Failed", PLAY_IS_OVER);
    }
    use.pending?.cancel();
    const next = { recording, place, request, context, path };
    if (use instanceof RecordedPlay) {
      use.next?.recording.close();
      use.next = next;
    }
    core.acceptSwitch(netStream);
    if (use instanceof RecordedPlay) use.player.endBefore(place.time);
    else if (usedBy(netStream) === use) this.#replace(netStream, use, next);
    else recording.close();
  }

  /** The client goes elsewhere: what was to follow at its time does not. */
  cancel(netStream: NetStream, use: RecordedPlay): void {
    const { next, pending } = use;
    if (next === undefined && pending === undefined) return;
    use.next = undefined;
    pending?.cancel();
    next?.recording.close();
    use.player.endBefore(Infinity);
    this.#host.core.failSwitch(netStream, "Failed", "It was gone elsewhere before the switch.");
  }
}
