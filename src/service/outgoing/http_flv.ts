/**
 * FLV over HTTP from another server: the request, the head of the answer, chunks, tags.
 *
 * @module
 */
import { ProtocolError, UsageError } from "../../core/errors.ts";
import { FlvReader } from "../../core/flv/reader.ts";
import type { Connection, Timer } from "../../ports.ts";
import { shownText } from "../../text.ts";
import { VERSION } from "../../version.ts";
import { dialChecked } from "./dial_checked.ts";
import { type Failure, failureOf, SILENT_KINDS } from "./failure.ts";
import { HttpBody } from "./http_body.ts";
import { ReadShare } from "./read_share.ts";
import type { UpstreamEnvironment } from "./upstream_ports.ts";

/** Redirects that are followed. */
const MAX_REDIRECTS = 3;

/** Who takes what comes. Nothing of it may throw. */
export interface HttpFlvOwner {
  /** The server answers with FLV. */
  onStarted(): void;
  /** `payload` is valid during the call only. */
  onMedia(type: number, timestamp: number, payload: Uint8Array): void;
  /** All of what came at once was read. */
  onTurn(): void;
  /** It is over; once, in a turn of its own, and not behind {@link HttpFlvSource.close}. */
  onEnd(failure: Failure): void;
}

/** A URL of HTTP-FLV. @throws {UsageError} which does not repeat it, as it may hold a secret */
export function parseHttpUrl(text: string): URL {
  if (!URL.canParse(text)) throw new UsageError("Cannot use a URL that is none");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new UsageError("Cannot use a URL of another protocol, expected http:// or https://");
  }
  return url;
}

/** A URL of HTTP for people: without credentials, the last of its path and its query. */
export function shownHttpUrl(url: URL): string {
  return shownText(`${url.protocol}//${url.host}${url.pathname.replace(/[^/]+$/, "***")}`);
}

/** Credentials as they were meant: in a URL some characters have to be escaped. */
function basic(username: string, password: string): string {
  const read = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const bytes = new TextEncoder().encode(`${read(username)}:${read(password)}`);
  return btoa(String.fromCharCode(...bytes));
}

/** One attempt to read from there. */
export class HttpFlvSource {
  readonly #environment: UpstreamEnvironment;
  readonly #owner: HttpFlvOwner;
  readonly #abort = new AbortController();
  #url: URL;
  #redirects = 0;
  #connection: Connection | undefined;
  #reads: ReadShare | undefined;
  #body = new HttpBody();
  readonly #flv = new FlvReader();
  #timer: Timer | undefined;
  #started = false;
  #over = false;
  /** Bytes that came. */
  bytesIn = 0;

  constructor(environment: UpstreamEnvironment, url: URL, owner: HttpFlvOwner) {
    this.#environment = environment;
    this.#url = url;
    this.#owner = owner;
  }

  /** Where it reads from. */
  get shown(): string {
    return shownHttpUrl(this.#url);
  }

  /** Begins. */
  start(): void {
    const { runtime, allowPrivate, timeoutMs } = this.#environment;
    const { protocol, port } = this.#url;
    const tls = protocol === "https:";
    const hostname = this.#url.hostname.replace(/^\[(.*)\]$/, "$1");
    const target = { hostname, port: Number(port) || (tls ? 443 : 80), tls };
    dialChecked(runtime, target, { allowPrivate, timeoutMs, signal: this.#abort.signal }).then(
      (connection) => this.#opened(connection),
      (error) => this.fail(failureOf(error)),
    );
  }

  #opened(connection: Connection): void {
    if (this.#over) return connection.destroy();
    this.#connection = connection;
    try {
      this.#ask(connection);
    } catch (error) {
      this.#environment.onFault(error);
      this.fail(failureOf(undefined));
    }
  }

  #ask(connection: Connection): void {
    const { runtime: { clock }, timeoutMs } = this.#environment;
    this.#timer = clock.after(timeoutMs, () => {
      this.fail({ kind: "timeout", message: `The server did not answer in ${timeoutMs} ms` });
    });
    const { pathname, search, host, username, password } = this.#url;
    const head = [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      `User-Agent: Sluice/${VERSION}`,
      "Accept: video/x-flv, */*",
      "Connection: close",
      ...(username === "" ? [] : [`Authorization: Basic ${basic(username, password)}`]),
    ];
    // One that was left behind by a redirect has nothing to say any more.
    const isOurs = () => this.#connection === connection;
    const reads = this.#reads = new ReadShare(clock, this.#environment.turns, connection, {
      take: (bytes) => isOurs() && this.#onData(bytes),
      taken: () => isOurs() && this.#taken(),
    });
    connection.start({
      onData: (bytes) => isOurs() && reads.onData(bytes),
      onWritable: () => {},
      onClose: () =>
        isOurs() && this.fail({ kind: "closed", message: "The server closed the connection" }),
    });
    connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
  }

  #onData(bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    try {
      this.#body.add(bytes, (part) => this.#take(part));
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.#environment.onFault(error);
      this.fail(failureOf(error));
    }
  }

  #taken(): void {
    try {
      this.#owner.onTurn();
    } catch (error) {
      this.#environment.onFault(error);
    }
    if (this.#body.done) this.fail({ kind: "ended", message: "The server ended the stream" });
  }

  /** A part of the body, behind the head. */
  #take(part: Uint8Array): void {
    // The page that comes with a redirect.
    if (this.#connection === undefined) return;
    if (!this.#started && !this.#answered()) return;
    const flv = this.#flv;
    flv.add(part);
    for (let tag = flv.next(); tag !== undefined && !this.#over; tag = flv.next()) {
      this.#owner.onMedia(tag.type, tag.timestamp, tag.body);
    }
    if (flv.damage !== undefined) throw new ProtocolError("command", "The server sends no FLV");
    if (flv.pending > this.#environment.maxMessageBytes + 1024) {
      throw new ProtocolError("limit", "The server sends a tag that is too long");
    }
  }

  /** Looks at the head. @returns whether the body is FLV */
  #answered(): boolean {
    const { status, location } = this.#body;
    this.#environment.silent.heard(this.#url);
    if (status >= 300 && status < 400 && location !== undefined) {
      this.#redirected(location);
      return false;
    }
    if (status !== 200) {
      this.fail({ kind: "refused", message: `The server answered ${status}` });
      return false;
    }
    this.#started = true;
    this.#timer!.cancel();
    this.#owner.onStarted();
    return true;
  }

  #redirected(location: string): void {
    const isRight = URL.canParse(location, this.#url.href);
    const to = isRight ? new URL(location, this.#url.href) : this.#url;
    const isDown = this.#url.protocol === "https:" && to.protocol !== "https:";
    if (!isRight || isDown || !/^https?:$/.test(to.protocol) || ++this.#redirects > MAX_REDIRECTS) {
      return this.fail({ kind: "redirect", message: "The server sends us where nobody can go" });
    }
    this.#timer!.cancel();
    const connection = this.#connection!;
    this.#connection = undefined;
    this.#url = to;
    this.#body = new HttpBody();
    this.#environment.runtime.clock.after(0, () => {
      connection.destroy();
      if (!this.#over) this.start();
    });
  }

  /** It is over. The owner is told in a turn of its own. */
  fail(failure: Failure): void {
    if (this.#over) return;
    if (SILENT_KINDS.has(failure.kind)) this.#environment.silent.note(this.#url);
    this.close();
    this.#environment.runtime.clock.after(0, () => this.#owner.onEnd(failure));
  }

  /** Ends it; the owner is not told. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#reads?.stop();
    this.#timer?.cancel();
    this.#abort.abort();
    const connection = this.#connection;
    this.#environment.runtime.clock.after(0, () => connection?.destroy());
  }
}
