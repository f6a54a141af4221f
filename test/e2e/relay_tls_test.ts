/** Relays over TLS, between servers with certificates of an authority of one's own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, type ServerConfig } from "../../mod.ts";
import { CertificateFolder, pairFor } from "../support/certificates.ts";
import { digests, RelayServer, TestPlayer, TestPublisher } from "../support/relay_servers.ts";

/** A server that speaks RTMPS and HTTPS with a certificate for `names`. */
async function secure(folder: CertificateFolder, ...names: string[]) {
  const [cert, key] = folder.pair("own", pairFor(...names));
  const server = await RelayServer.start({
    tls: { cert: [cert], key: [key] },
    rtmps: { port: 0 },
  });
  return { server, cert };
}

const trusting = (caFile: string | undefined, relay: ServerConfig["relay"] = {}) =>
  RelayServer.start({ relay: { ...(caFile === undefined ? {} : { caFile }), ...relay } });

test("a stream is pushed and pulled over RTMPS, the same frame by frame, where its authority is trusted", async () => {
  using folder = new CertificateFolder();
  const { server: middle, cert } = await secure(folder, "localhost", "127.0.0.1");
  await using _ = middle;
  const at = `rtmps://localhost:${middle.rtmpsPort}/in`;
  await using source = await trusting(cert, { push: [`live/* ${at}/{name}`] });
  await using edge = await trusting(cert, { pull: [`out/* ${at}/{name}`] });
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  await publisher.pictures(1);
  await middle.live("in", "cam");
  await using player = await TestPlayer.start(edge.url("out", "cam"));
  await player.pictures(2);
  await publisher.pictures(60);
  await player.pictures(62);
  for (const kind of ["video", "audio"] as const) {
    assert.deepEqual(digests(player.heard, kind), digests(publisher.sent, kind), kind);
  }
  const response = await middle.api("GET", "/sessions");
  const { sessions } = await response.json() as { sessions: { protocol: string }[] };
  assert.deepEqual(sessions.map(({ protocol }) => protocol), ["rtmps", "rtmps"]);
});

test("a target whose authority is not trusted, or that is somebody else, is told as such", async () => {
  using folder = new CertificateFolder();
  const { server: target, cert } = await secure(folder, "localhost");
  await using _ = target;
  for (const [caFile, host] of [[undefined, "localhost"], [cert, "127.0.0.1"]] as const) {
    await using source = await trusting(caFile);
    await source.push("live", "cam", `rtmps://${host}:${target.rtmpsPort}/in/x`);
    await using publisher = await TestPublisher.start(source.url("live", "cam"));
    publisher.run();
    const relay = await source.relay("it is refused", ({ error }) => error !== null);
    assert.equal(relay.error?.kind, "tls");
    assert.equal(await target.stream("in", "x"), undefined);
  }
});

test("a file of authorities that cannot be read is refused at the start", async () => {
  await assert.rejects(
    trusting("/nowhere/ca.pem"),
    (error) => error instanceof ConfigError && /relay\.caFile/.test(error.message),
  );
});
