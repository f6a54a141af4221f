/** The images of `deploy/`: their steps, and what they run, in roots of this machine. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Chroot } from "../support/chroot.ts";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { build, readDockerfile, runImage, sentFiles } from "../support/dockerfile.ts";
import { publish } from "../support/ffmpeg.ts";
import { RUNTIME } from "../support/installed.ts";
import { unusedPort } from "../support/nginx.ts";
import { ROOT } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { listening } from "../support/server.ts";

const FILE = join(ROOT, "deploy", `${RUNTIME}.Dockerfile`);
/** Images of one version of the runtime: with a system, and without one. */
const FULL = /^(?:denoland\/deno|oven\/bun):\d+\.\d+\.\d+$/;
const BARE = /^(?:denoland\/deno:distroless-\d+\.\d+\.\d+|oven\/bun:\d+\.\d+\.\d+-distroless)$/;

/** What stands in for an image of the runtime: what Debian has, or its libraries alone. */
function base(image: string): Chroot {
  const root = new Chroot();
  if (FULL.test(image)) {
    root.debian();
    const local = root.path("/local/bin");
    mkdirSync(local, { recursive: true });
    root.bind(root.path("/local"), "/usr/local");
    root.bind(process.execPath, `/local/bin/${RUNTIME}`);
    root.bind(process.execPath, `/usr/local/bin/${RUNTIME}`);
  } else {
    assert.match(image, BARE);
    root.bare(process.execPath);
    root.bind(process.execPath, `/usr/local/bin/${RUNTIME}`);
  }
  return root;
}

test(
  ...needs(
    "chroot",
    "an image is made as its file says, and serves without rights and without writing",
  ),
  async () => {
    const sent = sentFiles(ROOT);
    const steps = readDockerfile(FILE);
    for (const { name, rest } of steps) {
      if (name !== "COPY" || rest.startsWith("--from")) continue;
      for (const path of rest.split(" ").slice(0, -1)) assert.ok(sent.has(path), `${path} is sent`);
    }
    using image = await build(steps, ROOT, base);
    assert.equal(image.user, "65532:65532");
    // The volume, which is all that can be written, with the rights that the image gives it.
    image.root.bind(image.root.path("/data"), "/data", true);
    const [rtmp, http] = [await unusedPort(), await unusedPort()];
    const env = {
      SLUICE_RTMP_PORT: `${rtmp}`,
      SLUICE_HTTP_PORT: `${http}`,
      SLUICE_ALLOW_ANONYMOUS: "true",
      SLUICE_RECORD_FOLDER: "/data",
      SLUICE_RECORD_STREAMS: "live/*",
      SLUICE_API_TOKEN: "0123456789abcdef",
    };
    await using unwell = runImage(image, image.health, env);
    assert.equal((await unwell.ended()).code, 1, unwell.describe());
    await using server = await listening(runImage(image, image.entrypoint, env));
    assert.equal(server.httpPort, http);
    await using well = runImage(image, image.health, env);
    assert.equal((await well.ended()).code, 0, well.describe());
    await using publisher = publish(await clip("av"), server.url("live", "demo"));
    assert.equal((await publisher.ended()).code, 0);
    const files = () =>
      readdirSync(image.root.path("/data"), { recursive: true }).filter((name) =>
        /\.\w+$/.test(`${name}`)
      );
    await until(() => Promise.resolve(files().length > 0), "it is recorded");
    server.assertHealthy();
    assert.equal((await server.stop()).code, 0);
  },
);
