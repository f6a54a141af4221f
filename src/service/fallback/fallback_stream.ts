/**
 * One stream whose publisher is away: what is shown in its place, and what takes over when that ends.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { parseDataMessage } from "../../core/rtmp/session/data_message.ts";
import { errorText } from "../../faults.ts";
import { FrameKind, type Hub, keyOf, type LiveStream, type StandIn } from "../../hub/mod.ts";
import type { Clock, Timer } from "../../ports.ts";
import type { NotOpened, OpenRecording } from "../../recordings/library.ts";
import { Backup } from "./backup.ts";
import { type FallbackSource, fill, keyOfPath } from "./rule.ts";
import { MOST_READ_MS, Slate } from "./slate.ts";

const log = getLogger(["sluice", "fallback"]);

/** How often streams are asked for that another server may have (ms). */
const ASK_MS = 3000;

/** What it is made with. */
export interface FallbackStreamOptions {
  readonly stream: LiveStream;
  readonly sources: readonly FallbackSource[];
  readonly hub: Hub;
  readonly clock: Clock;
  /** How long viewers wait while there is nothing to be shown (ms), and how long nobody may watch. */
  readonly windowMs: number;
  readonly idleMs: number;
  /** Opens a file in the folder of media; never rejects. */
  open(path: string): Promise<OpenRecording | NotOpened>;
  /** The publisher is back, or the stream is over. */
  onOver(): void;
  onFault(error: unknown): void;
}

/** What is shown now. */
interface Current {
  readonly place: number;
  readonly label: string;
  close(): void;
}

/** One stream without its publisher. */
export class FallbackStream {
  readonly #options: FallbackStreamOptions;
  readonly #standIn: StandIn;
  /** Streams that may stand for it, by their keys, with their places. */
  readonly backups = new Map<string, number>();
  #current: Current | undefined;
  /** A stream that is to be shown from its next key frame on. */
  #next: Current | undefined;
  /** Files that could not be shown. */
  readonly #failed = new Set<number>();
  #chooseSoon: Timer | undefined;
  /** Since when nothing is shown, since when nobody watches, and when streams were asked for (ms). */
  #nothingSince: number;
  #watchedAt: number;
  #askedAt = -Infinity;
  #over = false;

  /** Takes the place; what is shown begins in a turn of its own. */
  constructor(options: FallbackStreamOptions) {
    const { stream, sources, clock } = this.#options = options;
    this.#nothingSince = this.#watchedAt = clock.now();
    sources.forEach((source, place) => {
      if (source.kind !== "stream") return;
      const key = keyOf(keyOfPath(fill(source, stream)));
      if (key !== keyOf(stream) && !this.backups.has(key)) this.backups.set(key, place);
    });
    // Whatever it does with that, the publisher that takes its stream back goes on.
    this.#standIn = stream.standFor("nothing", () => this.#guarded(() => this.#ended()));
    this.#soon();
  }

  #who(): Record<string, unknown> {
    const { app, name } = this.#options.stream;
    return { app, name };
  }

  /** The stream was taken away from it: by its publisher, or by its end. */
  #ended(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onOver();
    this.#chooseSoon?.cancel();
    this.#guarded(() => this.#next?.close());
    this.#guarded(() => this.#current?.close());
    log.info("fallback ended", this.#who());
  }

  /** Gives up; `waited`: viewers have waited long enough. */
  close(waited = false): void {
    this.#standIn.end(this.#options.clock.now(), waited);
    this.#ended();
  }

  #soon(): void {
    if (this.#over) return;
    this.#chooseSoon ??= this.#options.clock.after(0, () => {
      this.#chooseSoon = undefined;
      this.choose();
    });
  }

  /** Looks for the first of what can be shown; also when one of the {@link backups} has come. */
  choose(): void {
    if (!this.#over) this.#guarded(() => this.#choose(this.#options.clock.now()));
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #choose(now: number): void {
    const { sources, stream, hub } = this.#options;
    const before = (this.#next ?? this.#current)?.place ?? sources.length;
    for (const [place, source] of sources.entries()) {
      if (place >= before || this.#failed.has(place)) continue;
      const path = fill(source, stream);
      if (source.kind === "file") {
        if (this.#current === undefined) this.#openFile(place, path);
        return;
      }
      const key = keyOf(keyOfPath(path));
      const backup = this.backups.get(key) === place
        ? hub.registry.get(keyOfPath(path))
        : undefined;
      if (backup?.publisher === undefined) continue;
      return this.#tap(place, path, backup, now);
    }
  }

  // A stream

  #tap(place: number, path: string, stream: LiveStream, now: number): void {
    this.#next?.close();
    const backup = new Backup({
      onReady: () => this.#show(current),
      onMessage: (...message) => this.#push(current, ...message),
      onGone: () => this.#gone(current),
      onFault: (error) => this.#options.onFault(error),
    }, this.#current !== undefined);
    const current: Current = { place, label: `stream ${path}`, close: () => backup.close() };
    this.#next = current;
    backup.join(stream, now);
  }

  // A file

  #openFile(place: number, path: string): void {
    const { open, clock, hub } = this.#options;
    let isClosed = false;
    let slate: Slate | undefined;
    const current: Current = {
      place,
      label: `file ${path}`,
      close: () => {
        isClosed = true;
        late.cancel();
        slate?.close();
      },
    };
    // Taken at once, so that it is opened once.
    this.#current = current;
    const failed = (reason: unknown) => {
      if (isClosed) return;
      // What is opened by now, or later, is closed with it.
      current.close();
      log.warn("fallback cannot be shown", {
        ...this.#who(),
        what: current.label,
        reason: errorText(reason),
      });
      this.#failed.add(place);
      this.#gone(current);
    };
    const late = clock.after(MOST_READ_MS, () => failed("its disk does not answer"));
    open(path).then((opened) => {
      late.cancel();
      if (typeof opened === "string") return failed(opened);
      if (isClosed) return opened.close();
      slate = new Slate(opened, clock, {
        onMessage: (kind, timestamp, payload, now) =>
          this.#push(current, kind, timestamp, payload, now),
        onFailed: failed,
      }, hub.registry.memory);
      this.#show(current);
      slate.start();
    }).catch((error) => {
      this.#options.onFault(error);
      failed(error);
    });
  }

  // What is shown

  /** From now on this is. */
  #show(next: Current): void {
    const before = this.#current;
    if (this.#next === next) this.#next = undefined;
    this.#current = next;
    if (before !== next) before?.close();
    this.#standIn.change(next.label);
    log.info("shown in place of the publisher", { ...this.#who(), what: next.label });
  }

  #push(
    from: Current,
    kind: number,
    timestamp: number,
    payload: Uint8Array,
    now: number,
    isHeader = false,
  ): void {
    if (this.#over || this.#current !== from) return;
    const { hub, stream } = this.#options;
    const message = kind === FrameKind.Data ? parseDataMessage(kind, payload) : undefined;
    if (kind !== FrameKind.Data) this.#standIn.push(kind, timestamp, payload, now);
    // What a server says to its players about itself is none of the stream.
    else if (message === undefined || message.handler.startsWith("|")) return;
    else if (message.action === "set" || isHeader) {
      this.#standIn.setData(message.handler, timestamp, message.payload.slice(), now);
    } else this.#standIn.push(kind, timestamp, message.payload, now);
    hub.pushed(stream, now);
  }

  /** It cannot be shown on. */
  #gone(what: Current): void {
    if (this.#next === what) this.#next = undefined;
    if (this.#current === what) {
      this.#current = undefined;
      this.#nothingSince = this.#options.clock.now();
    }
    this.#soon();
  }

  /** Time passes; about once a second. */
  tick(now: number): void {
    const { stream, hub, windowMs, idleMs } = this.#options;
    if (stream.watched) this.#watchedAt = now;
    if (now - this.#watchedAt >= idleMs) return this.close();
    if (this.#current === undefined && now - this.#nothingSince >= windowMs) {
      return this.close(true);
    }
    if (now - this.#askedAt < ASK_MS) return;
    this.#askedAt = now;
    // Who may bring them is not asked otherwise: for viewers the stream is there.
    const { wants } = hub.registry;
    if (stream.publisher === undefined) wants.open(stream, now);
    for (const [key, place] of this.backups) {
      const path = keyOfPath(fill(this.#options.sources[place]!, stream));
      const isLess = place > (this.#current?.place ?? Infinity);
      if (!isLess && hub.registry.get(path)?.live !== true && !wants.held(key)) {
        wants.open(path, now);
      }
    }
  }
}
