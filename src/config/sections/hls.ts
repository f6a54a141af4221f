/**
 * HTTP Live Streaming: how streams are cut up, who may watch, and what is kept.
 *
 * @module
 */
import * as v from "valibot";
import { choice, HOUR, meta, MiB, type Section, size, time } from "../setting.ts";

const hlsEntries = {
  mode: choice("watched", ["off", "watched", "always"], {
    text:
      "When streams are served by HLS, at `/{app}/{name}/index.m3u8`: `watched` makes segments of" +
      " a stream while somebody watches, and costs nothing else; `always` from its beginning.",
  }),
  container: choice("cmaf", ["cmaf", "mpegts"], {
    text:
      "What segments are: `cmaf` is fragmented MP4, which holds every codec that players know;" +
      " `mpegts` a transport stream, for old players, which holds H.264, HEVC, AAC, MP3 and AC-3.",
  }),
  latency: choice("low", ["low", "usual"], {
    text:
      "With `low`, parts of segments are listed as they come, and players wait for the next one" +
      " (LL-HLS); players that know nothing of it read the segments. With `usual` there are no parts.",
  }),
  partMs: time(
    300,
    50,
    2000,
    "About how long a part is. Players that read parts are three parts behind; each part costs each" +
      " of them two requests.",
  ),
  segmentMs: time(
    2000,
    500,
    60_000,
    "About how long a segment is: it ends with the first key frame after that. Players that read no" +
      " parts are three segments behind.",
  ),
  listedMs: time(
    12_000,
    2000,
    12 * HOUR,
    "How much a playlist lists, never less than three segments: how far viewers can go back. With" +
      " `hls.folder` all but the newest of it is on the disk.",
  ),
  playlist: choice("sliding", ["sliding", "event"], {
    text:
      "Whether a playlist lists what is new only, or, as an `event`, everything from the beginning;" +
      " that needs `hls.folder`, and ends after `hls.listedMs`, when the next one begins.",
  }),
  folder: v.optional(v.pipe(
    v.string(),
    v.minLength(1),
    meta({
      text:
        "Folder that segments and playlists are written into, for viewers who go back and for a web" +
        " server or a CDN: `FOLDER/{app}/{name}/index.m3u8`. Each file is whole or not there. What is" +
        " listed no more is removed, and what is left of a stream when it is packaged anew.",
      expected: "a path that is not empty",
      placeholder: "PATH",
    }),
  )),
  streamBytes: size(
    256 * MiB,
    MiB,
    1024 * 1024 * MiB,
    "Memory for the segments of one stream. Over this the oldest go, were they to be listed or not.",
  ),
  addresses: choice("viewer", ["viewer", "shared"], {
    text:
      "Whose addresses playlists lead to. With `viewer` each has its own: it is decided on, counted," +
      " and can be ended. `shared` ones are the same for all, as caches in front need them: plugins" +
      " decide on `index.m3u8` only, and whoever knows the address of a playlist can watch.",
  }),
  sessionMs: time(
    20_000,
    2000,
    HOUR,
    "A viewer that has asked for nothing for this long is gone, and its addresses with it.",
  ),
};

/** The section `hls`. */
export const hls: Section<typeof hlsEntries> = { title: "HLS", entries: hlsEntries };
