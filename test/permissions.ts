/**
 * Runs the server with its documented permissions through a short session with a plugin, and prints
 * which permissions it used. Needs Deno: Bun has none.
 *
 *     deno task permissions
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { documentedCommands, permissionsUsed, shortSession } from "./support/permissions.ts";
import { startServer } from "./support/server.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-permissions-"));
try {
  const audit = join(folder, "audit.jsonl");
  const secret = crypto.randomUUID();
  const { flags, args } = documentedCommands().find(({ args }) => args.includes("--plugin"))!;
  {
    const env = { SLUICE_TOKEN_SECRET: secret, DENO_AUDIT_PERMISSIONS: audit };
    await using server = await startServer(args, env, flags);
    await shortSession(server, secret);
    await server.stop();
  }
  console.log(`deno run ${flags.join(" ")} mod.ts ${args.join(" ")}\n`);
  console.log("asked for, while a client published, one played and the API was used:");
  const used = permissionsUsed(readFileSync(audit, "utf8"));
  for (const use of used) console.log(`  ${use}`);
  console.log(`${used.length} permissions`);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);
