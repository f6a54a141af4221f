/**
 * A registry of npm packages for tests: has one package, a tarball, and hands on what else is asked for.
 * Verdaccio does so too, with some two hundred packages of its own; what installs needs of a registry
 * is a document and a file.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** Where packages come from that are not the tarball. */
const UPSTREAM = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" })
  .trim();

/** A registry that runs. Use it with `await using`. */
export interface Registry extends AsyncDisposable {
  /** Its address, with a slash at the end. */
  readonly url: string;
}

/** Starts a registry that has the package in `tarball`, as the newest of its name. */
export async function startRegistry(tarball: string): Promise<Registry> {
  const bytes = readFileSync(tarball);
  const manifest = JSON.parse(fileInTar(gunzipSync(bytes), "package/package.json"));
  const { name, version } = manifest as { name: string; version: string };
  const path = `/${name}/-/${name}-${version}.tgz`;
  let url = "";

  function document(): string {
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const shasum = createHash("sha1").update(bytes).digest("hex");
    const dist = { tarball: `${url.slice(0, -1)}${path}`, integrity, shasum };
    return JSON.stringify({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === path) return void response.end(bytes);
    if (request.url === `/${name}`) {
      response.setHeader("Content-Type", "application/json");
      return void response.end(document());
    }
    const { accept = "*/*" } = request.headers;
    const found = await fetch(new URL(request.url!.slice(1), UPSTREAM), { headers: { accept } });
    response.statusCode = found.status;
    response.setHeader("Content-Type", found.headers.get("Content-Type") ?? "application/json");
    response.end(Buffer.from(await found.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The text of a file in a tar archive. */
function fileInTar(tar: Uint8Array, path: string): string {
  const decoder = new TextDecoder();
  const field = (at: number, length: number) =>
    decoder.decode(tar.subarray(at, at + length)).split("\0")[0]!;
  for (let at = 0; at + 512 <= tar.length;) {
    const size = parseInt(field(at + 124, 12), 8) || 0;
    if (field(at, 100) === path) return decoder.decode(tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`There is no ${path} in the archive`);
}
