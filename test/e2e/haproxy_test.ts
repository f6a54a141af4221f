/** HAProxy in front of the program, with version 2 of the PROXY protocol. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateFolder, pairFor } from "../support/certificates.ts";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestHaproxy } from "../support/haproxy.ts";
import { unusedPort } from "../support/nginx.ts";
import { needs } from "../support/programs.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { ANNOUNCE, startServer } from "../support/server.ts";

const PROTOCOL = ["--proxy-trusted", "127.0.0.1", "--proxy-rtmp", "protocol"];

/** A way through HAProxy to `target`, whose clients come from `address` as far as it knows. */
const way = (port: number, address: string, target: number) => `
frontend from-${port}
  bind 127.0.0.1:${port}
  tcp-request connection set-src str(${address})
  default_backend to-${port}
backend to-${port}
  server sluice 127.0.0.1:${target} send-proxy-v2
`;

const DEFAULTS = `
global
  maxconn 100
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
`;

test(
  ...needs("haproxy", "limits per address hold for the clients of HAProxy, in RTMP and in RTMPS"),
  async () => {
    using folder = new CertificateFolder();
    const [cert, key] = folder.pair("local", pairFor("localhost", "127.0.0.1"));
    const tls = ["--tls-cert", cert, "--tls-key", key, "--rtmps-port", "0"];
    const limits = ["--max-connections-per-address", "2"];
    await using server = await startServer([...PROTOCOL, ...tls, ...limits]);
    const { properties } = server.logs.find(({ message }) => message === "listening")!;
    const rtmps = Number(/:(\d+)$/.exec(String(properties.rtmps))![1]);
    for (const [target, tls] of [[server.rtmpPort, false], [rtmps, true]] as const) {
      const ports = [await unusedPort(), await unusedPort()] as const;
      const addresses = tls ? ["203.0.113.3", "2001:db8::3"] : ["203.0.113.1", "2001:db8::1"];
      const ways = ports.map((port, index) => way(port, addresses[index]!, target)).join("");
      // Connections of its own, to see whether it listens, have come and gone by then.
      await using _ = await TestHaproxy.start(DEFAULTS + ways, ports);
      const open = (port: number) =>
        until(() => RtmpClient.open(port, { tls }).catch(() => undefined), "there is room");
      const clients: RtmpClient[] = [];
      for (const port of [ports[0], ports[0], ports[1], ports[1]]) clients.push(await open(port));
      for (const [index, client] of clients.entries()) {
        const { info } = await client.publish("live", `${tls}-${index}`);
        assert.equal(info.code, "NetStream.Publish.Start");
      }
      const { body } = await server.api("/sessions");
      const { sessions } = body as { sessions: { address: string; secure: boolean }[] };
      for (const address of addresses) {
        const here = sessions.filter((session) => session.address.includes(address));
        assert.deepEqual(here.map(({ secure }) => secure), [tls, tls], address);
      }
      // Both have as many as they may have, though all are of HAProxy on this machine.
      await assert.rejects(RtmpClient.open(ports[0], { tls }));
      await assert.rejects(RtmpClient.open(ports[1], { tls }));
      for (const client of clients) await client[Symbol.asyncDispose]();
    }
    server.assertHealthy();
  },
);

test(
  ...needs("haproxy", "ffmpeg publishes and plays through HAProxy, frame for frame"),
  async () => {
    await using server = await startServer([...ANNOUNCE, ...PROTOCOL]);
    const port = await unusedPort();
    const config = DEFAULTS + way(port, "203.0.113.1", server.rtmpPort);
    await using _ = await TestHaproxy.start(config, [port]);
    const [path, url] = [await clip("av"), `rtmp://127.0.0.1:${port}/live/demo`];
    await using player = new Decoder(url);
    await server.playRequested("live", "demo");
    await using publisher = publish(path, url);
    await published(publisher);
    const [played, source] = [await player.frames(), await framesOf(path)];
    assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
    server.assertHealthy();
  },
);
