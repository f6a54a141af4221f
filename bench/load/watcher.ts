/**
 * Who watches a stream of the load, by whichever way.
 *
 * @module
 */
import { HlsViewer } from "./hls_viewer.ts";
import { FlvViewer } from "./flv_viewer.ts";
import type { LoadOptions } from "./options.ts";
import { Player } from "./player.ts";
import { SegmentViewer } from "./segment_viewer.ts";

/** One of a crowd. */
export interface Watcher {
  /** Bytes received so far. */
  readonly bytes: number;
  /** From connecting to the first media (ms), of RTMP to the first key frame; `undefined` before. */
  readonly joinMs: number | undefined;
  readonly closed: boolean;
  /** Why the server would not, if it said so. */
  readonly refusal: string | undefined;
  /** Takes nothing more from the kernel. */
  pause(): void;
  resume(): void;
  /** Leaves. */
  close(): void;
}

/** Somebody new who watches `stream`. */
export function watch(options: LoadOptions, stream: string): Watcher {
  const { httpPort, app, way, playlist } = options;
  const path = playlist.replace("NAME", stream);
  switch (way) {
    case "rtmp":
      return new Player(options, stream);
    case "hls":
      return new SegmentViewer(httpPort, path);
    case "ll-hls":
      return new HlsViewer(httpPort, path);
    default:
      return new FlvViewer(httpPort, `/${app}/${stream}.flv`, way === "ws-flv");
  }
}
