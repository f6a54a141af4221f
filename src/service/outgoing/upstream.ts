/**
 * One attempt to publish to another server, or to play from it: the connection, with those that come before
 * it because of authentication and redirects, until it publishes or plays, and from then on until it ends.
 *
 * @module
 */
import type {
  ClientStream,
  ConnectAnswer,
  ServerRefusal,
} from "../../core/rtmp/session/client/mod.ts";
import type { RtmpUrl } from "../../core/rtmp/url.ts";
import type { Connection, Timer } from "../../ports.ts";
import { type Mentions, shownText } from "../../text.ts";
import { adobeAuthStep } from "./adobe_auth.ts";
import { dialChecked } from "./dial_checked.ts";
import { type Failure, failureOf, secretsOf, SILENT_KINDS } from "./failure.ts";
import { follow } from "./follow.ts";
import { LOOP, MAX_VIA } from "./via.ts";
import { UpstreamLink } from "./upstream_link.ts";
import type {
  LinkOwner,
  OpenLink,
  UpstreamEnvironment,
  UpstreamOwner,
  UpstreamRequest,
} from "./upstream_ports.ts";

/** Connections that one attempt may take: two for authentication, and as many redirects. */
const MAX_CONNECTIONS = 5;

/** One attempt. */
export class Upstream implements LinkOwner {
  readonly environment: UpstreamEnvironment;
  readonly request: UpstreamRequest;
  readonly owner: UpstreamOwner;
  readonly #abort = new AbortController();
  #url: RtmpUrl;
  #secrets: Mentions;
  #link: UpstreamLink | undefined;
  #timer: Timer | undefined;
  #connections = 0;
  /** What authentication has behind the application, once it was asked for. */
  #auth: string | undefined;
  #over = false;

  constructor(environment: UpstreamEnvironment, request: UpstreamRequest, owner: UpstreamOwner) {
    this.environment = environment;
    this.request = request;
    this.owner = owner;
    this.#url = request.url;
    this.#secrets = secretsOf(request.url);
  }

  /** Where it is connected to, or about to be. */
  get url(): RtmpUrl {
    return this.#url;
  }

  /** The connection, once it is there. */
  get link(): OpenLink | undefined {
    return this.#link;
  }

  /** Begins. */
  start(): void {
    if (this.request.via.length > MAX_VIA) {
      return this.fail({
        kind: "loop",
        message: `The stream came through ${MAX_VIA} servers: a loop`,
      });
    }
    this.#connect();
  }

  #connect(): void {
    if (++this.#connections > MAX_CONNECTIONS) {
      return this.fail({ kind: "redirect", message: "The server sends us on and on" });
    }
    const { runtime, allowPrivate, timeoutMs } = this.environment;
    const { hostname, port, scheme } = this.#url;
    const options = { allowPrivate, timeoutMs, signal: this.#abort.signal };
    dialChecked(runtime, { hostname, port, tls: scheme === "rtmps" }, options).then(
      (connection) => this.#opened(connection),
      (error) => this.fail(failureOf(error)),
    );
  }

  #opened(connection: Connection): void {
    if (this.#over) return connection.destroy();
    const { clock } = this.environment.runtime;
    this.#timer = clock.after(this.environment.timeoutMs, () => {
      const ms = this.environment.timeoutMs;
      this.fail({
        kind: "timeout",
        message: `The server did not let us ${this.request.what} in ${ms} ms`,
      });
    });
    try {
      this.#link = new UpstreamLink(this, connection, this.#url, this.#auth);
      this.#link.start();
    } catch (error) {
      // There may be no link that would.
      connection.destroy();
      this.fault(error);
    }
  }

  /** It publishes or plays. */
  started(link: OpenLink, stream: ClientStream, answer: ConnectAnswer): void {
    this.#timer!.cancel();
    this.environment.silent.heard(this.#url);
    this.owner.onStarted(link, stream, answer);
  }

  /** The server would not; `isConnect`: let us in, rather than publish or play. */
  refused(refusal: ServerRefusal, isConnect: boolean): void {
    const { description, code, redirect } = refusal;
    this.environment.silent.heard(this.#url);
    if (isConnect && redirect !== undefined) return this.#redirected(redirect);
    if (isConnect) {
      const challenge = this.#challenge();
      const step = adobeAuthStep(description, this.#url, this.#auth !== undefined, challenge);
      if (step !== undefined && "query" in step) {
        this.#auth = step.query;
        return this.#again();
      }
      if (step !== undefined) return this.fail({ kind: "authentication", message: step.failed });
    }
    const kind = description.includes(LOOP) ? "loop" : "refused";
    const said = [code, description].filter((text) => text !== "").join(": ");
    this.fail({ kind, message: this.clean(said === "" ? "The server refused" : said) });
  }

  #challenge(): string {
    const bytes = this.environment.runtime.randomBytes(4);
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #redirected(tcUrl: string): void {
    const to = follow(this.#url, tcUrl);
    if (typeof to === "string") return this.fail({ kind: "redirect", message: to });
    this.#url = to;
    this.#secrets = secretsOf(to);
    this.#auth = undefined;
    this.#again();
  }

  /** The server wants us elsewhere, or here anew. */
  reconnect(tcUrl: string | undefined): void {
    const to = follow(this.#url, tcUrl);
    if (typeof to === "string") return;
    this.#later(() => this.owner.onReconnect(to));
  }

  /** Connects anew, in a turn of its own: this one is the server's. */
  #again(): void {
    const link = this.#link!;
    this.#link = undefined;
    this.#timer!.cancel();
    this.environment.runtime.clock.after(0, () => {
      // Also where nobody wants to go on: nothing else knows of it any more.
      link.drop();
      if (!this.#over) this.#connect();
    });
  }

  #later(act: () => void): void {
    this.environment.runtime.clock.after(0, () => {
      if (!this.#over) act();
    });
  }

  /** Text of the server, for people. */
  clean(text: string): string {
    return this.#secrets.mask(shownText(text));
  }

  /** A fault of ours: it ends, and nothing else does. */
  fault(error: unknown): void {
    this.environment.onFault(error);
    this.fail(failureOf(undefined));
  }

  /** It is over. The owner is told in a turn of its own. */
  fail(failure: Failure): void {
    if (this.#over) return;
    if (SILENT_KINDS.has(failure.kind)) this.environment.silent.note(this.#url);
    this.#end();
    const link = this.#link;
    this.environment.runtime.clock.after(0, () => {
      link?.drop();
      this.owner.onEnd(failure);
    });
  }

  /** Says goodbye, where there is somebody to say it to, and ends; the owner is not told. */
  close(): void {
    if (this.#over) return;
    this.#end();
    this.#link?.leave();
  }

  #end(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#abort.abort();
  }

  /** Whether it has ended. */
  get over(): boolean {
    return this.#over;
  }
}
