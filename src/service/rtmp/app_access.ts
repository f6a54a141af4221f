/**
 * Which applications a session may use. onConnect let it into the one that it connected to; but a
 * publish or play may lead to another one (`vip/demo` of a client that named none), about which the
 * plugins are asked in the same way, before anything else is done there.
 *
 * @module
 */
import type { ConnectRequest } from "../../core/rtmp/session/mod.ts";
import type { ConnectContext, Decision, PluginRunner } from "../../plugin/mod.ts";

/** Most applications of one session whose decision is remembered. */
const MAX_KNOWN_APPS = 16;

/** The session that uses them. */
export interface AppUser {
  readonly context: { readonly plugins: PluginRunner };
  /** What the client said in `connect`. */
  readonly connected: ConnectRequest;
  /** Whether the session has ended or is about to. */
  readonly ended: boolean;
  /** What plugins are told about the client. */
  connectContext(query: URLSearchParams, app: string): ConnectContext;
}

/** The applications of one session. */
export class AppAccess {
  readonly #host: AppUser;
  /** Made when it is needed: few clients use another application than that of `connect`. */
  #known: Map<string, Decision> | undefined;

  constructor(host: AppUser) {
    this.#host = host;
  }

  /** Asks about the application, and if that may be used, what else there is to `ask`. */
  within(app: string, ask: () => Decision | Promise<Decision>): Decision | Promise<Decision> {
    const decision = this.#decide(app);
    if (decision instanceof Promise) {
      // Nobody is asked about a client that has left meanwhile.
      return decision.then((made) => made.allow && !this.#host.ended ? ask() : made);
    }
    return decision.allow ? ask() : decision;
  }

  #decide(app: string): Decision | Promise<Decision> {
    const { connected, context } = this.#host;
    if (app === connected.app) return { allow: true };
    const known = this.#known?.get(app);
    if (known !== undefined) return known;
    const decision = context.plugins.connect(this.#host.connectContext(connected.query, app));
    if (decision instanceof Promise) return decision.then((made) => this.#keep(app, made));
    return this.#keep(app, decision);
  }

  #keep(app: string, decision: Decision): Decision {
    // A plugin that failed may know better the next time.
    if (!decision.allow && decision.fault) return decision;
    const known = this.#known ??= new Map();
    for (const oldest of known.keys()) {
      if (known.size < MAX_KNOWN_APPS) break;
      known.delete(oldest);
    }
    known.set(app, decision);
    return decision;
  }
}
