/**
 * What a session publishes: asks the plugins and the hub, pushes media, tells of the end.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { RECEIVER_EFFORT } from "../../core/rtmp/session/effort.ts";
import type { NetStream, PublishRequest } from "../../core/rtmp/session/mod.ts";
import { isPublicPath } from "../../core/rtmp/stream_name.ts";
import type { KeyFrameFault, PublisherInfo, RevokeReason, StreamKey } from "../../hub/mod.ts";
import type { EndReason, PublishContext, PushWish } from "../../plugin/mod.ts";
import type { RecordWish } from "../../recordings/record_wish.ts";
import { claimOf } from "../claim.ts";
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

/** What a publish is begun with. */
interface PublishBegin {
  /** With the public name. */
  readonly context: PublishContext;
  readonly info: PublisherInfo;
  /** What plugins said of recording it. */
  readonly record: RecordWish | undefined;
  /** Where else they said it goes. */
  readonly push: readonly PushWish[] | undefined;
}

/** The publishing half of a session. */
export class Publishing {
  readonly #host: SessionHost;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  onPublish(netStream: NetStream, request: PublishRequest): void {
    const host = this.#host;
    const { plugins, hub, runtime } = host.context;
    const { app, name } = request.path;
    const context = { ...host.connectContext(request.query, app), name, type: request.type };
    host.whenDecided(host.apps.within(app, () => plugins.publish(context)), (decision) => {
      if (!decision.allow) {
        const { reason, plugin } = decision;
        // Not the name: what a client sends may be a secret key, even one that is right.
        const masked = maskSaid(reason, host.said, context);
        return this.#refuse(netStream, "Denied", reason, masked, { plugin });
      }
      const path = { app, name: decision.name ?? name };
      if (!isPublicPath(path)) return this.#refuse(netStream, "BadName", NOT_PUBLIC);
      const use = netStream.attachment;
      if (use instanceof Publish && use.publisher.stream === hub.registry.get(path)) {
        return host.core.keepPublish(netStream);
      }
      const info = {
        sessionId: host.id,
        address: host.address,
        client: host.client,
        since: runtime.clock.wall(),
        ...(host.via.length === 0 ? {} : { via: host.via }),
        ...(request.query.size === 0 ? {} : { query: String(request.query) }),
      };
      host.whenDecided(claimOf(hub, path, info, host.now), (reason) => {
        if (reason !== undefined) return this.#refuse(netStream, "Rejected", reason);
        const wanted = { ...context, name: path.name };
        const begin = { context: wanted, info, record: decision.record, push: decision.push };
        this.#begin(netStream, begin, loggedClient(context), false);
      });
    });
  }

  /**
   * `client`: how the log is to call it, `asked`: whether the one who has
   * the name was asked for a sign of life.
   */
  #begin(
    netStream: NetStream,
    begin: PublishBegin,
    client: string,
    asked: boolean,
  ): void {
    const host = this.#host;
    const { context, info, record, push } = begin;
    const { registry } = host.context.hub;
    const path = { app: context.app, name: context.name };
    const publisher = registry.publish(path, info, {
      onRevoked: (reason) => this.#onRevoked(netStream, reason),
      onFault: (error) => host.fault(error),
      onKeyFrameFault: (fault, codec, dropped) => {
        const why = KEY_FRAMES[fault];
        log.warn("key frames", { ...host.who(), ...path, codec, dropped, why });
      },
    }, host.now);
    // Whoever had the name was told, and plugins with them: by now we may be gone.
    if (host.core.phase === "closed") {
      if (typeof publisher !== "string") registry.unpublish(publisher, host.now);
      return;
    }
    if (publisher === "taken" && !asked) {
      const answer = this.#askOwner(path);
      const again = () => this.#begin(netStream, begin, client, true);
      if (answer) return host.whenDecided(answer, again);
    }
    if (typeof publisher === "string") {
      const reason = REFUSALS[publisher];
      // A name that is taken is live, so it is no secret; another one may be.
      const known = publisher === "taken" ? path : {};
      const code = publisher === "taken" ? "BadName" : "Rejected";
      return this.#refuse(netStream, code, reason, reason, known);
    }
    // Published names may be public where the names clients send are secret keys: log the former.
    host.publicApp = path.app;
    log.info("publishing", { ...host.who(), ...path, client });
    host.served();
    // Each player was told.
    host.core.charge(RECEIVER_EFFORT * publisher.stream.playerCount);
    const publish = new Publish(publisher, context);
    try {
      host.core.acceptPublish(netStream, publish);
    } finally {
      // The session ended meanwhile, or the publish did.
      if (netStream.attachment !== publish) registry.unpublish(publisher, host.now);
    }
    if (netStream.attachment === publish) this.#record(netStream, publish, record);
    if (push !== undefined && publisher.active) {
      host.context.relay?.onPublish(publisher.stream, push);
    }
    host.pushed(publisher.stream);
  }

  /** It may have to be recorded: its client is told, if it asked for that. */
  #record(netStream: NetStream, publish: Publish, wish: RecordWish | undefined): void {
    const { context, core } = this.#host;
    const { stream } = publish.publisher;
    const { type } = publish.context;
    const isAsked = type !== "live";
    context.recorder?.onPublish(stream, {
      ...{ type, wish },
      tell: (status) => {
        if (!isAsked || core.phase === "closed") return;
        // By then it may do something else.
        const isStill = netStream.attachment === publish || netStream.attachment === undefined;
        if (!isStill) return;
        this.#host.attempt(() => {
          core.notifyRecord(netStream, status);
          this.#host.writer.pump();
        });
      },
    });
  }

  #refuse(
    netStream: NetStream,
    code: "Denied" | "BadName" | "Rejected",
    told: string,
    logged = told,
    known: Readonly<Record<string, unknown>> = {},
  ): void {
    const host = this.#host;
    log.info("publish refused", { ...host.who(), ...known, reason: logged });
    host.onRefused();
    host.core.rejectPublish(netStream, code, told);
  }

  /** Asks the publisher of a live name whether it is still there, unless that is us. */
  #askOwner(path: StreamKey): Promise<void> | undefined {
    const { config, hub, probe } = this.#host.context;
    const owner = hub.registry.get(path)?.publisher?.info.sessionId;
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
    this.#host.context.hub.registry.unpublish(publisher, now, LOST.has(reason));
    const { app, name } = context;
    log.info("unpublished", { ...this.#host.who(), app, name, reason });
    const durationMs = Math.round(now - publisher.since);
    this.#host.context.plugins.unpublish({ ...context, reason, bytes, durationMs });
  }
}
