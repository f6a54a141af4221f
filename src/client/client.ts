/**
 * A client that is connected to a server.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import type { ConnectAnswer } from "../core/rtmp/session/client/mod.ts";
import { parseRtmpUrl, type RtmpUrl } from "../core/rtmp/url.ts";
import { ClientCore } from "./client_core.ts";
import type { MediaMessage } from "./media_message.ts";
import {
  type ClientRuntime,
  type ConnectOptions,
  DEFAULT_TIMES,
  type PlayOptions,
  type PublishOptions,
} from "./options.ts";
import { type Playback, PlayUse } from "./playback.ts";
import { PublishUse } from "./publication.ts";

/** Gives a client its connection; for {@linkcode connectWith} alone. */
let setUp: (client: RtmpClient, url: RtmpUrl, core: ClientCore, answer: ConnectAnswer) => void;

/**
 * A client that a server let in. It sends the events `status` ({@linkcode StatusEvent}) and
 * `reconnect` ({@linkcode ReconnectEvent}).
 */
export class RtmpClient extends EventTarget implements AsyncDisposable {
  #url: RtmpUrl | undefined;
  #core: ClientCore | undefined;
  #answer: ConnectAnswer | undefined;

  static {
    setUp = (client, url, core, answer) => {
      client.#url = url;
      client.#core = core;
      client.#answer = answer;
    };
  }

  /** What the server said when it let us in. */
  get answer(): ConnectAnswer {
    return this.#answer!;
  }

  /**
   * Resolves when the connection is gone, however it went: with what ended it, such as a
   * `ClosedError` or a `ProtocolError`, or with `undefined` after {@link close}.
   */
  get closed(): Promise<Error | undefined> {
    return this.#core!.closed;
  }

  /** Bytes that came from the server so far. */
  get bytesIn(): number {
    return this.#core!.session.bytesIn;
  }

  /**
   * Publishes, by the name in the URL if no other is given. What is written is sent no faster than
   * the server takes it. `close` of the stream ends the publication, and not the connection.
   *
   * @throws {RefusedError} when the server would not
   * @throws {RequestTimeoutError} when it does not answer
   * @throws {ClosedError} when the connection is over
   */
  async publish(
    name: string = this.#url!.name,
    options: PublishOptions = {},
  ): Promise<WritableStream<MediaMessage>> {
    const core = this.#core!;
    return await core.open<WritableStream<MediaMessage>>(
      "publish",
      options,
      options.announce === false ? undefined : name,
      (stream, request) => new PublishUse(core, stream, name, options, request),
    );
  }

  /**
   * Plays, by the name in the URL if no other is given. A stream that nobody publishes may be waited
   * for, depending on the server, up to the time limit.
   *
   * @throws {RefusedError} when the server would not
   * @throws {RequestTimeoutError} when it does not answer
   * @throws {ClosedError} when the connection is over
   */
  async play(name: string = this.#url!.name, options: PlayOptions = {}): Promise<Playback> {
    const core = this.#core!;
    return await core.open<Playback>(
      "play",
      options,
      undefined,
      (stream, request) => new PlayUse(core, stream, name, options, request),
    );
  }

  /**
   * Calls a method of the server with plain data, and answers with plain data.
   *
   * @throws {RefusedError} when there is no such method
   * @throws {RequestTimeoutError} when the server does not answer
   * @throws {ClosedError} when the connection is over
   */
  async call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const core = this.#core!;
    core.mustBeOpen();
    return await core.calls.call(method, args, core.times.requestTimeoutMs);
  }

  /** Ends what is published and played, and the connection. Resolves when that is gone. */
  async close(): Promise<void> {
    this.#core!.finish();
    await this.closed;
  }

  /** Closes it, as `close` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Connects to the server of an RTMP URL, on any machine.
 *
 * @throws {UsageError} for a URL that cannot be used
 * @throws {DialError} when there is no connection
 * @throws {RefusedError} when the server would not
 * @throws {RequestTimeoutError} when it does not answer
 * @throws {ProtocolError} when it speaks no RTMP
 * @throws {ClosedError} when it closes the connection
 */
export async function connectWith(
  runtime: ClientRuntime,
  url: string | URL,
  options: ConnectOptions = {},
): Promise<RtmpClient> {
  const target = parseRtmpUrl(String(url));
  const { scheme, hostname, port } = target;
  const { signal, ca, dialTimeoutMs = DEFAULT_TIMES.dialTimeoutMs } = options;
  signal?.throwIfAborted();
  const how = { timeoutMs: dialTimeoutMs, signal };
  if (scheme === "rtmps" && runtime.dialTls === undefined) {
    throw new UsageError("Cannot connect by rtmps here, expected rtmp://");
  }
  const dialing = scheme === "rtmps"
    ? runtime.dialTls!({ hostname, port }, { ...how, ca })
    : runtime.dialTcp({ hostname, port }, how);
  const connection = await dialing.catch((error) => {
    // As everything else that takes a signal does.
    signal?.throwIfAborted();
    throw error;
  });
  const client = new RtmpClient();
  const core = new ClientCore(runtime, connection, target, options, client);
  setUp(client, target, core, await core.connected);
  return client;
}
