/**
 * One RTMP client: joins its connection, the protocol session, the plugins and the hub.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ProtocolError } from "../../core/errors.ts";
import {
  type ConnectRequest,
  type NetStream,
  type PlayRequest,
  type PublishRequest,
  ServerSession,
  type SessionHandler,
} from "../../core/rtmp/session/mod.ts";
import type { HubRefusal, LiveStream, PlayEnd, RevokeReason } from "../../hub/mod.ts";
import type { ConnectContext, Decision, EndReason } from "../../plugin/mod.ts";
import type { Connection } from "../../ports.ts";
import { formatAddress } from "./address.ts";
import type { RtmpContext } from "./context.ts";
import { SessionDeadlines } from "./deadlines.ts";
import { Outlet } from "./outlet.ts";
import { Play, Publish } from "./stream_use.ts";

const log = getLogger(["sluice", "rtmp"]);

const REVOKED: Record<RevokeReason, string> = {
  replaced: "Another publisher has taken over.",
  kicked: "The stream was ended by the operator.",
  shutdown: "The server is shutting down.",
};

/** One RTMP client. */
export class RtmpSession implements SessionHandler {
  readonly id: string;
  readonly core: ServerSession;
  readonly connection: Connection;
  readonly outlet: Outlet;
  /** Milliseconds since 1970. */
  readonly since: number;
  connect: ConnectRequest | undefined;
  readonly deadlines: SessionDeadlines;
  readonly #context: RtmpContext;
  readonly #startedAt: number;
  /** The clock, read once per turn. */
  #now: number;
  /** Streams that were pushed to in this turn. */
  readonly #pushed = new Set<LiveStream>();
  /** Why the session ends; what its streams and plugins are told. */
  #reason: EndReason = "disconnected";
  /** Whether the plugins let it in, so that they are told when it leaves. */
  #admitted = false;

  constructor(context: RtmpContext, connection: Connection, id: string) {
    const { config, runtime } = context;
    this.id = id;
    this.connection = connection;
    this.#context = context;
    this.#now = this.#startedAt = runtime.clock.now();
    this.since = runtime.clock.wall();
    this.outlet = new Outlet(connection, () => {
      log.warn("client does not read its replies", this.who());
      connection.destroy();
    });
    this.core = new ServerSession(
      {
        random: runtime.randomBytes(3072),
        chunkSize: config.chunkSize,
        windowAckSize: config.windowAckSize,
        maxNetStreams: config.maxStreamsPerConnection,
        maxMediaBytes: config.maxMessageBytes,
        maxCommandBytes: config.maxCommandBytes,
      },
      this,
      this.#now,
    );
    this.deadlines = new SessionDeadlines(config, this.core, this.outlet, connection, this.#now);
    connection.start({
      onData: (bytes) => this.#onData(bytes),
      onWritable: () => this.outlet.onWritable(),
      onClose: () => this.#onGone(),
    });
  }

  /** `address:port` of the peer. */
  get address(): string {
    return formatAddress(this.connection.remote);
  }

  /** What the client calls itself. */
  get client(): string {
    return this.connect?.flashVer ?? "";
  }

  /** Properties that every log line about this session carries. */
  who(): Record<string, unknown> {
    return { session: this.id, peer: this.address };
  }

  /**
   * The public name of what a NetStream publishes or plays: the one a plugin may have put in the
   * place of a secret one.
   */
  nameOf(netStream: NetStream): string {
    const use = netStream.attachment;
    return use instanceof Publish || use instanceof Play ? use.context.name : "";
  }

  /** Ends the session for a reason of ours. */
  end(reason: EndReason): void {
    this.#reason = reason;
    this.#now = this.#context.runtime.clock.now();
    if (reason === "shutdown") this.core.shutdown();
    else this.core.close();
  }

  // The connection

  #onData(bytes: Uint8Array): void {
    this.#now = this.#context.runtime.clock.now();
    try {
      this.core.receive(bytes);
      this.#afterTurn();
    } catch (error) {
      this.#onFault(error);
    }
  }

  #afterTurn(): void {
    if (this.#pushed.size > 0) {
      for (const stream of this.#pushed) this.#context.pacer.pushed(stream, this.#now);
      this.#pushed.clear();
    }
    this.outlet.pump();
  }

  /** A bug of ours: this session pays for it and nobody else. */
  #onFault(error: unknown): void {
    log.error("internal error, session closed", { ...this.who(), error });
    this.#reason = "internal";
    this.connection.destroy();
  }

  #onGone(): void {
    this.#now = this.#context.runtime.clock.now();
    this.core.close();
    if (this.#admitted) {
      this.#context.plugins.disconnect({
        ...this.#connectContext(this.connect!.query),
        reason: this.#reason,
        bytesIn: this.core.bytesIn,
        bytesOut: this.connection.bytesWritten,
        durationMs: this.#now - this.#startedAt,
      });
    }
    log.debug("disconnected", { ...this.who(), reason: this.#reason });
    this.#context.onGone(this.id);
  }

  // The protocol session

  send(bytes: Uint8Array): void {
    this.outlet.send(bytes);
  }

  onConnect(request: ConnectRequest): void {
    this.connect = request;
    const context = this.#connectContext(request.query);
    this.#whenDecided(this.#context.plugins.connect(context), (decision) => {
      if (!decision.allow) {
        this.#reason = "refused";
        log.info("connect refused", { ...this.who(), app: request.app, reason: decision.reason });
        return this.core.rejectConnect(decision.reason);
      }
      this.#admitted = true;
      log.debug("connected", { ...this.who(), app: request.app, client: this.client });
      this.core.acceptConnect();
    });
  }

  onPublish(netStream: NetStream, request: PublishRequest): void {
    const { plugins, registry, runtime } = this.#context;
    const context = {
      ...this.#connectContext(request.query, request.path.app),
      name: request.path.name,
      type: request.type,
    };
    this.#whenDecided(plugins.publish(context), (decision) => {
      const from = { ...this.who(), app: request.path.app, name: request.path.name };
      if (!decision.allow) {
        log.info("publish refused", { ...from, reason: decision.reason });
        return this.core.rejectPublish(netStream, "Denied", decision.reason);
      }
      const path = { app: request.path.app, name: decision.name ?? request.path.name };
      const info = {
        sessionId: this.id,
        address: this.address,
        client: this.client,
        since: runtime.clock.wall(),
      };
      const publisher = registry.publish(path, info, {
        onRevoked: (reason) => this.#onRevoked(netStream, reason),
      }, this.#now);
      if (typeof publisher === "string") {
        log.info("publish refused", { ...from, name: path.name, reason: REFUSALS[publisher] });
        const code = publisher === "taken" ? "BadName" : "Rejected";
        return this.core.rejectPublish(netStream, code, REFUSALS[publisher]);
      }
      netStream.attachment = new Publish(publisher, { ...context, name: path.name });
      // Published names may be public where the names clients send are secret keys: log the former.
      log.info("publishing", {
        ...this.who(),
        app: path.app,
        name: path.name,
        client: this.client,
      });
      this.core.acceptPublish(netStream);
      this.#pushed.add(publisher.stream);
    });
  }

  onMedia(netStream: NetStream, kind: number, timestamp: number, payload: Uint8Array): void {
    const { publisher } = netStream.attachment as Publish;
    publisher.push(kind, timestamp, payload, this.#now);
    this.#pushed.add(publisher.stream);
  }

  onSetData(netStream: NetStream, handler: string, timestamp: number, payload: Uint8Array): void {
    const { publisher } = netStream.attachment as Publish;
    publisher.setData(handler, timestamp, payload, this.#now);
    this.#pushed.add(publisher.stream);
  }

  onClearData(netStream: NetStream, handler: string): void {
    (netStream.attachment as Publish).publisher.clearData(handler);
  }

  onUnpublish(netStream: NetStream): void {
    this.#endPublish(netStream, this.core.phase === "closed" ? this.#reason : "client");
  }

  #onRevoked(netStream: NetStream, reason: RevokeReason): void {
    this.#now = this.#context.runtime.clock.now();
    this.#endPublish(netStream, reason);
    this.core.revokePublish(netStream, REVOKED[reason]);
    // An encoder that lost its stream has nothing left to do here, unless it uses another one.
    const busy = [...this.core.streams.values()].some((other) => other.state !== "idle");
    if (busy) this.outlet.pump();
    else this.end(reason);
  }

  #endPublish(netStream: NetStream, reason: EndReason): void {
    const use = netStream.attachment;
    if (!(use instanceof Publish)) return;
    netStream.attachment = undefined;
    const { publisher, context } = use;
    const bytes = publisher.active ? publisher.stream.stats.bytesIn : 0;
    this.#context.registry.unpublish(publisher, this.#now);
    const durationMs = this.#now - publisher.since;
    log.info("unpublished", { ...this.who(), app: context.app, name: context.name, reason });
    this.#context.plugins.unpublish({ ...context, reason, bytes, durationMs });
  }

  onPlay(netStream: NetStream, request: PlayRequest): void {
    const { plugins, registry, encoders } = this.#context;
    const context = {
      ...this.#connectContext(request.query, request.path.app),
      name: request.path.name,
    };
    this.#whenDecided(plugins.play(context), (decision) => {
      const from = { ...this.who(), app: request.path.app, name: request.path.name };
      if (!decision.allow) {
        log.info("play refused", { ...from, reason: decision.reason });
        return this.core.rejectPlay(netStream, "Failed", decision.reason);
      }
      const path = { app: request.path.app, name: decision.name ?? request.path.name };
      const encoder = encoders.get(netStream.id, true, true);
      const started = registry.play(path, encoder, this.outlet, {
        onStart: () => {
          log.info("playing", { ...this.who(), app: path.app, name: path.name });
          this.core.startPlay(netStream);
        },
        onEnd: (reason) => this.#onPlayEnd(netStream, reason),
      }, this.#now);
      if (typeof started === "string") {
        log.info("play refused", { ...from, reason: REFUSALS[started] });
        const code = started === "not-found" ? "StreamNotFound" : "Failed";
        return this.core.rejectPlay(netStream, code, REFUSALS[started]);
      }
      netStream.attachment = new Play(
        started.player,
        started.stream,
        { ...context, name: path.name },
        this.#now,
      );
      this.outlet.add(started.player);
      this.core.acceptPlay();
    });
  }

  #onPlayEnd(netStream: NetStream, reason: PlayEnd): void {
    if (reason === "not-found") {
      this.#endPlay(netStream, reason);
      const why = `Nobody published this stream within ${this.#context.config.playWaitMs} ms.`;
      this.core.rejectPlay(netStream, "StreamNotFound", why);
    } else {
      this.#endPlay(netStream, reason);
      this.core.endPlay(netStream);
    }
    this.outlet.pump();
  }

  onStop(netStream: NetStream): void {
    this.#endPlay(netStream, this.core.phase === "closed" ? this.#reason : "client");
  }

  #endPlay(netStream: NetStream, reason: EndReason): void {
    const use = netStream.attachment;
    if (!(use instanceof Play)) return;
    netStream.attachment = undefined;
    const { player, stream, context, since } = use;
    this.outlet.remove(player);
    this.#context.registry.stopPlaying(stream, player);
    log.info("stopped playing", {
      ...this.who(),
      app: context.app,
      name: context.name,
      reason,
      dropped: player.framesDropped,
    });
    const durationMs = this.#now - since;
    this.#context.plugins.stop({ ...context, reason, bytes: player.bytesOut, durationMs });
  }

  onPause(netStream: NetStream, paused: boolean): void {
    const use = netStream.attachment;
    if (!(use instanceof Play)) return;
    if (paused) use.player.pause();
    else use.player.resume(this.#now);
  }

  onReceive(netStream: NetStream): void {
    const use = netStream.attachment;
    if (!(use instanceof Play)) return;
    const { receiveAudio, receiveVideo } = netStream;
    const encoder = this.#context.encoders.get(netStream.id, receiveAudio, receiveVideo);
    use.stream.changeEncoder(use.player, encoder, this.#now);
  }

  onEnd(error?: ProtocolError): void {
    if (error !== undefined) {
      this.#reason = error.code === "timeout" ? "timeout" : "protocol";
      const level = this.#admitted ? "warn" : "info";
      log[level]("closing the connection", { ...this.who(), error: error.message });
    } else if (this.#reason === "disconnected") {
      this.#reason = "client";
    }
    this.outlet.end();
  }

  // Plugins

  #connectContext(query: URLSearchParams, app = this.connect!.app): ConnectContext {
    const { tcUrl, pageUrl, flashVer } = this.connect!;
    return {
      sessionId: this.id,
      app,
      query,
      tcUrl,
      pageUrl,
      flashVer,
      address: this.connection.remote,
    };
  }

  /** Goes on with a decision, now or once it is there; meanwhile nothing is read from the client. */
  #whenDecided(decision: Decision | Promise<Decision>, act: (decision: Decision) => void): void {
    if (!(decision instanceof Promise)) return act(decision);
    this.connection.pause();
    decision.then((decided) => {
      if (this.core.phase === "closed") return;
      this.#now = this.#context.runtime.clock.now();
      act(decided);
      this.connection.resume();
      this.#afterTurn();
    }).catch((error) => this.#onFault(error));
  }
}

/** What a client is told when the hub refuses. */
const REFUSALS: Record<HubRefusal, string> = {
  "taken": "The stream is already being published.",
  "not-found": "Nobody publishes this stream.",
  "too-many-streams": "The server has as many streams as it may have.",
};
