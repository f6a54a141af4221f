/**
 * The documented permissions of the server, and those that a server used.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signToken } from "../../plugins/token_auth.ts";
import { keyFrame, VIDEO_HEADER } from "./media.ts";
import { ROOT } from "./process.ts";
import { RtmpClient, Type } from "./rtmp_client.ts";
import type { TestServer } from "./server.ts";

/** A documented command that starts the server. */
export interface DocumentedCommand {
  /** What Deno gets: the permissions. */
  readonly flags: readonly string[];
  /** What the server gets. */
  readonly args: readonly string[];
}

/** Every `deno run ... mod.ts ...` in the blocks of shell commands of a document. */
export function denoCommands(markdown: string): DocumentedCommand[] {
  return [...markdown.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
    block!.replace(/\\\n\s*/g, "").split("\n").flatMap((line) => {
      const words = line.replace(/\s+#.*/, "").replaceAll('"', "").split(/\s+/);
      const run = words.indexOf("run", words.indexOf("deno"));
      const file = words.indexOf("mod.ts");
      if (!words.includes("deno") || run < 0 || file < 0) return [];
      return [{ flags: words.slice(run + 1, file), args: words.slice(file + 1) }];
    })
  );
}

/** The commands of the section on permissions in docs/operations.md, on free ports. */
export function documentedCommands(): DocumentedCommand[] {
  const page = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
  const section = page.slice(page.indexOf("## Permissions\n"));
  return denoCommands(section.slice(0, section.indexOf("\n## ", 1))).map(({ flags, args }) => ({
    flags: flags.map((flag) => flag.startsWith("--allow-net") ? flag.replace(/:\d+/g, ":0") : flag)
      // What is missing is to fail.
      .concat("--no-prompt"),
    args,
  }));
}

/** Publishes, plays and asks the API; `secret` is that of the token plugin, where one is loaded. */
export async function shortSession(server: TestServer, secret?: string): Promise<void> {
  const expires = Math.floor(Date.now() / 1000) + 60;
  const named = async (action: "publish" | "play") => {
    if (secret === undefined) return "a";
    return `a?token=${await signToken(secret, { action, app: "live", name: "a", expires })}`;
  };
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id, info } = await publisher.publish("live", await named("publish"));
  assert.equal(info.code, "NetStream.Publish.Start");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame(5000, 7));
  await using player = await RtmpClient.open(server.rtmpPort);
  await player.play("live", await named("play"));
  await player.waitFor(
    ({ type, payload }) => type === Type.Video && payload.at(-1) === 7,
    "the key frame",
  );
  assert.equal((await server.api("/streams/live/a")).status, 200);
  assert.equal((await server.api("/sessions")).status, 200);
  assert.equal((await server.api("/health")).status, 200);
  assert.equal((await server.api("/streams/live/a", { method: "DELETE" })).status, 204);
  await player.statusOf("NetStream.Play.UnpublishNotify");
}

/** The distinct permissions in a file of DENO_AUDIT_PERMISSIONS, such as `net 127.0.0.1:0`. */
export function permissionsUsed(audit: string): string[] {
  const uses = audit.split("\n").filter((line) => line !== "").map((line) => {
    const { permission, value } = JSON.parse(line) as { permission: string; value: unknown };
    return `${permission} ${value ?? "(all)"}`.replace("file://", "").replace(`${ROOT}/`, "");
  });
  return [...new Set(uses)].sort();
}
