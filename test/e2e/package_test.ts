/** The npm package, installed from a registry into an empty folder outside the checkout. */
import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { installPackages } from "../../tools/packages.ts";
import { EMITTER } from "../../tools/versions.ts";
import { VERSION } from "../../src/version.ts";
import { clip } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { INSTALL_MS, RUNTIME, Workplace } from "../support/installed.ts";
import { TestProcess } from "../support/process.ts";
import { listening } from "../support/server.ts";

const PLUGIN = `
import { definePlugin, refuse } from "sluice/plugin";

export default definePlugin({
  name: "only_demo",
  onPublish({ name }) {
    if (name !== "demo") return refuse("Only demo may be published");
  },
  onPlay({ app, name }) {
    console.log(\`play requested: \${app}/\${name}\`);
  },
});
`;

const EMBEDDING = `
import { createServer, VERSION } from "sluice";
import { connect } from "sluice/client";
import { MessageType } from "sluice/core";
import plugin from "./only_demo.ts";

const server = createServer({ rtmp: { port: 0 }, http: { port: 0 }, plugins: [plugin] });
const { rtmp } = await server.start();
const url = \`rtmp://127.0.0.1:\${rtmp.port}/live/demo\`;
{
  await using player = await connect(url);
  const playing = player.play();
  await using publisher = await connect(url);
  const writer = (await publisher.publish()).getWriter();
  await writer.write({ kind: "data", timestamp: 0, payload: Uint8Array.of(2, 0, 1, 0x61) });
  const { value } = await (await playing).getReader().read();
  console.log(VERSION, value?.kind, value?.payload.length, MessageType.Audio);
  const refused = await publisher.publish("other").catch((error) => error.description);
  console.log(String(refused));
}
await server.stop();
`;

let installed: Promise<Workplace> | undefined;

/** An author's folder with the package in it, installed once by what the runtime's users install with. */
function author(): Promise<Workplace> {
  return installed ??= install();
}

async function install(): Promise<Workplace> {
  const workplace = await Workplace.open();
  workplace.write("package.json", '{ "private": true, "type": "module" }');
  workplace.write("only_demo.ts", PLUGIN);
  workplace.write("embedding.ts", EMBEDDING);
  if (RUNTIME === "bun") await workplace.run(process.execPath, "add", "sluice");
  else await workplace.run("npm", "install", "sluice");
  return workplace;
}

after(async () => {
  await (await installed?.catch(() => undefined))?.[Symbol.asyncDispose]();
});

const command = (workplace: Workplace) => join(workplace.folder, "node_modules/.bin/sluice");
const PORTS = ["--rtmp-port", "0", "--http-port", "0", "--log-format", "json"];

test("the package runs the main job with a plugin in TypeScript, and stops when it is asked to", async () => {
  const workplace = await author();
  const args = [...PORTS, "--plugin", "only_demo.ts", "--play-wait-ms", "60000"];
  await using server = await listening(workplace.start(command(workplace), ...args));
  const path = await clip("av");
  const url = server.url("live", "demo");
  await using player = new Decoder(url, "v");
  await server.playRequested("live", "demo");
  await using publisher = publish(path, url);
  await published(publisher);
  const [played, source] = [await player.frames(), await framesOf(path, "v")];
  assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));

  const page = await (await fetch(`http://127.0.0.1:${server.httpPort}/`)).text();
  const root = /"\.\/(~\/[0-9a-f]+)\//.exec(page)?.[1];
  for (const file of ["dashboard.js", "common.css", "lib/hls.js", "lib/mpegts.js"]) {
    const { status, headers } = await fetch(`http://127.0.0.1:${server.httpPort}/${root}/${file}`);
    assert.equal(status, 200, file);
    assert.match(headers.get("Cache-Control")!, /immutable/, file);
  }

  await using stranger = publish(path, server.url("live", "other"));
  assert.notEqual((await stranger.ended()).code, 0);
  assert.ok(!server.logs.some(({ level }) => level === "error" || level === "fatal"));
  // The command is a program of Node here, which the signal has to pass.
  const { code } = await server.stop();
  assert.equal(code, 0);
  assert.ok(server.logs.some(({ message }) => message === "stopping"));
});

test("a program embeds the server and the client from the package", async () => {
  const workplace = await author();
  const flags = RUNTIME === "deno" ? ["-A"] : [];
  const { stdout } = await workplace.run(process.execPath, "run", ...flags, "embedding.ts");
  const [first, refused] = stdout.trim().split("\n").filter((line) => !line.startsWith("play "));
  assert.equal(first, `${VERSION} data 4 8`);
  assert.equal(refused, "Only demo may be published");
});

test("types of all doors are found and hold in a folder of its own", async () => {
  const workplace = await author();
  const wrong = PLUGIN.replace("name !==", "nmae !==").replace("{ name }", "{ name: nmae }")
    .replace('refuse("', 'refuse(7, "');
  if (RUNTIME === "deno") {
    await workplace.run(process.execPath, "check", "only_demo.ts", "embedding.ts");
    workplace.write("wrong_demo.ts", wrong);
    await using check = workplace.start(process.execPath, "check", "wrong_demo.ts");
    const { code, stderr } = await check.ended(INSTALL_MS);
    assert.equal(code, 1);
    assert.match(stderr, /Expected 1 arguments, but got 2/);
    return;
  }
  const packages = await installPackages(process.execPath, EMITTER);
  const tsc = join(packages, "node_modules/typescript/bin/tsc");
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    target: "es2024",
    lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
    types: [],
    allowImportingTsExtensions: true,
  };
  const check = (module: Readonly<Record<string, string>>) => {
    const compilerOptions = { ...options, ...module };
    workplace.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    return workplace.start(process.execPath, "run", tsc, "-p", ".");
  };
  await using right = check({ module: "nodenext" });
  const { code, stdout } = await right.ended(INSTALL_MS);
  assert.equal(code, 0, stdout);
  // The other way to resolve modules finds the faults of this one file, and no others.
  workplace.write("wrong_demo.ts", wrong);
  await using mistaken = check({ module: "esnext", moduleResolution: "bundler" });
  const said = (await mistaken.ended(INSTALL_MS)).stdout;
  assert.match(said, /Expected 1 arguments, but got 2/);
  for (const line of said.trim().split("\n")) assert.match(line, /^(?:wrong_demo\.ts\(| )/);
});

test("the command runs without an install, and where there is no runtime says how to get one", async () => {
  const workplace = (await author()).another("empty");
  const ways = RUNTIME === "deno"
    ? [[process.execPath, "run", "-A", "npm:sluice"], ["npx", "-y", "sluice"]]
    : [[process.execPath, "x", "sluice"], ["npx", "-y", "sluice"]];
  for (const [program, ...args] of ways) {
    const { stdout } = await workplace.run(program!, ...args, "--version");
    assert.match(stdout, new RegExp(`^sluice ${RegExp.escape(VERSION)} \\(${RUNTIME} `), program);
  }
  const { folder: cwd, env, withoutRuntimes: PATH } = workplace;
  await using program = new TestProcess("npx", ["-y", "sluice", "--version"], {
    cwd,
    env: { ...env, PATH },
  });
  const { code, stderr } = await program.ended(INSTALL_MS);
  assert.equal(code, 127);
  assert.match(stderr, /npm install -g deno .*\n.*npm install -g bun /);
});
