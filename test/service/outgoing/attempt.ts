/**
 * One attempt to reach another server, the servers that it reaches, and what its owner was told.
 *
 * @module
 */
import type { AmfValue } from "../../../src/core/amf/mod.ts";
import type { ClientStream, ConnectAnswer } from "../../../src/core/rtmp/session/client/mod.ts";
import { parseRtmpUrl } from "../../../src/core/rtmp/url.ts";
import { DialError } from "../../../src/ports.ts";
import type { Failure } from "../../../src/service/outgoing/failure.ts";
import { Upstream } from "../../../src/service/outgoing/upstream.ts";
import type { OpenLink, UpstreamRequest } from "../../../src/service/outgoing/upstream_ports.ts";
import { ScriptedServer, settle } from "../../client/scripted_server.ts";
import { decodeAmf } from "../../support/amf0.ts";
import { SilentServers } from "../../../src/service/outgoing/silent_servers.ts";
import { Turns } from "../../../src/service/rtmp/turns.ts";
import { FakeClock } from "../../support/clock.ts";

/** An attempt, the servers that it reaches, and what its owner was told. */
export class Attempt {
  readonly clock = new FakeClock();
  readonly servers: ScriptedServer[] = [];
  readonly dialled: string[] = [];
  readonly faults: unknown[] = [];
  readonly told: string[] = [];
  readonly ends: Failure[] = [];
  /** How many random bytes were asked for, each time. */
  readonly random: number[] = [];
  /** Who is connected to, before the connection is there. */
  onDial: () => void = () => {};
  readonly media: [type: number, timestamp: number, bytes: number][] = [];
  link: OpenLink | undefined;
  stream: ClientStream | undefined;
  answer: ConnectAnswer | undefined;
  onMedia: () => void = () => {};
  readonly upstream: Upstream;

  constructor(request: Partial<Omit<UpstreamRequest, "url">> & { readonly url?: string } = {}) {
    const { url = "rtmp://one.test/app/key", ...more } = request;
    this.upstream = new Upstream(
      {
        runtime: {
          clock: this.clock,
          randomBytes: (length) => {
            this.random.push(length);
            return new Uint8Array(length).fill(0x5a);
          },
          lookup: (hostname) => Promise.resolve([hostname === "in.test" ? "10.0.0.1" : "8.8.8.8"]),
          dialTcp: ({ hostname, port }) => {
            this.dialled.push(`${hostname}:${port}`);
            this.onDial();
            const server = this.servers.shift();
            return server === undefined
              ? Promise.reject(new DialError("refused", { hostname, port }))
              : Promise.resolve(server.connection);
          },
          dialTls: () => Promise.reject(new Error("no TLS here")),
        },
        chunkSize: 4096,
        turns: new Turns(this.clock),
        silent: new SilentServers(this.clock),
        allowPrivate: false,
        timeoutMs: 1000,
        maxMessageBytes: 10_000,
        onFault: (error) => this.faults.push(error),
      },
      { what: "play", via: [], ...more, url: parseRtmpUrl(url) },
      {
        onStarted: (link, stream, answer) => {
          this.told.push("started");
          [this.link, this.stream, this.answer] = [link, stream, answer];
        },
        onMedia: (type, timestamp, payload) => {
          this.media.push([type, timestamp, payload.length]);
          this.onMedia();
        },
        onWaiting: () => void this.told.push("waiting"),
        onTurn: () => void this.told.push("turn"),
        onReconnect: (to) => void this.told.push(`reconnect ${to.tcUrl}`),
        onEnd: (failure) => void this.ends.push(failure),
      },
    );
  }

  server(...step: ConstructorParameters<typeof ScriptedServer>): ScriptedServer {
    const server = new ScriptedServer(...step);
    this.servers.push(server);
    return server;
  }

  async begin(): Promise<void> {
    this.upstream.start();
    await this.settle();
  }

  async settle(ms = 0): Promise<void> {
    await settle();
    this.clock.advance(ms);
    await settle();
  }
}

export const commands = ({ messages }: ScriptedServer, name: string) =>
  messages.filter(({ type }) => type === 20).map(({ payload }) => decodeAmf(payload))
    .filter(([said]) => said === name);
export const connectOf = (server: ScriptedServer) =>
  commands(server, "connect")[0]![2] as Record<string, unknown>;

/** Refuses to let anybody in, with these words. */
export function refusing(
  server: ScriptedServer,
  description: string,
  more: { [key: string]: never | AmfValue } = {},
) {
  server.onCommand = (name, id) => {
    if (name !== "connect") return false;
    const code = "NetConnection.Connect.Rejected";
    server.command(0, "_error", id, null, { level: "error", code, description, ...more } as never);
    return true;
  };
}
