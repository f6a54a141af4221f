import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { figure } from "../support/figure.ts";
import {
  denoCommands,
  documentedCommands,
  permissionsUsed,
  shortSession,
} from "../support/permissions.ts";
import { inCheckout, startProgram, startServer } from "../support/server.ts";

// Bun has no permissions: there the same commands run without Deno's flags.
const DENO = "Deno" in globalThis;
const SECRET = "a secret of more than 16 characters";

/** The one documented command with this argument; the first if none is named. */
function documented(argument?: string) {
  const commands = documentedCommands();
  const found = argument === undefined
    ? commands[0]
    : commands.find(({ args }) => args.includes(argument));
  assert.ok(found !== undefined, `README has no such command: ${argument}`);
  return found;
}

test("H12: with the permissions documented for the defaults, clients publish, play and ask", async () => {
  const { flags, args } = documented();
  await using server = await startServer(args, {}, flags);
  await shortSession(server);
  server.assertHealthy();
  assert.equal((await server.stop()).code, 0);
});

test("H12: with the documented permissions, settings come from the environment", async () => {
  const { flags, args } = documented("--allow-anonymous");
  await using server = await startServer(args, { SLUICE_LOG_LEVEL: "debug" }, flags);
  await shortSession(server);
  assert.ok(server.logs.some(({ level }) => level === "debug"));
});

test("H12: with the documented permissions, a plugin checks tokens", async () => {
  const { flags, args } = documented("plugins/token_auth.ts");
  await using server = await startServer(args, { SLUICE_TOKEN_SECRET: SECRET }, flags);
  await assert.rejects(shortSession(server), /BadName|Unauthorized|NetStream\.Publish/);
  await shortSession(server, SECRET);
});

test("H12: with the documented permissions, a configuration file is read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-permissions-"));
  try {
    const file = join(folder, "sluice.jsonc");
    writeFileSync(file, '{ "host": "0.0.0.0", "plugins": ["plugins/token_auth.ts"] }');
    const { flags, args } = documented("sluice.jsonc");
    const placed = (words: readonly string[]) =>
      words.map((word) => word.replace("sluice.jsonc", file));
    const env = { SLUICE_TOKEN_SECRET: SECRET };
    await using server = await startServer(placed(args), env, placed(flags));
    await shortSession(server, SECRET);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("H12: without the right to a port, a plugin or a file, Deno says what to grant", async () => {
  const cases: [args: string[], flags: string[], said: RegExp][] = [
    [[], [], /--allow-net/],
    [["--plugin", "plugins/token_auth.ts"], ["--allow-net"], /--allow-read=\S*token_auth\.ts/],
    [["--config", "deno.json"], ["--allow-net"], /--allow-read/],
  ];
  // Bun grants everything: the first would listen, so that nothing is asked of it here.
  for (const [args, flags, said] of DENO ? cases : []) {
    const ports = ["--rtmp-port", "0", "--http-port", "0"];
    // Deno gives a child of a program all permissions unless the child's flags name one.
    const given = ["--no-prompt", "--deny-run", ...flags];
    await using program = startProgram([...ports, ...args], {}, "mod.ts", given);
    const { code, stderr } = await program.ended();
    assert.ok(code === 77 || code === 78, `${code} ${stderr}`);
    assert.match(stderr, said);
  }
});

test("H12: a server uses its two ports, its variables and its plugins, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-permissions-"));
  try {
    const audit = join(folder, "audit.jsonl");
    const env = { SLUICE_TOKEN_SECRET: SECRET, DENO_AUDIT_PERMISSIONS: audit };
    const plugin = ["--plugin", "plugins/token_auth.ts"];
    // All permissions, so that what is used is seen and not refused.
    await using server = await startServer(plugin, env, ["-A"]);
    await shortSession(server, SECRET);
    assert.equal((await server.stop()).code, 0);
    assert.equal(existsSync(audit), DENO);
    const used = DENO ? permissionsUsed(readFileSync(audit, "utf8")) : [];
    // It listens on any free port, and then knows which.
    const { rtmpPort, httpPort } = server;
    const expected = [
      new RegExp(`^net 127\\.0\\.0\\.1:(0|${rtmpPort}|${httpPort})$`),
      /^env (\(all\)|SLUICE_\w+|NO_COLOR)$/,
      // To read it again at a reload, by `node:fs`, which looks at both rights and needs one.
      /^(read|write) plugins\/token_auth\.ts$/,
      // How much memory there is: only where it may, which it does not ask for.
      /^(read|write) \/(proc\/meminfo|proc\/self\/cgroup|sys\/fs\/cgroup\/\S+)$/,
    ];
    const unexpected = used.filter((use) => !expected.some((one) => one.test(use)));
    assert.deepEqual(unexpected, []);
    if (DENO) assert.ok(used.includes("net 127.0.0.1:0") && used.includes("env (all)"));
    const count = unexpected.length;
    figure({ id: "H12", what: "undocumented permissions used", value: count, unit: "", atMost: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("H12: no document asks for all permissions, but for the command that tries the server", () => {
  const broad = /^(-\w*A\w*|--allow-all|--allow-(run|ffi|sys|import)\b.*)$/;
  const pages = readdirSync(inCheckout("docs")).filter((name) => name.endsWith(".md"));
  const counts = ["README.md", "plugins/README.md", ...pages.map((name) => `docs/${name}`)].map(
    (path) => {
      const commands = denoCommands(readFileSync(inCheckout(path), "utf8"));
      const asks = commands.filter(({ flags }) => flags.some((flag) => broad.test(flag)));
      // It listens on this machine only, and the sentence below it says what is enough.
      assert.deepEqual(asks, path === "README.md" ? [{ flags: ["-A"], args: [] }] : [], path);
      return commands.length;
    },
  );
  assert.ok(counts[0]! > 1 && counts[1]! > 0, String(counts));
});
