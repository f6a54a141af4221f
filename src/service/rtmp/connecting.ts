/**
 * Who a client says it is: asks the plugins to let it in, and tells them when it has left.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ConnectRequest, ServerSession } from "../../core/rtmp/session/mod.ts";
import type { ConnectContext, EndReason } from "../../plugin/mod.ts";
import type { Connection } from "../../ports.ts";
import type { Progress } from "../admission.ts";
import type { RtmpContext } from "./context.ts";
import { protocolOf } from "./describe.ts";
import { type Mentions, shownText } from "../../text.ts";
import { connectMentions, loggedClient, maskSaid } from "../mask_context.ts";
import { LOOP, readForwarded, readVia, showsPass } from "../outgoing/via.ts";
import { NEED_LOGIN, readLoginClaim } from "./logins.ts";
import type { SessionHost } from "./session_host.ts";

const log = getLogger(["sluice", "rtmp"]);

/** Why a client is refused that is not who it says it is, for the log. */
const WRONG_PASSWORD = "No such user, or another password";

const NO_PROPERTIES: ConnectRequest["properties"] = new Map();

/** The session that connects. */
export interface ConnectingSession extends Pick<SessionHost, "id" | "now" | "who" | "whenDecided"> {
  readonly context: RtmpContext;
  readonly core: ServerSession;
  readonly connection: Connection;
  /** Whether it speaks RTMPE. */
  readonly encrypted: boolean;
  readonly secure: boolean;
  readonly tunnelled: boolean;
  readonly startedAt: number;
}

/** What a session knows of its client. */
export class Connecting {
  /** What the client said in `connect`. */
  request: ConnectRequest | undefined;
  /** Servers that its stream has come through, where it is one itself. */
  via: readonly string[] = [];
  /** Whether it is another node of the cluster, which has asked its own plugins. */
  isNode = false;
  /** Whether the plugins let it in, so that they are told when it leaves. */
  admitted = false;
  readonly #session: ConnectingSession;
  #said: Mentions | undefined;
  #forwarded: string | undefined;
  #publishes = false;
  /** Who it has proven to be. */
  #user: string | undefined;
  #progress: Progress = 0;

  constructor(session: ConnectingSession) {
    this.#session = session;
  }

  /** How far it has come, also once the session is over. */
  get progress(): Progress {
    const { phase, bytesIn } = this.#session.core;
    if (phase === "connected") this.#progress = 3;
    else if (phase === "connect") this.#progress = 2;
    else if (phase === "handshake" && bytesIn > 0) this.#progress = 1;
    return this.#progress;
  }

  /** What the client calls itself. */
  get client(): string {
    return shownText(this.request?.flashVer ?? "");
  }

  /** What it said in `connect`, to be masked in what is logged. */
  get said(): Mentions | undefined {
    if (this.request === undefined) return undefined;
    const { app, query } = this.request;
    return this.#said ??= connectMentions(this.contextOf(query, app));
  }

  /** What plugins are told about the client. */
  contextOf(query: URLSearchParams, app: string): ConnectContext {
    const { tcUrl, pageUrl, flashVer, capabilities } = this.request!;
    const { id: sessionId, connection, secure } = this.#session;
    return {
      sessionId,
      client: {
        protocol: protocolOf(this.#session),
        secure,
        address: connection.remote,
        agent: flashVer,
      },
      app,
      query,
      ...(this.#user === undefined ? {} : { user: this.#user }),
      rtmp: {
        ...{ tcUrl, pageUrl, capabilities },
        ...(this.#publishes ? { publishes: true } : {}),
        ...(this.#forwarded === undefined ? {} : { forwardedFor: this.#forwarded }),
      },
    };
  }

  /** `onRefused` is called ahead of telling the client that it is not let in. */
  onConnect(request: ConnectRequest, onRefused: () => void): void {
    const session = this.#session;
    // Its other properties are not kept: values take many times the memory of their bytes.
    this.request = { ...request, properties: NO_PROPERTIES };
    this.via = readVia(request.properties);
    this.#forwarded = readForwarded(request.properties);
    this.#publishes = request.properties.get("type") === "nonprivate";
    if (this.via.includes(session.context.ownId)) {
      onRefused();
      log.info("connect refused", { ...session.who(), reason: LOOP });
      return session.core.rejectConnect(LOOP);
    }
    const { plugins, nodePass } = session.context;
    if (nodePass !== undefined && showsPass(request.properties, nodePass)) {
      this.isNode = true;
      log.debug("connected", { ...session.who(), client: "node of the cluster" });
      return session.core.acceptConnect();
    }
    const claim = readLoginClaim(request.query);
    if (claim === undefined || !plugins.decides("onLogin")) return this.#ask(request, onRefused);
    const context = { ...this.contextOf(request.query, request.app), user: claim.user };
    session.whenDecided(plugins.login(context), (answer) => {
      if (answer.kind === "refused") return this.#refuse(answer, context, onRefused);
      const step = session.context.logins.step(claim, answer, session.now);
      if (step === undefined) {
        this.#user = claim.user;
        return this.#ask(request, onRefused);
      }
      onRefused();
      if (step.failed) log.info("connect refused", { ...session.who(), reason: WRONG_PASSWORD });
      session.core.rejectConnect(step.description);
    });
  }

  /** Puts it to the plugins. */
  #ask(request: ConnectRequest, onRefused: () => void): void {
    const session = this.#session;
    const context = this.contextOf(request.query, request.app);
    session.whenDecided(session.context.plugins.connect(context), (decision) => {
      if (!decision.allow) {
        if (!decision.login || this.#user !== undefined) {
          return this.#refuse(decision, context, onRefused);
        }
        onRefused();
        log.debug("user wanted", { ...session.who(), plugin: decision.plugin });
        return session.core.rejectConnect(NEED_LOGIN);
      }
      this.admitted = true;
      log.debug("connected", { ...session.who(), client: loggedClient(context) });
      session.context.plugins.connected(context);
      session.core.acceptConnect();
    });
  }

  #refuse(
    { reason, plugin }: { readonly reason: string; readonly plugin?: string },
    context: ConnectContext,
    onRefused: () => void,
  ): void {
    const session = this.#session;
    onRefused();
    const masked = maskSaid(reason, this.said, context);
    log.info("connect refused", { ...session.who(), plugin, reason: masked });
    session.core.rejectConnect(reason);
  }

  /** Its connection is gone. */
  onGone(reason: EndReason): void {
    const { context, core, connection, now, startedAt } = this.#session;
    if (!this.admitted) return;
    const { app, query } = this.request!;
    context.plugins.disconnect({
      ...this.contextOf(query, app),
      reason,
      bytesIn: core.bytesIn,
      bytesOut: connection.bytesWritten,
      durationMs: Math.round(now - startedAt),
    });
  }
}
