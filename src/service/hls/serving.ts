/**
 * Requests for playlists, parts and segments: what is there is given at once, what is to come when it
 * comes.
 *
 * @module
 */
import { type Directives, NO_DIRECTIVES, parseDirectives } from "../../core/hls/mod.ts";
import type { Clock, HttpBytes } from "../../ports.ts";
import type { AnswerHeaders } from "../media_origins.ts";
import { Answers } from "./answers.ts";
import type { MediaFile } from "./body.ts";
import { compressed, wantsCompressed } from "./compressed.ts";
import type { PlaylistDesk } from "./playlist_desk.ts";
import { type HlsRefusal, refusal } from "./refusal.ts";
import type { HlsSession } from "./session.ts";
import type { HlsStream } from "./stream.ts";
import type { WaitBudget } from "./waits.ts";

/** Target Durations that a reload is blocked for [RFC 8216bis §6.2.5.2]. */
const BLOCK_TARGETS = 3;

/** Target Durations that caches may keep the answer to a reload that was blocked. */
const CACHE_TARGETS = 6;

/** Nothing ever takes the name of a segment: caches may keep it for as long as anybody wants it. */
const MEDIA_SECONDS = 3600;

/** What is asked for, by whom. */
export interface MediaRequest {
  readonly stream: HlsStream;
  /** `undefined` where viewers are not told apart. */
  readonly session: HlsSession | undefined;
  readonly name: string;
  /** The query, with its question mark, or nothing. */
  readonly search: string;
  /** Headers of the request. */
  readonly range: string | null | undefined;
  readonly acceptEncoding: string | null | undefined;
  /** Headers of whatever answers it. */
  readonly headers: AnswerHeaders;
}

/** Gives what is asked for. */
export class Serving {
  readonly #clock: Clock;
  readonly #waits: WaitBudget;
  readonly #answers = new Answers();

  /** `waits`: how many requests may wait. */
  constructor(clock: Clock, waits: WaitBudget) {
    this.#clock = clock;
    this.#waits = waits;
  }

  /** Answers a request, now or later. @returns to be called when its client has gone before that */
  serve(request: MediaRequest, answer: (bytes: HttpBytes) => void): () => void {
    const { stream, session, name, headers } = request;
    const now = this.#clock.now();
    stream.askedAt = now;
    if (session !== undefined) session.askedAt = now;
    const refuse = (why: HlsRefusal) => {
      answer(refusal(why, headers));
      return nothing;
    };
    const isList = name.endsWith(".m3u8");
    const directives = isList ? readDirectives(request.search) : undefined;
    if (isList && directives === undefined) return refuse("bad-request");
    const give = (file: MediaFile) => this.#give(request, file, directives, answer);
    const map = stream.map(name);
    if (map !== undefined) return give(map);
    const desk = stream.desk(name);
    if (desk === undefined) return refuse("no-file");
    const found = directives === undefined ? desk.file(name) : desk.ask(directives);
    if (found === undefined) return refuse("no-file");
    if (found === "too-far") return refuse("too-far");
    if (found !== "wait") return give(found);
    if (session?.busy || this.#waits.full) return refuse("crowded");
    const deadline = now + BLOCK_TARGETS * stream.targetMs;
    return wait(desk, directives ?? name, deadline, session, (result) => {
      if (session !== undefined) session.askedAt = this.#clock.now();
      if (typeof result === "string") refuse(result);
      else give(result);
    });
  }

  #give(
    { stream, session, name, range, acceptEncoding, headers }: MediaRequest,
    file: MediaFile,
    directives: Directives | undefined,
    answer: (bytes: HttpBytes) => void,
  ): () => void {
    const cache = cacheControl(stream, session !== undefined, directives);
    const send = (file: MediaFile, encoding?: string) => {
      const bytes = this.#answers.file(file, headers, cache, range, encoding);
      if (session !== undefined) session.bytesOut += bytes.size;
      answer(bytes);
    };
    if (file.stored === true) {
      stream.stored(name).then((read) => {
        if (read === undefined) answer(refusal("no-file", headers));
        else send(read);
      });
    } else if (directives !== undefined && wantsCompressed(file, acceptEncoding)) {
      compressed(file).then((small) => send(small, "gzip"), () => send(file));
    } else send(file);
    return nothing;
  }
}

function nothing(): void {}

function readDirectives(search: string): Directives | undefined {
  return search === "" ? NO_DIRECTIVES : parseDirectives(new URLSearchParams(search));
}

/** How long caches may keep an answer [RFC 8216bis Appendix B.1]. */
function cacheControl(stream: HlsStream, own: boolean, directives: Directives | undefined): string {
  if (directives === undefined) {
    return own ? PRIVATE_MEDIA : PUBLIC_MEDIA;
  }
  // The addresses of a viewer are of use to nobody else, and end with it.
  if (own) return "no-store";
  const target = stream.targetMs / 1000;
  const seconds = directives.msn === undefined ? Math.floor(target / 2) : CACHE_TARGETS * target;
  return `public, max-age=${Math.max(1, seconds)}`;
}

const PRIVATE_MEDIA = `private, max-age=${MEDIA_SECONDS}, immutable`;
const PUBLIC_MEDIA = `public, max-age=${MEDIA_SECONDS}, immutable`;

/** Waits for what is to come. @returns gives up */
function wait(
  desk: PlaylistDesk,
  what: Directives | string,
  deadline: number,
  session: HlsSession | undefined,
  settle: (result: MediaFile | HlsRefusal) => void,
): () => void {
  let free = nothing;
  const leave = desk.wait(what, deadline, (result) => {
    free();
    settle(typeof result !== "string" ? result : result === "late" ? "late" : "no-file");
  });
  if (session !== undefined) {
    free = session.waits(() => {
      leave();
      settle("no-session");
    });
  }
  return () => {
    leave();
    free();
  };
}
