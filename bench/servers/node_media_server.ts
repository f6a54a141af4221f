/**
 * Node-Media-Server on Node, from npm.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../tools/command.ts";
import { findBun } from "../../tools/find_bun.ts";
import { installPackages } from "../../tools/packages.ts";
import type { BenchServer, FoundServer } from "./server.ts";

/** The release that is measured. */
const VERSION = "4.4.3";

async function find(): Promise<FoundServer> {
  const node = await run("node", ["--version"]);
  if (node.code !== 0) {
    const why = node.failure ?? node.output.trim();
    throw new Error(`Node was not found (${why}): it is at https://nodejs.org`);
  }
  const bun = await findBun();
  const folder = await installPackages(bun.path, { "node-media-server": VERSION });
  const program = join(folder, "node_modules", "node-media-server", "bin", "app.js");
  return {
    about: `Node-Media-Server ${VERSION} on Node ${node.output.trim().replace(/^v/, "")}`,
    command: ({ port, httpPort, work }) => {
      const config = join(work, "config.json");
      const auth = { play: false, publish: false };
      const http = httpPort === 0 ? {} : { http: { port: httpPort } };
      const settings = { bind: "127.0.0.1", rtmp: { port }, ...http, auth };
      writeFileSync(config, JSON.stringify(settings));
      const data = join(work, "data");
      return { program: "node", args: [program, "-c", config, "--no-admin", "--data-path", data] };
    },
  };
}

/** Node-Media-Server. */
export const nodeMediaServer: BenchServer = {
  name: "node-media-server",
  ways: ["rtmp", "http-flv"],
  find,
};
