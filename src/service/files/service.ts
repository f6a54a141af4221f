/**
 * `GET /{app}/{name}/recordings/FILE`: the recordings of a stream as files, with ranges, for players that read
 * files. Plugins decide as they do for those who play over RTMP [RFC 9110 §13, §14].
 *
 * @module
 */
import { parseQuery } from "../../core/rtmp/stream_name.ts";
import type { Address, HttpAnswer } from "../../ports.ts";
import { preflight, wrongMethod } from "../media_origins.ts";
import type { Service } from "../surroundings.ts";
import type { FileSurroundings } from "./context.ts";
import { refusal } from "./refusal.ts";
import { readFilePath } from "./request.ts";
import { FileSession } from "./session.ts";

/** Gives files. */
export class FileService implements Service {
  /** By id, those included that wait for a decision. */
  readonly sessions = new Map<string, FileSession>();
  readonly #surroundings: FileSurroundings;
  #unanswered = 0;
  #stopping = false;

  constructor(surroundings: FileSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Answers a request for a file; `undefined` when it is for something else. */
  handle(request: Request, remote: Address): HttpAnswer | Promise<HttpAnswer> | undefined {
    const { pathname, search } = new URL(request.url);
    const asked = readFilePath(pathname);
    if (asked === undefined) return undefined;
    const { origins, admission, config } = this.#surroundings;
    const headers = origins.headers(request);
    if (headers === undefined) return refusal("refused", {});
    switch (request.method) {
      case "GET":
      case "HEAD":
        break;
      case "OPTIONS":
        return preflight(headers);
      default:
        return wrongMethod(headers);
    }
    const { path, file } = asked;
    if (path === undefined) return refusal("bad-name", headers);
    if (this.#stopping) return refusal("stopping", headers);
    const group = admission.groupOf(remote);
    if (admission.full || admission.crowded(group) || this.#unanswered >= config.maxUnanswered) {
      return refusal("crowded", headers);
    }
    const query = parseQuery(search);
    const session = new FileSession(
      ...[this.#surroundings, request, remote, headers] as const,
      ...[path, file, query] as const,
      (gone) => {
        admission.leave(gone);
        this.sessions.delete(gone.id);
      },
    );
    admission.enter(session, group);
    this.sessions.set(session.id, session);
    this.#unanswered++;
    return session.answer().finally(() => this.#unanswered--);
  }

  /** Takes nobody any more, and ends all that are there. */
  stop(): void {
    this.#stopping = true;
    for (const session of [...this.sessions.values()]) session.end("shutdown");
  }
}
