/**
 * A packager of HLS with names and bytes of its own, and a publisher for it that has no codec.
 *
 * @module
 */
import {
  FileNames,
  HlsPackager,
  type PackagedRendition,
  type PackagerOptions,
  type TrackSamples,
  writeMediaPlaylist,
} from "../../src/core/hls/mod.ts";
import { PlaylistWatch } from "./hls_validator.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "./media.ts";

/** Bytes of a part: what is in it, for tests. */
export interface TestPart {
  readonly tracks: readonly TrackSamples[];
  readonly size: number;
}

const OPTIONS: PackagerOptions = {
  partMs: 300,
  segmentMs: 2000,
  listedMs: 12_000,
  bytes: 1e9,
  lowLatency: true,
  firstMsn: 0,
};

/** A sequence header of H.264 in another size: its level differs. */
export const OTHER_VIDEO_HEADER: Uint8Array = VIDEO_HEADER.slice();
OTHER_VIDEO_HEADER[8] = 0x1f;

/** A packager whose playlists can be read at any time. */
export class PackagerRig {
  readonly packager: HlsPackager<TestPart>;
  /** Called whenever a playlist has changed. */
  onChange: ((rendition: PackagedRendition<TestPart>) => void) | undefined;
  /** Names of Media Initialization Sections in the order in which they were made. */
  readonly maps: string[] = [];
  /** What is added to the time of the stream for dates (ms). */
  wall = 0;
  /** All parts that were made, by rendition. */
  readonly parts = new Map<string, TestPart[]>();

  /** @param settled whether all that was cached of the stream is in, which here is nothing */
  constructor(options: Partial<PackagerOptions> = {}, settled = true) {
    this.packager = new HlsPackager<TestPart>({ ...OPTIONS, ...options }, {
      sizeOf: ({ size }) => size,
      encoder: (rendition) => ({
        encode: (tracks) => {
          const samples = tracks.flatMap(({ samples }) => samples);
          const size = samples.reduce((all, { data }) => all + data.length, 0);
          const part = {
            tracks: tracks.map((one) => ({ ...one, samples: [...one.samples] })),
            size,
          };
          const made = this.parts.get(rendition) ?? [];
          made.push(part);
          this.parts.set(rendition, made);
          return part;
        },
      }),
      names: (rendition) => {
        const names = new FileNames(rendition, "r", "m4s");
        return {
          segment: (msn) => names.segment(msn),
          part: (index) => names.part(index),
          programTime: (ticks) => new Date(this.wall + Math.round(ticks / 90)).toISOString(),
        };
      },
      map: (rendition) => {
        const name = new FileNames(rendition, "r", "m4s").map(this.maps.length);
        this.maps.push(name);
        return name;
      },
      accepts: () => true,
      onProblem: () => {},
      onReady: () => {},
      onChange: (rendition) => this.onChange?.(rendition),
    });
    if (settled) this.packager.settle();
  }

  /** The playlist of today. */
  playlist(name = "main", skip = false): string {
    const { renditions } = this.packager;
    const { window, maker } = renditions.find((one) => one.name === name)!;
    return writeMediaPlaylist(window, {
      version: 9,
      partHoldBack: 3 * window.limits.partTarget,
      skipUntil: 6 * window.limits.targetDuration,
      blocks: true,
      parts: true,
      event: false,
      hint: maker.nextPart,
      reports: [],
    }, skip);
  }

  /** Another publisher comes, some seconds later. */
  restart(): void {
    this.packager.restart();
    this.wall += 60_000;
  }

  video(time: number, key: boolean, composition = 0): void {
    const bytes = key ? keyFrame(200) : interFrame(100);
    bytes.set([composition >> 16 & 255, composition >> 8 & 255, composition & 255], 2);
    this.packager.push(9, time, bytes, key);
  }

  audio(time: number): void {
    this.packager.push(8, time, audioFrame(), false);
  }

  headers(
    video: Uint8Array | undefined = VIDEO_HEADER,
    audio: Uint8Array | undefined = AUDIO_HEADER,
  ) {
    this.packager.push(9, 0, video, false);
    this.packager.push(8, 0, audio, false);
  }
}

/** How long a frame of AAC lasts (ms). */
export const AAC_MS: number = 1024 / 44.1;

/** Watches every version of the main playlist, with its delta. */
export function watched(rig: PackagerRig): PlaylistWatch {
  const watch = new PlaylistWatch();
  rig.onChange = ({ name }) => {
    if (name !== "main") return;
    const text = rig.playlist();
    watch.see(text);
    if (watch.polls % 16 === 0) watch.assertDelta(rig.playlist("main", true), text);
  };
  return watch;
}

/** Publishes sound and pictures from `from` to `to` (ms). */
export function publish(
  rig: PackagerRig,
  from: number,
  to: number,
  frameMs: number,
  gop: number,
  jitter: (index: number) => number = () => 0,
): void {
  let audio = Math.ceil(from / AAC_MS);
  for (let index = 0; from + index * frameMs < to; index++) {
    const time = from + index * frameMs;
    for (; audio * AAC_MS < time; audio++) rig.audio(Math.round(audio * AAC_MS));
    rig.video(Math.round(time + jitter(index)), index % gop === 0);
  }
}
