/**
 * Who wants to go from what a NetStream plays to something else (play2 with `switch` or `swap`): asks the
 * plugins, and looks whether that is live or a recording.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { NetStream, PlayRequest } from "../../core/rtmp/session/mod.ts";
import { isPublicPath } from "../../core/rtmp/stream_name.ts";
import type { PlayContext } from "../../plugin/mod.ts";
import { maskSaid } from "../mask_context.ts";
import { NOT_PUBLIC, PLAY_IS_OVER } from "../refusals.ts";
import { usedBy } from "./attachment.ts";
import type { RecordedPlaying } from "./recorded_playing.ts";
import type { SessionHost } from "./session_host.ts";
import type { Switching } from "./switching.ts";

const log = getLogger(["sluice", "rtmp"]);

/** The switches that one client asks for. */
export class SwitchRequests {
  readonly #host: SessionHost;
  readonly #live: Switching;
  readonly #recorded: RecordedPlaying;

  /** @param live goes to what is live, @param recorded to recordings */
  constructor(host: SessionHost, live: Switching, recorded: RecordedPlaying) {
    this.#host = host;
    this.#live = live;
    this.#recorded = recorded;
  }

  onSwitch(netStream: NetStream, request: PlayRequest): void {
    const recorded = this.#recorded;
    if (!recorded.wants(request, request.path)) return this.#ask(netStream, request, {});
    this.#host.whenDecided(
      recorded.about(request),
      (about) => this.#ask(netStream, request, about),
    );
  }

  /** @param about what is known of the recording, if it is one */
  #ask(netStream: NetStream, request: PlayRequest, about: Partial<PlayContext>): void {
    const host = this.#host;
    const { core } = host;
    const { app, name } = request.path;
    const context = { ...host.connectContext(request.query, app), name, ...about };
    const asked = host.apps.within(app, () => host.context.plugins.play(context));
    host.whenDecided(asked, (decision) => {
      // The play may have ended meanwhile, and with it what there was to switch.
      const use = usedBy(netStream);
      if (use === undefined) return core.rejectSwitch(netStream, "Failed", PLAY_IS_OVER);
      if (!decision.allow) {
        const { reason } = decision;
        log.info("switch refused", { ...host.who(), reason: maskSaid(reason, host.said, context) });
        return core.rejectSwitch(netStream, "Failed", reason);
      }
      const path = { app, name: decision.name ?? name };
      if (!isPublicPath(path)) return core.rejectSwitch(netStream, "StreamNotFound", NOT_PUBLIC);
      const known = { ...context, name: path.name };
      if (!this.#recorded.wants(request, path)) {
        return this.#live.begin(netStream, use, known, path, request);
      }
      this.#recorded.switching.ask(netStream, use, request, known, path, () => {
        const { recorded: _, file: __, start: ___, ...unrecorded } = known;
        this.#live.begin(netStream, use, unrecorded, path, request);
      });
    });
  }
}
