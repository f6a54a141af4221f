/**
 * A real browser for tests: Chromium, driven by playwright-core, one for all tests of a file.
 *
 * @module
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { SOON_MS, until } from "./deadline.ts";

/** Names of Chromium on different systems. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The browser; `undefined` when there is none. */
export function findChromium(): string | undefined {
  const named = process.env.SLUICE_TEST_CHROMIUM;
  if (named) return named;
  return NAMES.find((name) =>
    spawnSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" }).status === 0
  );
}

/** How often a page is looked at (ms): each look wakes three processes. */
const LOOK_MS = 150;

let browser: Promise<Browser> | undefined;

async function launch(): Promise<Browser> {
  // Only tests that need it fetch it.
  const { chromium } = await import("playwright-core");
  const path = spawnSync("sh", ["-c", `command -v ${findChromium()}`]).stdout.toString().trim();
  return await chromium.launch({
    executablePath: path,
    // It goes with the process that runs the tests.
    handleSIGINT: false,
    handleSIGTERM: false,
    args: [
      "--no-sandbox",
      "--mute-audio",
      "--disable-gpu",
      "--disable-software-rasterizer",
      // A process for each page takes twice the work of all of them together.
      "--process-per-site",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
}

/** How a page is shown. */
export type ViewOptions = Pick<
  BrowserContextOptions,
  "viewport" | "colorScheme" | "permissions" | "deviceScaleFactor"
>;

const contexts = new Map<string, Promise<BrowserContext>>();

/** The context of all pages that are shown like this. They share no tab, and each server is an origin of its own. */
function contextFor(options: ViewOptions): Promise<BrowserContext> {
  const key = JSON.stringify(options);
  let context = contexts.get(key);
  if (context === undefined) {
    context = (browser ??= launch()).then((browser) => browser.newContext(options));
    contexts.set(key, context);
  }
  return context;
}

/** A page. Use it with `await using`. */
export class TestPage implements AsyncDisposable {
  readonly page: Page;
  /** What went wrong in it: errors that nobody caught, and what its policy forbade. */
  readonly faults: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(SOON_MS);
    page.on("pageerror", (error) => this.faults.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // A refused request is an answer, and in the console all the same.
      const text = message.text();
      if (message.type() === "error" && !/^Failed to load resource|^WebSocket/.test(text)) {
        this.faults.push(`console: ${text}`);
      }
    });
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol === "blob:" || protocol === "data:" || hostname === "127.0.0.1") return;
      this.faults.push(`asks ${hostname}`);
    });
  }

  /** Opens a page of its own, which shares with others what tabs of one visitor do. */
  static async open(url: string, options: ViewOptions = {}): Promise<TestPage> {
    const opened = new TestPage(await (await contextFor(options)).newPage());
    await opened.page.goto(url);
    return opened;
  }

  /** Fails the test if anything went wrong in the page. */
  assertHealthy(): void {
    assert.deepEqual(this.faults, []);
  }

  /** Waits until an expression that runs in the page is true. */
  async until(what: string, expression: string, ms: number = SOON_MS): Promise<void> {
    // Not `waitForFunction`, which the policy of the page forbids.
    const ask = () => this.page.evaluate<boolean>(expression);
    await until(ask, what, ms, LOOK_MS).catch(async (error) => {
      const text = await this.page.evaluate<string>("document.body.innerText").catch(() => "");
      throw new Error(`${error.message}\n${this.faults.join("\n")}\n${text}`);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.page.close();
  }
}
