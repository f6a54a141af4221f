/**
 * Asks the origin whether a viewer may play, in its name: with its query and its address. The answer is all that is
 * wanted, and the connection goes with it.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Asker, StreamKey } from "../../hub/mod.ts";
import { fillUrl, type Plugin, refuse } from "../../plugin/mod.ts";
import { UsageError } from "../../core/errors.ts";
import { parseRtmpUrl, type RtmpUrl } from "../../core/rtmp/url.ts";
import { type Failure, REFUSED_KINDS } from "../outgoing/failure.ts";
import { Upstream } from "../outgoing/upstream.ts";
import type { OpenLink, UpstreamEnvironment } from "../outgoing/upstream_ports.ts";
import { FORWARDED_MEMBER } from "../outgoing/via.ts";
import { askerOf } from "../asker.ts";

const log = getLogger(["sluice", "relay"]);

/** Viewers that the origin is asked about at once; more are refused. */
export const MAX_ASKED = 1000;

/** What a viewer is told where no origin answers. */
export const NO_ANSWER = "The origin does not answer.";
/** What a viewer is told whose name no origin could be asked for. */
export const NO_NAME = "There is no stream of this name.";
/** What a viewer is told where too many are asked about. */
export const TOO_MANY_ASKED = "Too many viewers wait for an answer of the origin.";

/** What it is made with. */
export interface OriginGateOptions {
  /** Templates of URLs, the first to be asked first. */
  readonly origins: readonly string[];
  readonly environment: UpstreamEnvironment;
  readonly ownId: string;
  /** A viewer was let in: what it said holds, should the stream have to be asked for again. */
  onAllowed(key: StreamKey, asker: Asker): void;
}

/**
 * What has the origin decide, as a plugin that is asked behind all others; none where it does not.
 *
 * @param gate of the relays, which are made later
 */
export function originPlugins(
  { decides, origin }: { readonly decides: string; readonly origin: readonly string[] },
  gate: () => OriginGate | undefined,
): readonly Plugin[] {
  if (decides !== "origin" || origin.length === 0) return [];
  return [{
    name: "relay-origin",
    onPlay: async (context) => {
      // What is of this server's disk is none of the origin's.
      if (context.recorded !== undefined) return undefined;
      const reason = await gate()?.ask(context, askerOf(context));
      return reason === undefined ? undefined : refuse(reason);
    },
  }];
}

/** Asks the origin about viewers. */
export class OriginGate {
  readonly #options: OriginGateOptions;
  readonly #asking = new Set<Upstream>();
  #stopping = false;

  constructor(options: OriginGateOptions) {
    this.#options = options;
  }

  /** Viewers that it is asked about. */
  get size(): number {
    return this.#asking.size;
  }

  /** Whether a viewer may play: why not, or nothing. Never rejects. */
  async ask(key: StreamKey, asker: Asker): Promise<string | undefined> {
    if (this.#asking.size >= MAX_ASKED) return TOO_MANY_ASKED;
    const { origins, environment } = this.#options;
    for (const origin of environment.silent.order(origins)) {
      if (this.#stopping) break;
      const answer = await this.#askOne(origin, key, asker);
      if (answer === undefined) {
        this.#options.onAllowed(key, asker);
        return undefined;
      }
      if (REFUSED_KINDS.has(answer.kind)) return answer.message;
      log.warn("origin does not answer for a viewer", { ...answer });
    }
    return NO_ANSWER;
  }

  #askOne(
    origin: string,
    key: StreamKey,
    { query, address }: Asker,
  ): Promise<Failure | undefined> {
    const { environment, ownId } = this.#options;
    const at = fillUrl(origin, key);
    let url: RtmpUrl;
    try {
      url = parseRtmpUrl(query === "" ? at : `${at}?${query}`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return Promise.resolve({ kind: "refused", message: NO_NAME });
    }
    return new Promise((resolve) => {
      const more = { [FORWARDED_MEMBER]: address };
      const request = { what: "play", url, via: [ownId], more } as const;
      const settle = (failure?: Failure) => {
        this.#asking.delete(upstream);
        upstream.close();
        resolve(failure);
      };
      const upstream = new Upstream(environment, request, {
        onStarted: (_link: OpenLink) => settle(),
        // It was let in, and waits for who publishes, as the viewer does here.
        onWaiting: () => settle(),
        onReconnect: () => settle({ kind: "redirect", message: "The origin asks to reconnect" }),
        onEnd: settle,
      });
      this.#asking.add(upstream);
      upstream.start();
    });
  }

  /** Asks no more; who waits is refused. */
  stop(): void {
    this.#stopping = true;
    for (const upstream of [...this.#asking]) {
      upstream.fail({ kind: "closed", message: "The server is shutting down" });
    }
  }
}
