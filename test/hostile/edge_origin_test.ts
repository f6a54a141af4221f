/** E1, E2 and E3: edges in front of nginx and of Sluice, whose origins die under their viewers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { until, within } from "../support/deadline.ts";
import { publish } from "../support/ffmpeg.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { answers, TestNginx, unusedPort } from "../support/nginx.ts";
import { needs } from "../support/programs.ts";
import { digests, RelayServer, TestPlayer, TestPublisher } from "../support/relay_servers.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { Viewers } from "./edge_viewers.ts";

/** How soon viewers are to be served again (ms). */
const SERVED_AGAIN_MS = 5000;
/** Longest wait of the quick form, in which machines are busy (ms). */
const PATIENCE_MS = 60_000;

/** An origin at a port of its own, which may be killed and started again there. */
interface Origin extends AsyncDisposable {
  kill(): Promise<void>;
}

type Start = (port: number) => Promise<Origin>;

const sluice: Start = async (port) => {
  const server = await startServer(["--rtmp-port", String(port)]);
  return {
    kill: () => server.kill(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

const nginx: Start = async (port) => {
  const server = await TestNginx.start(port);
  let gone = false;
  const end = async () => {
    if (!gone) await server[Symbol.asyncDispose]();
    gone = true;
  };
  return { kill: end, [Symbol.asyncDispose]: end };
};

const edgeOf = (...ports: readonly number[]): Promise<TestServer> =>
  startServer([
    ...["--origin", ports.map((port) => `rtmp://127.0.0.1:${port}`).join(",")],
    "--relay-allow-private",
  ]);

async function source(port: number) {
  const url = `rtmp://127.0.0.1:${port}/live/cam`;
  return publish(await clip("av"), url, { realTime: true, loop: true });
}

/** Relays of an edge, and what they say. */
async function pulls(edge: TestServer) {
  const { body } = await edge.api("/relays");
  return (body as { relays: { state: string; url: string }[] }).relays;
}

/** E1 for one kind of origin. */
async function killed(kind: string, start: Start): Promise<void> {
  const port = await unusedPort();
  let origin = await start(port);
  await using edge = await edgeOf(port);
  {
    await using publisher = await source(port);
    using viewers = await Viewers.join(edge, "live", "cam", sized(6, 200));
    await viewers.seeMore(PATIENCE_MS);
    assert.equal((await pulls(edge)).length, 1, "one upstream for all");
    await origin.kill();
    await publisher.kill();
    await until(async () => (await pulls(edge))[0]?.state !== "playing", "it is noticed");
    origin = await start(port);
    await using _again = await source(port);
    const from = performance.now();
    await viewers.seeMore(FULL ? 2 * SERVED_AGAIN_MS : PATIENCE_MS);
    figure({
      ...{
        id: "E1",
        what: `from an origin (${kind}) being there again until all viewers see more`,
      },
      ...{ value: performance.now() - from, unit: "ms", atMost: SERVED_AGAIN_MS, by: "wall" },
    });
    assert.deepEqual(viewers.gone.map(({ protocol }) => protocol), [], "nobody was sent away");
    assert.equal((await pulls(edge)).length, 1, "one upstream for all");
  }
  edge.assertHealthy();
  await origin[Symbol.asyncDispose]();
}

/** E2 for one kind of origin. */
async function second(kind: string, start: Start): Promise<void> {
  const ports = [await unusedPort(), await unusedPort()] as const;
  await using first = await start(ports[0]);
  await using _second = await start(ports[1]);
  await using _one = await source(ports[0]);
  await using _two = await source(ports[1]);
  await using edge = await edgeOf(...ports);
  using viewers = await Viewers.join(edge, "live", "cam", sized(6, 200));
  await viewers.seeMore(PATIENCE_MS);
  const from = performance.now();
  await first.kill();
  await until(
    async () =>
      (await pulls(edge)).some(({ state, url }) =>
        state === "playing" && url.includes(`:${ports[1]}/`)
      ),
    "the second one plays",
    PATIENCE_MS,
  );
  await viewers.seeMore(FULL ? 2 * SERVED_AGAIN_MS : PATIENCE_MS);
  figure({
    ...{
      id: "E2",
      what: `from the end of an origin (${kind}) until all viewers see the next one`,
    },
    ...{ value: performance.now() - from, unit: "ms", atMost: SERVED_AGAIN_MS, by: "wall" },
  });
  assert.deepEqual(viewers.gone.map(({ protocol }) => protocol), [], "nobody was sent away");
  assert.equal((await pulls(edge)).length, 1, "one upstream for all");
  assert.equal(await answers(ports[0]), false);
  edge.assertHealthy();
}

test("E1: viewers of an edge of Sluice stay while that is killed and started again", () =>
  killed("Sluice", sluice));

test(
  ...needs(
    "nginxRtmp",
    "E1: viewers of an edge of nginx stay while that is killed and comes again",
  ),
  () => killed("nginx", nginx),
);

test("E2: viewers of an edge of Sluice see on from a second origin when the first one dies", () =>
  second("Sluice", sluice));

test(
  ...needs("nginxRtmp", "E2: viewers of an edge of nginx see on from a second origin"),
  () => second("nginx", nginx),
);

test("E3: frames through two hops are those of the source, by push and pull, digest by digest", async () => {
  await using last = await RelayServer.start();
  await using middle = await RelayServer.start({
    relay: { push: [`live/* ${last.url("live", "{name}")}`] },
  });
  await using first = await RelayServer.start({
    relay: { push: [`live/* ${middle.url("live", "{name}")}`] },
  });
  await using edge = await RelayServer.start({
    relay: { origin: [`rtmp://127.0.0.1:${last.rtmpPort}`] },
  });
  await using outer = await RelayServer.start({
    relay: { origin: [`rtmp://127.0.0.1:${edge.rtmpPort}`] },
  });
  await using publisher = await TestPublisher.start(first.url("live", "cam"));
  await publisher.pictures(1);
  await last.live("live", "cam");
  await using player = await TestPlayer.start(outer.url("live", "cam"));
  await player.pictures(2);
  await publisher.pictures(sized(200, 2000));
  await within(player.pictures(sized(202, 2002)), "all of it");
  for (const kind of ["video", "audio"] as const) {
    assert.deepEqual(digests(player.heard, kind), digests(publisher.sent, kind), kind);
  }
  const times = ({ heard }: TestPlayer) =>
    heard.filter(({ kind }) => kind === "audio").map(({ timestamp }) => timestamp).slice(1);
  const sent = publisher.sent.filter(({ kind }) => kind === "audio").map((one) => one.timestamp);
  assert.deepEqual(times(player), sent.slice(1), "and so are their times");
});
