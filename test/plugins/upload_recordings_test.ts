/** Recordings uploaded to a real S3-compatible server. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AwsClient } from "aws4fetch";
import { uploadRecordings } from "../../plugins/upload_recordings.ts";
import type { PluginServer, RecordedContext } from "../../src/plugin/api.ts";
import { TestProcess } from "../support/process.ts";

const S3RVER = "s3rver@3.7.1";
const KEYS = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const MiB = 1024 * 1024;

/** Where npm has put it: a program of its own, which ends when it is told to. */
const probe = spawnSync("npx", ["-y", "-p", S3RVER, "sh", "-c", "command -v s3rver"], {
  timeout: 120_000,
  encoding: "utf8",
});
const skip = probe.status !== 0;
const about = skip ? " [needs s3rver: Node, npx and the npm registry]" : "";

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** A server with these files, as far as the plugin sees it. */
function serverOf(files: Map<string, Uint8Array>) {
  let largest = 0;
  const server = {
    openRecording: (file: string) => {
      const bytes = files.get(file);
      return Promise.resolve(
        bytes && {
          size: bytes.length,
          read: (target: Uint8Array, position: number) => {
            largest = Math.max(largest, target.length);
            const part = bytes.subarray(position, position + target.length);
            target.set(part);
            return Promise.resolve(part.length);
          },
          close: () => Promise.resolve(),
        },
      );
    },
    removeRecording: (file: string) => Promise.resolve(files.delete(file)),
  };
  return { server: server as unknown as PluginServer, largest: () => largest };
}

const recorded = (file: string) => ({ file }) as RecordedContext;

test(
  `recordings arrive whole, large ones in parts, also when the store is away at first${about}`,
  { skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-s3-"));
    try {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}/bucket/live now`;
      const large = new Uint8Array(12 * MiB).map((_, index) => index * 7 + (index >> 13));
      const small = Uint8Array.of(1, 2, 3);
      const files = new Map([["live/a b/1.mp4", large], ["live/a b/2.flv", small]]);
      const { server, largest } = serverOf(files);
      const lines: string[] = [];
      const arrived = Promise.withResolvers<void>();
      const log = (line: string) => {
        if (lines.push(line) === 3) arrived.resolve();
      };
      const plugin = uploadRecordings({
        ...{ ...KEYS, url, log, remove: true, partBytes: 5 * MiB, retryMs: 100 },
      });
      // Before it is started, as what a crash left is told of.
      await plugin.onRecorded!(recorded("live/a b/1.mp4"));
      await plugin.start!(server);
      await using _store = new TestProcess("node", [
        ...[probe.stdout.trim(), "-d", folder, "-a", "127.0.0.1", "-p", `${port}`],
        ...["--configure-bucket", "bucket"],
      ]);
      await plugin.onRecorded!(recorded("live/a b/2.flv"));
      await plugin.onRecorded!(recorded("live/a b/gone.flv"));
      await plugin.onRecorded!(recorded("live/a b/2.flv"));
      files.set("live/a b/none", small);
      const wrong = uploadRecordings({
        ...{ ...KEYS, url: url.replace("bucket", "none"), log, retryMs: 100 },
      });
      while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      await wrong.start!(server);
      await wrong.onRecorded!(recorded("live/a b/none"));
      await arrived.promise;
      assert.deepEqual(lines.slice(0, 2), [
        "uploaded live/a b/1.mp4 and removed it here",
        "uploaded live/a b/2.flv and removed it here",
      ]);
      assert.match(lines[2]!, /^could not upload live\/a b\/none: 404 /);
      assert.deepEqual([...files.keys()], ["live/a b/none"]);
      assert.equal(largest(), 5 * MiB, "no more is in memory");
      const client = new AwsClient({ ...KEYS, service: "s3", region: "us-east-1" });
      for (const [name, bytes] of [["1.mp4", large], ["2.flv", small]] as const) {
        const response = await client.fetch(`${url}/live/a%20b/${name}`);
        assert.equal(response.status, 200);
        const got = new Uint8Array(await response.arrayBuffer());
        assert.ok(got.length === bytes.length && got.every((byte, at) => byte === bytes[at]), name);
      }
      await plugin.stop!();
      await wrong.stop!();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test("a stop ends what is tried again and again, and says what is left", async () => {
  const lines: string[] = [];
  const port = await freePort();
  const plugin = uploadRecordings({
    ...{ ...KEYS, url: `http://127.0.0.1:${port}/bucket`, log: (line) => void lines.push(line) },
  });
  const { server } = serverOf(new Map([["a.flv", Uint8Array.of(1)]]));
  await plugin.start!(server);
  await plugin.onRecorded!(recorded("a.flv"));
  await plugin.onRecorded!(recorded("a.flv"));
  await plugin.stop!();
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /^could not upload a\.flv: /);
  assert.equal(lines[1], "1 recordings are left here");
});
