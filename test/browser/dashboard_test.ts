/** The dashboard in a real browser: what it shows, by mouse, by keyboard and to who cannot see it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TestPage } from "../support/browser.ts";
import { publishCapture, publishLive } from "../support/live_source.ts";
import { needs } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const VIDEO = 'document.querySelector("video")';
const PLAYS = `document.getElementById("details").dataset.state === "playing" &&
  ${VIDEO}.getVideoPlaybackQuality().totalVideoFrames > 1`;

/** What axe-core finds wrong with a page, for people who do not see it or use no mouse. */
async function accessibilityFaults({ page }: TestPage): Promise<string[]> {
  const { default: axe } = await import("axe-core");
  await page.evaluate(axe.source);
  const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

test(
  ...needs("chromium", "the dashboard shows a stream, plays it on a click, and ends sessions"),
  async () => {
    await using server = await startServer();
    const base = `http://127.0.0.1:${server.httpPort}/`;
    await using view = await TestPage.open(base, { viewport: { width: 1100, height: 900 } });
    const { page } = view;
    await page.getByText("Nothing is live").waitFor();
    assert.ok(await page.getByText(`rtmp://127.0.0.1:${server.rtmpPort}/live/demo`).count() > 0);
    const markup = ["-metadata", "title=<img src=x onerror=alert(1)>"];
    await using _publisher = publishLive(server, "live", "demo", { more: markup });

    await page.getByRole("button", { name: /^live\/demo/ }).click();
    await view.until("it plays", PLAYS, 30_000);
    await page.getByText("H.264 480×270, 25 fps").first().waitFor();
    await page.getByText("Tracks and metadata").click();
    await view.until("metadata is shown", 'metadata.textContent.includes("<img src=x onerror=")');
    assert.equal(await page.locator("pre img").count(), 0);
    for (
      const [label, text] of [
        ["Player page", `${base}live/demo`],
        ["HLS", `${base}live/demo/index.m3u8`],
        ["HTTP-FLV", `${base}live/demo.flv`],
        ["RTMP", `rtmp://127.0.0.1:${server.rtmpPort}/live/demo`],
      ]
    ) {
      const row = page.locator("#watch-ways li", { hasText: text! }).first();
      assert.equal(await row.locator(".label").textContent(), label);
      assert.equal(await row.locator("code").textContent(), text);
    }
    assert.deepEqual(await accessibilityFaults(view), []);

    const publisher = page.getByRole("row", { name: /publishes live\/demo/ });
    await publisher.getByRole("button", { name: /^Disconnect/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await publisher.getByRole("button", { name: /^Disconnect/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await server.waitForLog("unpublished", { reason: "kicked" });
    await publisher.waitFor({ state: "detached" });
    view.assertHealthy();
    server.assertHealthy();
  },
);

test(
  ...needs("chromium", "the dashboard is used by keyboard alone, on a phone, in the dark"),
  async () => {
    await using server = await startServer();
    await using _publisher = await publishCapture(server, "live", "cam", "ff-av1-opus", 1000);
    await using view = await TestPage.open(`http://127.0.0.1:${server.httpPort}/`, {
      viewport: { width: 390, height: 800 },
      colorScheme: "dark",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const { page } = view;
    await page.getByRole("button", { name: /^live\/cam/ }).waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "To the streams");
    const focused = () => page.evaluate<string>("document.activeElement.className");
    for (let count = 0; count < 20 && await focused() !== "open"; count++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await view.until("the stream is opened", 'document.activeElement.id === "details-title"');
    await view.until("it plays", PLAYS, 30_000);
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert.ok(width <= 390, `the page is ${width} wide`);
    const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    assert.equal(ground, "rgb(18, 24, 30)");
    assert.deepEqual(await accessibilityFaults(view), []);
    const way = page.locator("li.way").first();
    await way.getByRole("button", { name: "Copy" }).press("Enter");
    await page.getByText(/: copied$/).waitFor();
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    assert.equal(copied, await way.locator("code").textContent());
    assert.match(copied, /live\/cam/);
    const muted = () => page.evaluate<boolean>("document.querySelector('#details video').muted");
    assert.equal(await muted(), true);
    await page.locator("#details-sound").press("Enter");
    assert.equal(await muted(), false);
    await page.locator("#details-close").press("Enter");
    await view.until("it is closed", "document.getElementById('details').hidden");
    view.assertHealthy();
  },
);

test(
  ...needs(
    "chromium",
    "the dashboard asks for the token, keeps it for the tab, and comes back with the server",
  ),
  async () => {
    const token = "0123456789abcdef";
    await using server = await startServer([], { SLUICE_API_TOKEN: token });
    const base = `http://127.0.0.1:${server.httpPort}/`;
    await using view = await TestPage.open(base);
    const { page } = view;
    const field = page.locator("#token");
    await field.fill("fedcba9876543210");
    await field.press("Enter");
    await page.getByText("That is not the token of this server.").waitFor();
    assert.deepEqual(await accessibilityFaults(view), []);
    await field.fill(token);
    await field.press("Enter");
    await page.getByText("Nothing is live").waitFor();
    await page.reload();
    await page.getByText("Nothing is live").waitFor();
    assert.equal(await page.evaluate("localStorage.length"), 0);
    assert.ok(!page.url().includes(token));
    await using other = await TestPage.open(base);
    await other.page.locator("#token").waitFor();
    view.assertHealthy();

    await server.stop();
    await page.getByText("Trying again").waitFor();
    const ports = ["--http-port", `${server.httpPort}`];
    await using _again = await startServer(ports, { SLUICE_API_TOKEN: token });
    await page.locator('#connection[data-kind="on"]').waitFor({ timeout: 30_000 });
  },
);

test(
  ...needs(
    "chromium",
    "names that are markup are shown as text by the player, and any site may not frame it",
  ),
  async () => {
    await using server = await startServer(["--player-frames", "self"]);
    const base = `http://127.0.0.1:${server.httpPort}/`;
    const name = '<img src=x onerror="alert(1)">';
    await using view = await TestPage.open(`${base}live/${encodeURIComponent(name)}`);
    const { page } = view;
    await page.getByRole("heading", { name }).waitFor({ state: "attached" });
    assert.equal(await page.locator("img").count(), 0);
    assert.ok((await page.title()).startsWith(`live/${name}`));
    assert.deepEqual(await accessibilityFaults(view), []);
    view.assertHealthy();

    // A page of this server, as a plugin may have one, may frame the player; none may frame the dashboard.
    const html = "<!doctype html><title>A page</title>";
    await page.route(
      `${base}page`,
      (route) => route.fulfill({ contentType: "text/html", body: html }),
    );
    await page.goto(`${base}page`);
    const frame = (path: string) =>
      page.evaluate<boolean>(`new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.addEventListener("load", () => resolve(frame.contentDocument?.title !== undefined));
      frame.src = ${JSON.stringify(path)};
      document.body.append(frame);
    })`);
    assert.equal(await frame("/live/demo"), true);
    assert.equal(await frame("/"), false);
  },
);
