/** The pages of `docs/recipes/`, to the letter. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { ROOT } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { Recipe, stepsOf } from "../support/recipe.ts";

const FOLDER = join(ROOT, "docs/recipes");
const H264 = /"codec":"avc"/;

test("the pages of recipes are those that are listed, and blocks are told apart", () => {
  const index = readFileSync(join(FOLDER, "README.md"), "utf8");
  const listed = [...index.matchAll(/\]\((\w+)\.md\)/g)].map(([, name]) => name).sort();
  const pages = readdirSync(FOLDER).map((name) => name.replace(".md", ""));
  assert.deepEqual(listed, pages.filter((name) => name !== "README").sort());
  assert.deepEqual(stepsOf("```sh\na\n```\n```text\nb\n```\n```json c.json\n{}\n```\n"), [
    { kind: "run", text: "a\n" },
    { kind: "file", text: "{}\n", name: "c.json" },
  ]);
  assert.throws(() => stepsOf("```sh fast\na\n```\n"));
});

test(...needs("netns", "recipe: from OBS to a browser"), async () => {
  await using recipe = await Recipe.open("obs_to_browser");
  await recipe.follow("curl -s");
  await recipe.answers("/streams/live/demo", H264);
  await recipe.sh(
    'curl -s -H "Accept: text/html" http://127.0.0.1:8080/live/demo | grep -q "<video"',
  );
  await recipe.follow();
  await recipe.sh(
    `ffmpeg -v error -f lavfi -i testsrc2=duration=1 -c:v libx264 -f flv "rtmp://127.0.0.1:1936/live/demo?token=$(
      SLUICE_TOKEN_SECRET=$SLUICE_TOKEN_SECRET deno run -A tools/sign_token.ts publish live/demo 60)"`,
  );
});

test(...needs("netns", "recipe: to two platforms"), async () => {
  await using recipe = await Recipe.open("restream");
  await recipe.follow();
  for (const [port, key] of [[8081, "first-key"], [8082, "second-key"]] as const) {
    await recipe.answers(`/streams/app/${key}`, H264, port);
  }
  const relays = await recipe.answers("/relays", /"publishing".*"publishing"/s);
  assert.doesNotMatch(relays, /first-key|second-key/);
});

test(...needs("netns", "recipe: a camera in the browser, recorded"), async () => {
  await using recipe = await Recipe.open("camera");
  await recipe.follow('"$CAMERA"');
  // No camera is at hand: a clip that comes as fast as one does.
  await recipe.sh(`export CAMERA=${await clip("longGop")}`);
  await recipe.follow("/recordings");
  await recipe.follow();
  const list = await recipe.answers("/recordings", /"state":"finished"/);
  const { file: path } = JSON.parse(list).recordings[0];
  assert.match(path, /^camera\/door\/.*\.mp4$/);
  const file = path.split("/").at(-1);
  const url = `http://127.0.0.1:8080/camera/door/recordings/${file}`;
  const probe = "-show_entries stream=codec_name -of csv=p=0";
  const { stdout } = await recipe.sh(`ffprobe -v error ${probe} ${url}`);
  assert.deepEqual(stdout.trim().split("\n").sort(), ["aac", "h264"]);
});

test(...needs("netns", "recipe: keys from a JSON file"), async () => {
  await using recipe = await Recipe.open("keys");
  await recipe.follow("key revoke");
  await recipe.answers("/streams/live/studio", H264);
  await recipe.follow();
  await recipe.answers("/streams/live/studio", /not-found/);
});

test(...needs("netns", "recipe: tokens from one's own backend"), async () => {
  // Nothing can be fetched in there.
  await import("jose");
  await using recipe = await Recipe.open("jwt");
  await recipe.follow("index.m3u8");
  await recipe.answers("/streams/live/ann", H264);
  await recipe.follow();
});

for (
  const [page, first] of [["from_nginx_rtmp", "publish live secret-key"], [
    "from_srs",
    "on_publish live show ?secret=right",
  ]] as const
) {
  test(...needs("netns", `recipe: ${page.replaceAll("_", " ")}`), async () => {
    await using recipe = await Recipe.open(page);
    await recipe.follow();
    await recipe.answers("/streams/live/show", H264);
    const [backend, , publisher] = recipe.programs;
    assert.ok(backend!.lines.includes(first), backend!.describe());
    await publisher!.kill();
    const done = page === "from_srs" ? /^on_unpublish live show/ : /^publish_done live /;
    await backend!.waitForLine(
      (line) => done.test(line) || undefined,
      "the backend is told of the end",
    );
  });
}

test(...needs("netnsPrometheus", "recipe: Prometheus and Grafana"), async () => {
  await using recipe = await Recipe.open("prometheus");
  await recipe.follow();
  const page = readFileSync(join(FOLDER, "prometheus.md"), "utf8").split("## Grafana")[1]!;
  const rows = page.split("\n").filter((line) => /^\| [A-Z].*`/.test(line));
  const queries = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, query]) => query!));
  assert.equal(queries.length, 9);
  for (const query of queries) {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    await recipe.answers(path, /"value":\[/, 9090);
  }
  await recipe.answers("/api/v1/rules", /SluiceDegraded/, 9090);
});

test(...needs("netns", "recipe: low latency at home and over a CDN"), async () => {
  await using recipe = await Recipe.open("low_latency");
  await recipe.follow();
  const { stdout } = await recipe.sh("cat headers.txt main.m3u8");
  assert.match(stdout, /^cache-control: .*max-age=\d/im);
  assert.match(stdout, /^#EXT-X-PART:DURATION=0\.\d+/m);
});
