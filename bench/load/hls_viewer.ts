/**
 * A viewer of LL-HLS as players are: it reloads its playlist with requests that block, asks for each
 * part as soon as it is hinted at, and counts what it gets.
 *
 * @module
 */
import { text } from "./http_line.ts";
import { LinePair } from "./line_pair.ts";

/** A viewer. */
export class HlsViewer extends LinePair {
  #folder = "";
  #playlist = "";
  #hint = "";
  #busy = false;
  #next: string[] = [];
  /** Bytes of parts. */
  mediaBytes = 0;
  parts = 0;

  /** `path` of the multivariant playlist. */
  constructor(port: number, path: string) {
    super(port);
    this.lists.get(path, true, (status, body) => {
      if (status !== 200) return void this.errors++;
      const variant = text(body!).split("\n").find((line) => line !== "" && !line.startsWith("#"))!;
      this.#folder = path.slice(0, path.lastIndexOf("/") + 1) +
        variant.slice(0, variant.lastIndexOf("/") + 1);
      this.#playlist = variant.slice(variant.lastIndexOf("/") + 1);
      this.#reload("");
    });
  }

  #reload(query: string): void {
    this.lists.get(`${this.#folder}${this.#playlist}${query}`, true, (status, body) => {
      if (status !== 200) return void this.errors++;
      const list = text(body!);
      const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(list)?.[1];
      if (hint === undefined) return void this.errors++;
      if (hint !== this.#hint) {
        this.#hint = hint;
        this.#next.push(hint);
        this.#fetch();
      }
      this.#reload(`?${nextPart(list)}`);
    });
  }

  #fetch(): void {
    if (this.#busy) return;
    const part = this.#next.shift();
    if (part === undefined) return;
    this.#busy = true;
    this.media.get(this.#folder + part, false, (status, _, size) => {
      this.#busy = false;
      if (status !== 200) this.errors++;
      else {
        this.mediaBytes += size;
        this.parts++;
        this.joined();
      }
      this.#fetch();
    });
  }
}

/** The directives for the part behind the last one of a playlist. */
function nextPart(list: string): string {
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(list)![1]);
  const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(list)?.[1] ?? 0);
  const whole = list.split("#EXTINF:").length - 1;
  const open = list.slice(list.lastIndexOf("#EXTINF:") + 1).split("#EXT-X-PART:").length - 1;
  return `_HLS_msn=${first + skipped + whole}&_HLS_part=${open}&_HLS_skip=YES`;
}
