/**
 * A viewer of LL-HLS as players are: it reloads its playlist with requests that block, asks for each
 * part as soon as it is hinted at, and counts what it gets.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

const BLANK = new TextEncoder().encode("\r\n\r\n");

/** One connection, with one request at a time. */
class Line {
  readonly #socket: Socket;
  #head: Uint8Array[] = [];
  #body: Uint8Array[] | undefined;
  #left = -1;
  #status = 0;
  #answer: ((status: number, body: Uint8Array[] | undefined, size: number) => void) | undefined;
  #size = 0;
  #keep = false;
  /** Bytes of bodies. */
  bytes = 0;
  closed = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (data: Uint8Array) => this.#onData(data));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.closed = true);
  }

  /** Asks for a path; `keep`: the body is wanted, and not only its size. */
  get(
    path: string,
    keep: boolean,
    answer: (status: number, body: Uint8Array[] | undefined, size: number) => void,
  ): void {
    this.#answer = answer;
    this.#keep = keep;
    this.#left = -1;
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`,
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(data: Uint8Array): void {
    let rest = data;
    if (this.#left < 0) {
      const body = this.#readHead(data);
      if (body === undefined) return;
      rest = body;
    }
    this.bytes += rest.length;
    this.#left -= rest.length;
    if (this.#keep) this.#body!.push(rest);
    if (this.#left > 0) return;
    const answer = this.#answer!;
    answer(this.#status, this.#body, this.#size);
  }

  #readHead(data: Uint8Array): Uint8Array | undefined {
    this.#head.push(data);
    const all = this.#head.length === 1
      ? data
      : Uint8Array.from(this.#head.flatMap((one) => [...one]));
    const end = indexOf(all, BLANK);
    if (end < 0) return undefined;
    const head = new TextDecoder().decode(all.subarray(0, end));
    this.#head = [];
    this.#body = [];
    this.#status = Number(head.slice(9, 12));
    this.#left = this.#size = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    return all.subarray(end + BLANK.length);
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

function text(body: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return body.map((bytes) => decoder.decode(bytes, { stream: true })).join("");
}

/** A viewer. */
export class HlsViewer {
  readonly #lists: Line;
  readonly #media: Line;
  #folder = "";
  #playlist = "";
  #hint = "";
  #busy = false;
  #next: string[] = [];
  /** Bytes of parts. */
  mediaBytes = 0;
  parts = 0;
  errors = 0;
  /** Whether media has come. */
  playing = false;

  /** `path` of the multivariant playlist. */
  constructor(port: number, path: string) {
    this.#lists = new Line(port);
    this.#media = new Line(port);
    this.#lists.get(path, true, (status, body) => {
      if (status !== 200) return void this.errors++;
      const variant = text(body!).split("\n").find((line) => line !== "" && !line.startsWith("#"))!;
      this.#folder = path.slice(0, path.lastIndexOf("/") + 1) +
        variant.slice(0, variant.lastIndexOf("/") + 1);
      this.#playlist = variant.slice(variant.lastIndexOf("/") + 1);
      this.#reload("");
    });
  }

  /** Bytes of everything. */
  get bytes(): number {
    return this.#lists.bytes + this.#media.bytes;
  }

  get closed(): boolean {
    return this.#lists.closed || this.#media.closed;
  }

  close(): void {
    this.#lists.close();
    this.#media.close();
  }

  #reload(query: string): void {
    this.#lists.get(`${this.#folder}${this.#playlist}${query}`, true, (status, body) => {
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
    this.#media.get(this.#folder + part, false, (status, _, size) => {
      this.#busy = false;
      if (status !== 200) this.errors++;
      else {
        this.mediaBytes += size;
        this.parts++;
        this.playing = true;
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
