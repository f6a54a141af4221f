/** Streams played by a real browser, each way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publishAv1 } from "../support/av1_source.ts";
import { disposeAll } from "../support/dispose.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { relayHalf } from "../support/half_relay.ts";
import { publishCapture, publishLive } from "../support/live_source.ts";
import { PlayerPage } from "../support/player_page.ts";
import { needs } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** What is played, the path of its page, and the way that it should take. */
const PAGES = [
  ["H.264 and AAC, as the page chooses", "live/avc", "ws-flv"],
  ["H.264 and AAC by HTTP-FLV", "live/avc#way=http-flv", "http-flv"],
  ["H.264 and AAC by LL-HLS", "live/avc#way=hls", "hls"],
  ["AV1 and Opus by WebSocket-FLV", "live/av1#way=ws-flv", "ws-flv"],
  ["AV1 and Opus by LL-HLS", "live/av1#way=hls", "hls"],
] as const;

/** How long each plays (s). */
const SECONDS = sized(1.5, 60);

/** Frames a second where none are counted. */
const RATE = sized(10, 25);

/** Opens the page of a stream, lets it play, and measures that. */
async function watch(
  server: TestServer,
  [what, path, way]: typeof PAGES[number],
): Promise<void> {
  await using page = await PlayerPage.open(server, path);
  await page.playing();
  // What comes before is the beginning, in which a page finds the newest pictures.
  await page.playsOn(sized(0.5, 5));
  const hasClock = path.includes("avc");
  const delays = hasClock ? await page.watchClock() : () => Promise.resolve([]);
  const [before, start] = [await page.progress(), performance.now()];
  await page.playsOn(SECONDS, (SECONDS + 40) * 1000);
  const [after, seconds] = [await page.progress(), (performance.now() - start) / 1000];
  assert.equal(after.way, way, what);
  const frames = after.frames - before.frames;
  assert.ok(frames > 10, `${what}: ${frames} pictures`);
  // A busy machine may make it wait at any moment.
  await page.playing();
  page.view.assertHealthy();
  const dropped = after.dropped - before.dropped;
  const id = "W1";
  figure({
    id,
    what: `${what}: pictures that were not shown, in ${SECONDS} s`,
    value: dropped,
    unit: "pictures",
    atMost: 0,
    by: "wall",
  });
  const stood = Math.max(0, Math.round((seconds - (after.time - before.time)) * 1000));
  figure({
    id,
    what: `${what}: time that it stood still`,
    value: stood,
    unit: "ms",
    atMost: 500,
    by: "wall",
  });
  if (!hasClock) return;
  const sorted = (await delays()).toSorted((one, other) => one - other);
  assert.ok(sorted.length > 0, `${what}: no picture with a clock`);
  figure({
    id: "W2",
    what: `${what}: from the making of a picture to showing it, median`,
    value: sorted[sorted.length >> 1]!,
    unit: "ms",
    atMost: way === "hls" ? 2000 : 600,
    by: "wall",
  });
}

test(
  ...needs("chromium", "W1, W2: a browser plays H.264, AAC, AV1 and Opus each way, and soon"),
  async () => {
    await using server = await startServer();
    await using _avc = publishLive(server, "live", "avc");
    await using _av1 = FULL
      ? await publishAv1(server, "live", "av1")
      : await publishCapture(server, "live", "av1", "ff8-av1-svt-opus", 1000);
    for (const name of ["avc", "av1"]) await server.waitForLog("publishing", { name });
    // What is measured is measured alone, and on a busy machine a page with others is too slow for its way.
    for (const page of PAGES) await watch(server, page);
    server.assertHealthy();
  },
);

test(
  ...needs(
    "chromium",
    "W3: a page waits for its stream, and plays on when it comes back in another size",
  ),
  async () => {
    await using server = await startServer([
      "--reconnect-window-ms",
      "0",
      "--play-wait-ms",
      "2000",
    ]);
    const pages = await Promise.all(
      ["live/cam", "live/cam#way=hls"].map((path) => PlayerPage.open(server, path)),
    );
    try {
      await Promise.all(pages.map((page) => page.says("Not live at the moment")));
      for (const size of [[480, 270], [320, 180]] as const) {
        await using publisher = publishLive(server, "live", "cam", { size, rate: RATE });
        await server.waitForLog("publishing");
        const wide = `document.querySelector("video").videoWidth === ${size[0]}`;
        await Promise.all(pages.map(async (page) => {
          await page.view.until(`pictures ${size[0]} wide come`, wide, 40_000);
          await page.playing();
          await page.playsOn(0.5);
        }));
        await publisher.kill();
        await Promise.all(pages.map((page) => page.says("Not live at the moment")));
      }
      for (const page of pages) page.view.assertHealthy();
    } finally {
      await disposeAll(...pages)[Symbol.asyncDispose]();
    }
    server.assertHealthy();
  },
);

test(
  ...needs("chromium", "W3: a publisher that falls silent and comes back is played on, each way"),
  async () => {
    await using server = await startServer();
    await using source = publishLive(server, "live", "cam", { rate: RATE });
    await server.waitForLog("publishing");
    const paths = ["live/cam#way=ws-flv", "live/cam#way=hls"];
    const pages = await Promise.all(paths.map((path) => PlayerPage.open(server, path)));
    try {
      await Promise.all(pages.map((page) => page.playing()));
      source.signal("SIGSTOP");
      await Promise.all(pages.map((page) => page.says("Waiting for more")));
      // From here on it is as long as it takes: the silence itself is what is tried.
      await new Promise((resolve) => setTimeout(resolve, sized(100, 5000)));
      source.signal("SIGCONT");
      await Promise.all(pages.map(async (page) => {
        await page.view.until("it goes on", 'document.body.dataset.state === "playing"', 40_000);
        await page.playsOn(1);
        // A busy machine may make it wait once more while it catches up.
        const silent = 'document.querySelector(".message").textContent === ""';
        await page.view.until("nothing is said", silent, 40_000);
        page.view.assertHealthy();
      }));
    } finally {
      await disposeAll(...pages)[Symbol.asyncDispose]();
    }
    server.assertHealthy();
  },
);

test(
  ...needs(
    "chromium",
    "W3: a page plays on while only sound or only pictures come, and shows both again",
  ),
  async () => {
    await using server = await startServer();
    await using _source = publishLive(server, "live", "whole", { rate: RATE });
    await server.waitForLog("publishing", { name: "whole" });
    await using half = await relayHalf(server, "live", "whole", "cam");
    await server.waitForLog("publishing", { name: "cam" });
    const paths = ["live/cam#way=ws-flv", "live/cam#way=http-flv"];
    const pages = await Promise.all(paths.map((path) => PlayerPage.open(server, path)));
    try {
      await Promise.all(pages.map((page) => page.playing()));
      for (const without of ["video", "audio"] as const) {
        half.without = without;
        const decoded = without === "video"
          ? "webkitAudioDecodedByteCount"
          : "webkitVideoDecodedByteCount";
        const silent = without === "video"
          ? "webkitVideoDecodedByteCount"
          : "webkitAudioDecodedByteCount";
        // A page that begins anew without one of both has decoded nothing of that.
        const alone = `(({ ${decoded}: some, ${silent}: none }) => some > 0 && none === 0)(
          document.querySelector("video"))`;
        await Promise.all(pages.map(async (page) => {
          await page.view.until(`it plays without ${without}`, alone, 40_000);
          await page.playsOn(1);
        }));
        half.without = undefined;
        const both = `(({ ${decoded}: some, ${silent}: other }) => some > 0 && other > 0)(
          document.querySelector("video"))`;
        await Promise.all(pages.map(async (page) => {
          await page.view.until(`it plays ${without} again`, both, 40_000);
          await page.playing();
          await page.playsOn(1);
          page.view.assertHealthy();
        }));
      }
    } finally {
      await disposeAll(...pages)[Symbol.asyncDispose]();
    }
    server.assertHealthy();
  },
);

/** How much there is in front of what is shown (s). */
const AHEAD = `(({ buffered, currentTime }) =>
  buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime
)(document.querySelector("video"))`;

test(
  ...needs("chromium", "W3: a page that fell far behind by HLS skips to what is new"),
  async () => {
    await using server = await startServer();
    await using _publisher = publishLive(server, "live", "cam", { rate: RATE });
    await server.waitForLog("publishing");
    await using page = await PlayerPage.open(server, "live/cam#way=hls");
    await page.playing();
    await page.view.page.evaluate('document.querySelector("video").pause()');
    await page.view.until("it is far behind", `${AHEAD} > 9`, 40_000);
    await page.view.page.evaluate('document.querySelector("video").play()');
    await page.view.until("it is near again", `${AHEAD} < 4`, 20_000);
    await page.playsOn(0.5);
    page.view.assertHealthy();
  },
);

/** In place of what plays FLV: it breaks off at something that was played until then. */
const BREAKS_OFF = `
export const outcomeOf = () => ({ kind: "failed" });
export const playFlv = async () => ({
  over: Promise.resolve({ kind: "failed", played: true }),
  stop() {},
});`;

test(
  ...needs("chromium", "W3: a page goes on by HLS where FLV breaks off"),
  async () => {
    await using server = await startServer();
    await using _publisher = publishLive(server, "live", "cam", { rate: RATE });
    await server.waitForLog("publishing");
    await using page = await PlayerPage.open(server, "live/cam");
    await page.view.page.route(
      "**/flv_way.js",
      (route) => route.fulfill({ contentType: "text/javascript", body: BREAKS_OFF }),
    );
    await page.view.page.reload();
    await page.playing();
    await page.playsOn(0.5);
    assert.equal((await page.progress()).way, "hls");
    page.view.assertHealthy();
  },
);

test(
  ...needs(
    "chromium",
    "W3: a viewer that onPlay refuses is told what the plugin says, as text, each way",
  ),
  async () => {
    await using server = await startServer(["--plugin", "test/support/plugins/members.ts"]);
    await using _publisher = await publishCapture(server, "live", "cam", "ff-av1-aac", 1000);
    const paths = ["live/cam", "live/cam#way=http-flv", "live/cam#way=hls"];
    const pages = await Promise.all(paths.map((path) => PlayerPage.open(server, path)));
    await using member = await PlayerPage.open(server, "live/cam?member=yes");
    try {
      for (const page of pages) {
        await page.says("The server refuses: <b>members</b> only");
        assert.equal(await page.view.page.locator("b").count(), 0);
        page.view.assertHealthy();
      }
      await member.playing();
      assert.equal((await member.progress()).muted, true);
      await member.view.page.locator("#sound").click();
      assert.equal((await member.progress()).muted, false, "a click turns the sound on");
      // A busy machine may make it wait at any moment.
      await member.playing();
      member.view.assertHealthy();
    } finally {
      await disposeAll(...pages)[Symbol.asyncDispose]();
    }
  },
);
