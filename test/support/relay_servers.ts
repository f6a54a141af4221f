/**
 * Servers of one process, between which streams are pushed and pulled, and programs beside them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { createServer, type ServerConfig, type Tuning } from "../../mod.ts";
import { connect, type MediaMessage } from "../../src/client/mod.ts";
import type { RelayView, StreamView } from "../../src/http/mod.ts";
import { until } from "./deadline.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "./media.ts";

/** A server of this process. Use it with `await using`. */
export class RelayServer implements AsyncDisposable {
  readonly #server: ReturnType<typeof createServer>;
  readonly rtmpPort: number;
  readonly httpPort: number;
  /** Of RTMPS, where it has a port. */
  readonly rtmpsPort: number | undefined;

  private constructor(
    server: ReturnType<typeof createServer>,
    rtmp: number,
    http: number,
    rtmps: number | undefined,
  ) {
    this.#server = server;
    this.rtmpPort = rtmp;
    this.httpPort = http;
    this.rtmpsPort = rtmps;
  }

  /** Starts one on free ports, whose relays may connect to this machine unless it says otherwise. */
  static async start(
    config: ServerConfig = {},
    tuning: Partial<Tuning> = {},
  ): Promise<RelayServer> {
    const server = createServer({
      ...config,
      rtmp: { port: 0, ...config.rtmp },
      http: { port: 0, ...config.http },
      relay: { allowPrivate: true, ...config.relay },
    }, { tuning });
    const { rtmp, http, rtmps } = await server.start();
    return new RelayServer(server, rtmp.port, http.port, rtmps?.port);
  }

  /** The URL of a stream. */
  url(app: string, name: string): string {
    return `rtmp://127.0.0.1:${this.rtmpPort}/${app}/${name}`;
  }

  /** Asks the control API. */
  async api(method: string, path: string, body?: unknown): Promise<Response> {
    return await fetch(`http://127.0.0.1:${this.httpPort}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  }

  async relays(): Promise<RelayView[]> {
    const response = await this.api("GET", "/relays");
    return ((await response.json()) as { relays: RelayView[] }).relays;
  }

  /** Pushes a stream from now on. @returns the target */
  async push(app: string, name: string, url: string, more: object = {}): Promise<RelayView> {
    const response = await this.api("POST", "/relays", { app, name, url, ...more });
    const body = await response.json();
    if (response.status !== 201) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
    return body as RelayView;
  }

  /** Waits until a relay is as `fits` wants it. */
  async relay(what: string, fits: (relay: RelayView) => boolean): Promise<RelayView> {
    let last: RelayView[] = [];
    return await until(async () => {
      last = await this.relays();
      return last.find(fits);
    }, what).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(last)}`);
    });
  }

  async stream(app: string, name: string): Promise<StreamView | undefined> {
    const response = await this.api("GET", `/streams/${app}/${name}`);
    const body = await response.json();
    return response.status === 200 ? body as StreamView : undefined;
  }

  /** Waits until a stream has a publisher. */
  async live(app: string, name: string): Promise<StreamView> {
    return await until(async () => {
      const stream = await this.stream(app, name);
      return stream?.publisher ? stream : undefined;
    }, `${app}/${name} is live`);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A publisher that sends pictures and sound every so often. Use it with `await using`. */
export class TestPublisher implements AsyncDisposable {
  readonly sent: MediaMessage[] = [];
  readonly #client: Awaited<ReturnType<typeof connect>>;
  readonly #writer: WritableStreamDefaultWriter<MediaMessage>;
  #time = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(
    client: Awaited<ReturnType<typeof connect>>,
    writer: WritableStreamDefaultWriter<MediaMessage>,
  ) {
    this.#client = client;
    this.#writer = writer;
  }

  /** Publishes, headers first. */
  static async start(url: string): Promise<TestPublisher> {
    const client = await connect(url);
    const publisher = new TestPublisher(client, (await client.publish()).getWriter());
    await publisher.send("video", VIDEO_HEADER);
    await publisher.send("audio", AUDIO_HEADER);
    return publisher;
  }

  async send(kind: MediaMessage["kind"], payload: Uint8Array): Promise<void> {
    const message = { kind, timestamp: this.#time, payload };
    this.sent.push(message);
    await this.#writer.write(message);
  }

  /** Sends this many pictures with sound, the first of ten a key frame, each with a mark of its own. */
  async pictures(count: number, bytes = 200): Promise<void> {
    for (let i = 0; i < count; i++) {
      const mark = this.sent.length & 255;
      await this.send("video", i % 10 === 0 ? keyFrame(bytes, mark) : interFrame(bytes, mark));
      await this.send("audio", audioFrame(mark));
      this.#time += 40;
    }
  }

  /** Sends pictures for as long as it is there, ten every 100 ms of real time. */
  run(bytes = 200): void {
    this.#timer = setInterval(() => void this.pictures(10, bytes).catch(() => {}), 100);
  }

  /** Leaves. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writer.close().catch(() => {});
    await this.#client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** What somebody plays, until it ends or is stopped. Use it with `await using`. */
export class TestPlayer implements AsyncDisposable {
  readonly heard: MediaMessage[] = [];
  /** Resolves at the end of the stream. */
  readonly over: Promise<void>;
  readonly #client: Awaited<ReturnType<typeof connect>>;

  private constructor(
    client: Awaited<ReturnType<typeof connect>>,
    playback: ReadableStream<MediaMessage>,
  ) {
    this.#client = client;
    this.over = this.#read(playback);
  }

  static async start(url: string): Promise<TestPlayer> {
    const client = await connect(url);
    return new TestPlayer(client, await client.play());
  }

  async #read(playback: ReadableStream<MediaMessage>): Promise<void> {
    try {
      for await (const message of playback) this.heard.push(message);
    } catch {
      // It ends with its connection.
    }
  }

  /** Waits for this many pictures. */
  async pictures(count: number): Promise<void> {
    const enough = () => this.heard.filter(({ kind }) => kind === "video").length >= count;
    await until(() => Promise.resolve(enough()), `${count} pictures`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

/** Digests of media messages, in order: of one kind, without headers said again. */
export function digests(messages: readonly MediaMessage[], kind: MediaMessage["kind"]): string[] {
  return messages.filter((message) => message.kind === kind).map(({ payload }) =>
    createHash("sha256").update(payload).digest("hex")
  );
}

/** A server of TCP that does what a test wants with each connection. Use it with `await using`. */
export class TcpServer implements AsyncDisposable {
  readonly port: number;
  readonly sockets: net.Socket[] = [];
  readonly #server: net.Server;

  private constructor(server: net.Server) {
    this.#server = server;
    this.port = (server.address() as net.AddressInfo).port;
  }

  static async start(serve: (socket: net.Socket) => void): Promise<TcpServer> {
    const server = net.createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const made = new TcpServer(server);
    server.on("connection", (socket) => {
      made.sockets.push(socket);
      socket.on("error", () => {});
      serve(socket);
    });
    return made;
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
