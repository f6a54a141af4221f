/** The pages and their files, without a port. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pages, type PageSettings } from "../../../src/http/mod.ts";

const ALL: PageSettings = { dashboard: true, player: true, playerFrames: [] };

/** Asks for a page as a browser does. */
async function ask(
  path: string,
  settings: Partial<PageSettings> = {},
  init: RequestInit = {},
): Promise<Response | undefined> {
  const pages = new Pages({ ...ALL, ...settings }, (error) => assert.fail(String(error)));
  const headers = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8", ...init.headers };
  return await pages.handle(new Request(`http://127.0.0.1:8080${path}`, { ...init, headers }));
}

/** Where a page has its files. */
function filesOf(html: string): string {
  return /href="([^"]+)\/icon\.svg"/.exec(html)![1]!;
}

test("a page loads nothing from elsewhere, and has neither code nor styles in it", async () => {
  for (const path of ["/", "/live/demo"]) {
    const response = (await ask(path))!;
    const html = await response.text();
    assert.equal(response.headers.get("Content-Type"), "text/html; charset=utf-8");
    assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
    assert.equal(response.headers.get("Referrer-Policy"), "same-origin");
    const policy = response.headers.get("Content-Security-Policy")!;
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.doesNotMatch(html, /<style|style=|\son\w+=|https?:|<script>/);
  }
});

test("a page finds its files from wherever it is", async () => {
  const root = new URL("http://127.0.0.1:8080/");
  for (const path of ["/", "/demo", "/live/demo", "/a/b/c/demo"]) {
    const files = filesOf(await (await ask(path))!.text());
    const { pathname } = new URL(`${files}/dashboard.js`, new URL(path, root));
    assert.match(pathname, /^\/~\/[0-9a-f]{12}\/dashboard\.js$/, path);
    const file = (await ask(pathname))!;
    assert.equal(file.status, 200);
    assert.equal(file.headers.get("Content-Type"), "text/javascript; charset=utf-8");
  }
});

test("files are kept for ever under their version, and looked at again under any other", async () => {
  const files = filesOf(await (await ask("/"))!.text()).slice(1);
  const file = (await ask(`${files}/common.css`))!;
  assert.equal(file.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  assert.equal(file.headers.get("Cross-Origin-Resource-Policy"), "same-origin");
  const { byteLength } = await file.arrayBuffer();
  assert.equal(file.headers.get("Content-Length"), `${byteLength}`);
  const old = (await ask("/~/0123456789ab/common.css"))!;
  assert.equal(old.headers.get("Cache-Control"), "no-cache");
  const etag = file.headers.get("ETag")!;
  assert.equal(old.headers.get("ETag"), etag);
  const again = (await ask("/~/x/common.css", {}, { headers: { "If-None-Match": etag } }))!;
  assert.deepEqual([again.status, await again.text()], [304, ""]);
});

test("files are compressed for whoever takes that", async () => {
  const plain = await (await ask("/~/x/dashboard.css"))!.text();
  const packed = (await ask("/~/x/dashboard.css", {}, {
    headers: { "Accept-Encoding": "br, gzip" },
  }))!;
  assert.equal(packed.headers.get("Content-Encoding"), "gzip");
  assert.equal(packed.headers.get("Vary"), "Accept-Encoding");
  const stream = packed.body!.pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new Response(stream).text(), plain);
});

test("the libraries are served as modules", async () => {
  for (
    const [path, what] of [["mpegts.js", /isSupported/], ["hls.js", /lowLatencyMode/]] as const
  ) {
    const text = await (await ask(`/~/x/lib/${path}`))!.text();
    assert.match(text, what);
    assert.match(text, /export\s*(?:default|\{[^}]*as default)/);
  }
});

test("no path leads out of the files", async () => {
  const paths = [
    "/~/x/..%2f..%2fpackage.json",
    "/~/x/files.ts",
    "/~/x/lib/%2e%2e/x",
    "/~/",
    "/~/x/",
  ];
  for (const path of paths) {
    const response = await ask(path);
    assert.ok(response === undefined || response.status === 404, path);
  }
});

test("only sites that are named may frame the player, and none the dashboard", async () => {
  const frames = async (path: string, playerFrames: string[]) =>
    (await ask(path, { playerFrames }))!.headers.get("Content-Security-Policy")!
      .split("; ").find((part) => part.startsWith("frame-ancestors"));
  assert.equal(await frames("/live/demo", []), "frame-ancestors 'none'");
  const sites = ["'self'", "https://*.example.org"];
  assert.equal(await frames("/live/demo", sites), "frame-ancestors 'self' https://*.example.org");
  assert.equal(await frames("/", sites), "frame-ancestors 'none'");
});

test("paths of the API, of plugins and of no stream are no pages, nor is what no browser asks", async () => {
  for (
    const path of [
      ...["/streams", "/streams/live/demo", "/sessions", "/health", "/events", "/plugins/a/b"],
      ...["/recordings", "/recordings/live/demo"],
      ...["/live/", "//", "/live/../health"],
    ]
  ) assert.equal((await ask(path))?.status, undefined, path);
  assert.equal(await ask("/live/demo", {}, { method: "POST" }), undefined);
  assert.equal(await ask("/live/demo", {}, { headers: { Accept: "*/*" } }), undefined);
});

test("pages that are turned off are not there", async () => {
  assert.equal(await ask("/", { dashboard: false }), undefined);
  assert.equal(await ask("/live/demo", { player: false }), undefined);
  assert.equal((await ask("/live/demo", { dashboard: false }))!.status, 200);
  const none = { dashboard: false, player: false };
  assert.equal(await ask("/~/x/common.css", none), undefined);
});
