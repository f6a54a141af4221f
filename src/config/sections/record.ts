/**
 * Recording: what is recorded, where to, how it is cut and how long it is kept.
 *
 * @module
 */
import * as v from "valibot";
import { fileNameMistake } from "../../recordings/file_name.ts";
import { patternMistake } from "../../service/record/stream_patterns.ts";
import { choice, HOUR, integer, meta, MiB, type Section, size, time } from "../setting.ts";

const streams = (text: string) =>
  v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check((pattern) => patternMistake(pattern) === undefined))),
      v.maxLength(100),
      meta({
        text,
        expected:
          "a list of at most 100 patterns such as live/*, of letters, digits and _ . ~ @ + = - /",
        placeholder: "PATTERN",
      }),
    ),
    (): string[] => [],
  );

const entries = {
  folder: v.optional(v.pipe(
    v.string(),
    v.nonEmpty(),
    meta({
      text:
        "Folder of recordings, and of other media files. Without one nothing is recorded. A stream's" +
        " recordings are in `APPLICATION/NAME/`.",
      expected: "a path that is not empty",
      placeholder: "PATH",
    }),
  )),
  streams: streams(
    "Streams that are recorded from their beginning: patterns such as `live/*`, in which `*` is" +
      " any characters but `/`.",
  ),
  publishers: streams(
    "Streams whose publishers may ask to be recorded, with the type `record` or `append` of `publish`," +
      " into `APPLICATION/NAME.flv`: such patterns.",
  ),
  format: choice("flv", ["flv", "mp4"], {
    text:
      "What files are: `flv` holds every message as it came, whatever its codec, data messages too; `mp4`" +
      " is fragmented MP4 of H.264, HEVC, AV1 and VP9 with AAC, Opus, MP3, FLAC and AC-3.",
  }),
  file: v.optional(
    v.pipe(
      v.string(),
      v.check((template) => fileNameMistake(template) === undefined),
      meta({
        text:
          "What files are called, without their extension. Known are `{app}`, `{name}`, `{start}`," +
          " `{date}`, `{time}` (all UTC) and `{number}`, that of the file in its recording. A name that" +
          " is taken gets a number behind it.",
        expected: "a file name with these in braces",
        placeholder: "TEMPLATE",
      }),
    ),
    "{start}",
  ),
  segmentMs: time(
    0,
    0,
    24 * HOUR,
    "A file ends with the first key frame behind so much, and another one begins. 0 is one file.",
  ),
  segmentBytes: size(0, 0, 2 ** 40, "The same by size. 0 is one file, however large."),
  queueBytes: size(
    64 * MiB,
    MiB,
    64 * 1024 * MiB,
    "Most that waits to be written, of all files together. A disk that is slower loses frames up to the" +
      " next key frame; the streams do not wait.",
  ),
  keepMs: time(0, 0, 10 * 366 * 24 * HOUR, "Recordings older than this are removed. 0 keeps them."),
  keepBytes: size(0, 0, 2 ** 50, "With more than this the oldest are removed. 0 keeps them."),
  keepFiles: integer(0, 0, 1_000_000, {
    text: "With more files of one stream than this the oldest are removed. 0 keeps them.",
  }),
};

/** The section `record`. */
export const record: Section<typeof entries> = { title: "Recording", entries };
