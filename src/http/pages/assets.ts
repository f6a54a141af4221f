/**
 * Files for browsers: read once, compressed once, and kept by browsers for as long as their address, which
 * changes with any of them.
 *
 * @module
 */
import { hex } from "../../core/bytes/hex.ts";
import { acceptsGzip } from "../../core/http/accept_encoding.ts";
import { FILES, LIBRARIES, LIBRARY_FILES, PAGES, type WebFile } from "../../web/files.ts";

/** How long a browser keeps what never changes (s): a year. */
const FOR_EVER = 31_536_000;
/** Bytes below which compression is not worth its header. */
const SMALL = 512;

const encoder = new TextEncoder();

/** A file in memory. */
interface Asset {
  readonly type: string;
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Compressed with gzip; the same where that saves nothing. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The files that browsers are served. */
export class Assets {
  readonly #kept = new Map<WebFile, Promise<Asset>>();
  #version: Promise<string> | undefined;

  /**
   * A name of all files together, which changes with any of them. Rejects when one cannot be read.
   */
  version(): Promise<string> {
    return this.#version ??= this.#readVersion().catch((error) => {
      this.#version = undefined;
      throw error;
    });
  }

  async #readVersion(): Promise<string> {
    const own = [...FILES.values(), ...Object.values(PAGES)];
    const texts = await Promise.all(own.map((file) => this.#asset(file)));
    const all = [JSON.stringify(LIBRARIES), ...texts.map(({ etag }) => etag)].join();
    return (await digest(encoder.encode(all))).slice(0, 12);
  }

  /** A page, with where the other files are from it written in. Rejects when it cannot be read. */
  async page(name: keyof typeof PAGES, root: string): Promise<string> {
    const { text } = await this.#asset(PAGES[name]);
    return text.replaceAll("~files~", `${root}~/${await this.version()}`);
  }

  /**
   * Answers a request for `path`, which was named under a `version`. `undefined` when there is no such
   * file. Rejects when it cannot be read.
   */
  async answer(request: Request, version: string, path: string): Promise<Response | undefined> {
    const file = FILES.get(path) ?? LIBRARY_FILES.get(path);
    if (file === undefined) return undefined;
    const { type, bytes, gzip, etag } = await this.#asset(file);
    // Under another version it is asked for by a page from before: what it gets may not be its own.
    const isCurrent = version === await this.version();
    const headers: Record<string, string> = {
      "Content-Type": type,
      "Cache-Control": isCurrent ? `public, max-age=${FOR_EVER}, immutable` : "no-cache",
      "ETag": etag,
      "Vary": "Accept-Encoding",
    };
    if (request.headers.get("If-None-Match")?.includes(etag)) {
      return new Response(null, { status: 304, headers });
    }
    const body = acceptsGzip(request.headers.get("Accept-Encoding")) ? gzip : bytes;
    if (body !== bytes) headers["Content-Encoding"] = "gzip";
    return new Response(body, { headers: { ...headers, "Content-Length": `${body.length}` } });
  }

  #asset(file: WebFile): Promise<Asset> {
    let asset = this.#kept.get(file);
    if (asset === undefined) {
      // What could not be had, as for want of a network, may be had the next time.
      asset = read(file).catch((error) => {
        this.#kept.delete(file);
        throw error;
      });
      this.#kept.set(file, asset);
    }
    return asset;
  }
}

async function read(file: WebFile): Promise<Asset> {
  const text = await file.load();
  const bytes = encoder.encode(text);
  const etag = `"${(await digest(bytes)).slice(0, 16)}"`;
  if (bytes.length < SMALL) return { type: file.type, text, bytes, gzip: bytes, etag };
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  const gzip = new Uint8Array(await new Response(stream).arrayBuffer());
  return { type: file.type, text, bytes, gzip: gzip.length < bytes.length ? gzip : bytes, etag };
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
