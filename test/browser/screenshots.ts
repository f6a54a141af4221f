/**
 * Makes the pictures of docs/dashboard.md: a server with streams of which one has a problem, seen in
 * light, in dark and on a phone.
 *
 *     deno run -A test/browser/screenshots.ts
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { TestPage, type ViewOptions } from "../support/browser.ts";
import { publishCapture, publishLive } from "../support/live_source.ts";
import { ROOT } from "../support/process.ts";
import { startServer } from "../support/server.ts";

/** Each picture: its name, what is shown, and how. */
const SHOTS: readonly [name: string, hash: string, view: ViewOptions][] = [
  ["light", "#/live/demo", { viewport: { width: 1100, height: 760 }, colorScheme: "light" }],
  ["dark", "", { viewport: { width: 1100, height: 560 }, colorScheme: "dark" }],
  ["phone", "#/live/demo", { viewport: { width: 390, height: 760 }, colorScheme: "light" }],
];

/** How long everything runs before the pictures are taken, so that charts have lines (ms). */
const RUN_MS = 40_000;

async function main(): Promise<void> {
  await using server = await startServer();
  await using _demo = publishLive(server, "live", "demo", { size: [960, 540] });
  await using _late = publishLive(server, "live", "late-key-frames", { gop: 250 });
  await using _av1 = await publishCapture(server, "radio", "studio", "ff-av1-opus", 1000);
  await new Promise((resolve) => setTimeout(resolve, RUN_MS));
  for (const [name, hash, options] of SHOTS) {
    await using view = await TestPage.open(`http://127.0.0.1:${server.httpPort}/${hash}`, options);
    const { page } = view;
    await page.getByRole("button", { name: /^live\/demo/ }).waitFor();
    if (hash !== "") await page.locator('#details[data-state="playing"]').waitFor();
    // The newest picture, and one more event.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await page.evaluate("scrollTo(0, 0)");
    await page.screenshot({ path: join(ROOT, "docs", "images", `dashboard-${name}.png`) });
    view.assertHealthy();
  }
}

await main();
process.exit(0);
