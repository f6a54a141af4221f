/**
 * The pages: the dashboard at `/`, a player at `/{app}/{name}`, and their files below `/~/`, which is no
 * name that a stream can have.
 *
 * The pages themselves are the same for everybody and hold no secret, so they need no token: what they
 * show they ask the control API and the ways to watch for, which decide.
 *
 * @module
 */
import { parseStreamPath } from "../../core/rtmp/stream_name.ts";
import { isApiPath } from "../../service/api_paths.ts";
import { Assets } from "./assets.ts";
import { FILE_HEADERS, pageHeaders } from "./policy.ts";

/** Which pages there are. */
export interface PageSettings {
  readonly dashboard: boolean;
  readonly player: boolean;
  /** Sites that may show the player in a frame, as `frame-ancestors` of CSP has them. */
  readonly playerFrames: readonly string[];
}

/** Where the reference of the API is. */
const REFERENCE = "/~/api";
/** `/~/{version}/{path}` */
const FILE = /^\/~\/([\w.]{1,64})\/([\w./]{1,128})$/;

/** The pages of one server. */
export class Pages {
  readonly #settings: PageSettings;
  readonly #onError: (error: unknown) => void;
  readonly #assets = new Assets();

  /** `onError` is told of files that cannot be had; it must not throw. */
  constructor(settings: PageSettings, onError: (error: unknown) => void) {
    this.#settings = settings;
    this.#onError = onError;
  }

  /** Answers a request for a page or one of its files; `undefined` when it is for something else. */
  handle(request: Request): Promise<Response> | undefined {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const { pathname } = new URL(request.url);
    const { dashboard, player, playerFrames } = this.#settings;
    if (!dashboard && !player) return undefined;
    if (pathname === REFERENCE) {
      return dashboard ? this.#answer(this.#page("reference", "../", [])) : undefined;
    }
    if (pathname.startsWith("/~/")) return this.#answer(this.#file(request, pathname));
    if (pathname === "/") {
      return dashboard ? this.#answer(this.#page("dashboard", "./", [])) : undefined;
    }
    if (!player || !wantsPage(request) || !isStream(pathname)) return undefined;
    const root = "../".repeat(pathname.split("/").length - 2) || "./";
    return this.#answer(this.#page("player", root, playerFrames));
  }

  async #page(
    name: "dashboard" | "player" | "reference",
    root: string,
    ancestors: readonly string[],
  ): Promise<Response> {
    return new Response(await this.#assets.page(name, root), { headers: pageHeaders(ancestors) });
  }

  async #file(request: Request, pathname: string): Promise<Response> {
    const [, version, path] = FILE.exec(pathname) ?? [];
    const answer = path === undefined
      ? undefined
      : await this.#assets.answer(request, version!, path);
    if (answer === undefined) return failed(404, "not-found", "There is no such file");
    for (const [name, value] of Object.entries(FILE_HEADERS)) answer.headers.set(name, value);
    return answer;
  }

  /** What cannot be had is said, and logged. */
  async #answer(answer: Promise<Response>): Promise<Response> {
    try {
      return await answer;
    } catch (error) {
      this.#onError(error);
      const text = "The server cannot read this file: a package may be missing, see its log";
      return failed(503, "busy", text);
    }
  }
}

/** Browsers say that they want a page; programs that ask for anything are told of errors as JSON. */
function wantsPage(request: Request): boolean {
  return /\btext\/html\b/i.test(request.headers.get("Accept") ?? "");
}

/** Whether a path is one that a stream may have. */
function isStream(pathname: string): boolean {
  if (isApiPath(pathname)) return false;
  const parts = pathname.slice(1).split("/");
  const name = parts.pop()!;
  return name !== "" && parseStreamPath(parts.join("/"), name, "") !== undefined;
}

function failed(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, {
    status,
    headers: { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" },
  });
}
