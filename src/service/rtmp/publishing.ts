/**
 * What a session publishes: asks the plugins and the hub, pushes media, tells of the end.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { RECEIVER_EFFORT } from "../../core/rtmp/session/effort.ts";
import type { NetStream, PublishRequest } from "../../core/rtmp/session/mod.ts";
import { isPublicPath } from "../../core/rtmp/stream_name.ts";
import type { KeyFrameFault, RevokeReason, StreamKey } from "../../hub/mod.ts";
import type { Decision, EndReason } from "../../plugin/mod.ts";
import { NOT_PUBLIC, REFUSALS } from "../refusals.ts";
import { loggedClient, maskSaid } from "../mask_context.ts";
import type { SessionHost } from "./session_host.ts";
import { Publish } from "./attachment.ts";

const log = getLogger(["sluice", "rtmp"]);

/** What the client is told; with a code, encoders take it for an error and do not come back at once. */
const REVOKED: Record<RevokeReason, { why: string; code?: "BadName" | "Rejected" }> = {
  replaced: { why: "Another publisher has taken over.", code: "BadName" },
  kicked: { why: "The stream was ended by the operator.", code: "Rejected" },
  shutdown: { why: "The server is shutting down." },
  "no-memory": { why: "The server has no memory left for this stream.", code: "Rejected" },
};

/**
 * Ends without a goodbye: the publisher is likely to come back, and its players wait for it
 * (`reconnect.windowMs`).
 */
const LOST: ReadonlySet<EndReason> = new Set<EndReason>(
  ["disconnected", "timeout", "stalled", "protocol", "internal"],
);

/** What the operator of an encoder is told of its key frames. */
const KEY_FRAMES: Record<KeyFrameFault, string> = {
  "missing":
    "Every picture is flagged as an inter frame, and none is a key frame: players get sound alone." +
    " Set a key frame interval of the encoder.",
  "flagged-inter":
    "Key frames are flagged as inter frames: they were found by looking at the pictures. Some players" +
    " go by the flags.",
};

/** The publishing half of a session. */
export class Publishing {
  readonly #host: SessionHost;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  onPublish(netStream: NetStream, request: PublishRequest): void {
    const host = this.#host;
    const { plugins, registry, runtime } = host.context;
    const { app, name } = request.path;
    const context = { ...host.connectContext(request.query, app), name, type: request.type };
    /** `asked`: whether the one who has the name was asked for a sign of life. */
    const act = (decision: Decision, asked: boolean): void => {
      if (!decision.allow) {
        const { reason } = decision;
        // Not the name: what a client sends may be a secret key, even one that is right.
        log.info("publish refused", {
          ...host.who(),
          reason: maskSaid(reason, host.said, context),
        });
        host.onRefused();
        return host.core.rejectPublish(netStream, "Denied", reason);
      }
      const path = { app, name: decision.name ?? name };
      if (!isPublicPath(path)) {
        log.info("publish refused", { ...host.who(), reason: NOT_PUBLIC });
        host.onRefused();
        return host.core.rejectPublish(netStream, "BadName", NOT_PUBLIC);
      }
      const use = netStream.attachment;
      if (use instanceof Publish && use.publisher.stream === registry.get(path)) {
        return host.core.keepPublish(netStream);
      }
      const info = {
        sessionId: host.id,
        address: host.address,
        client: host.client,
        since: runtime.clock.wall(),
      };
      const publisher = registry.publish(path, info, {
        onRevoked: (reason) => this.#onRevoked(netStream, reason),
        onFault: (error) => host.fault(error),
        onKeyFrameFault: (fault, codec, dropped) => {
          log.warn("key frames", {
            ...host.who(),
            ...path,
            codec,
            dropped,
            why: KEY_FRAMES[fault],
          });
        },
      }, host.now);
      // Whoever had the name was told, and plugins with them: by now we may be gone.
      if (host.core.phase === "closed") {
        if (typeof publisher !== "string") registry.unpublish(publisher, host.now);
        return;
      }
      const other = publisher === "taken" && !asked && this.#askOwner(path);
      if (other) return host.whenDecided(other.then(() => decision), (d) => act(d, true));
      if (typeof publisher === "string") {
        const reason = REFUSALS[publisher];
        // A name that is taken is live, so it is no secret; another one may be.
        const known = publisher === "taken" ? path : {};
        log.info("publish refused", { ...host.who(), ...known, reason });
        const code = publisher === "taken" ? "BadName" : "Rejected";
        host.onRefused();
        return host.core.rejectPublish(netStream, code, reason);
      }
      // Published names may be public where the names clients send are secret keys: log the former.
      host.publicApp = app;
      log.info("publishing", { ...host.who(), ...path, client: loggedClient(context) });
      host.served();
      // Each player was told.
      host.core.charge(RECEIVER_EFFORT * publisher.stream.playerCount);
      const publish = new Publish(publisher, { ...context, name: path.name });
      try {
        host.core.acceptPublish(netStream, publish);
      } finally {
        // The session ended meanwhile, or the publish did.
        if (netStream.attachment !== publish) registry.unpublish(publisher, host.now);
      }
      host.pushed(publisher.stream);
    };
    const asked = host.apps.within(app, () => plugins.publish(context));
    host.whenDecided(asked, (decision) => act(decision, false));
  }

  /** Asks the publisher of a live name whether it is still there, unless that is us. */
  #askOwner(path: StreamKey): Promise<void> | undefined {
    const { config, registry, probe } = this.#host.context;
    const owner = registry.get(path)?.publisher?.info.sessionId;
    if (config.publishProbeMs === 0 || owner === undefined || owner === this.#host.id) {
      return undefined;
    }
    return probe(owner, this.#host.now);
  }

  onMedia(netStream: NetStream, kind: number, timestamp: number, payload: Uint8Array): void {
    const use = netStream.attachment as Publish;
    const { publisher } = use;
    use.mediaAt = this.#host.now;
    publisher.push(kind, timestamp, payload, this.#host.now);
    this.#host.pushed(publisher.stream);
  }

  onSetData(netStream: NetStream, handler: string, timestamp: number, payload: Uint8Array): void {
    const use = netStream.attachment as Publish;
    const { publisher } = use;
    use.mediaAt = this.#host.now;
    publisher.setData(handler, timestamp, payload, this.#host.now);
    this.#host.pushed(publisher.stream);
  }

  onClearData(netStream: NetStream, handler: string): void {
    (netStream.attachment as Publish).publisher.clearData(handler);
  }

  onUnpublish(netStream: NetStream): void {
    const use = netStream.attachment;
    if (use instanceof Publish) {
      // Each player is told.
      this.#host.core.charge(RECEIVER_EFFORT * use.publisher.stream.playerCount);
    }
    this.#end(netStream, this.#host.endReason);
  }

  #onRevoked(netStream: NetStream, reason: RevokeReason): void {
    const host = this.#host;
    host.newTurn();
    const { attachment } = netStream;
    this.#end(netStream, reason);
    if (reason === "replaced" && attachment instanceof Publish) {
      host.context.takeovers.noted(attachment.publisher.stream, host.now);
    }
    const { why, code } = REVOKED[reason];
    host.core.revokePublish(netStream, why, code);
    // An encoder that lost its stream has nothing left to do here, unless it uses another one.
    const busy = host.busy ||
      [...host.core.streams.values()].some((other) => other.state !== "idle");
    host.writer.pump();
    if (!busy) host.end(reason);
  }

  #end(netStream: NetStream, reason: EndReason): void {
    const use = netStream.attachment;
    if (!(use instanceof Publish)) return;
    netStream.attachment = undefined;
    const { publisher, context } = use;
    // Before another publisher of the name resets it.
    const bytes = publisher.stream.stats.bytesIn;
    const { now } = this.#host;
    this.#host.context.registry.unpublish(publisher, now, LOST.has(reason));
    const { app, name } = context;
    log.info("unpublished", { ...this.#host.who(), app, name, reason });
    const durationMs = Math.round(now - publisher.since);
    this.#host.context.plugins.unpublish({ ...context, reason, bytes, durationMs });
  }
}
