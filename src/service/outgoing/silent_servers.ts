/**
 * Servers that let somebody wait lately and then gave no answer: where there are others they are asked behind those,
 * as whoever waits here, a viewer or a publisher, does not wait so long.
 *
 * @module
 */
import { parseRtmpUrl } from "../../core/rtmp/url.ts";
import type { Clock } from "../../ports.ts";

/** How long it is remembered (ms). */
export const SILENT_MS = 30_000;
/** Most that are remembered. */
const MOST = 1000;

/** Where a server is. */
interface Server {
  readonly hostname: string;
  readonly port: number | string;
}

/** All servers of which that is remembered. */
export class SilentServers {
  readonly #clock: Pick<Clock, "now">;
  /** When each was silent, the oldest first. */
  readonly #since = new Map<string, number>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** It gave no answer. */
  note(server: Server): void {
    this.#forgetOld();
    const key = keyOf(server);
    this.#since.delete(key);
    if (this.#since.size < MOST) this.#since.set(key, this.#clock.now());
  }

  /** It gave one. */
  heard(server: Server): void {
    this.#since.delete(keyOf(server));
  }

  #forgetOld(): void {
    const before = this.#clock.now() - SILENT_MS;
    for (const [key, at] of this.#since) {
      if (at > before) break;
      this.#since.delete(key);
    }
  }

  /** The same URLs in the same order, but those of silent servers behind the others. */
  order(urls: readonly string[]): readonly string[] {
    this.#forgetOld();
    if (this.#since.size === 0) return urls;
    const isSilent = (url: string) => this.#since.has(keyOfUrl(url));
    return [...urls.filter((url) => !isSilent(url)), ...urls.filter(isSilent)];
  }
}

function keyOf({ hostname, port }: Server): string {
  return `${hostname} ${port}`;
}

/** Of a URL that is configured, filled in or not; `""` where that says no server. */
function keyOfUrl(url: string): string {
  try {
    return keyOf(/^https?:/i.test(url) ? new URL(url) : parseRtmpUrl(url));
  } catch {
    return "";
  }
}
