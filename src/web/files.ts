/**
 * What browsers are served: pages, styles and modules as they lie in this folder, and the libraries that
 * play, from their packages. Each is read when it is first asked for, as text, which needs no right to
 * read files and works from wherever the runtime has packages.
 *
 * @module
 */
import { withMends } from "./mpegts_mends.ts";

/** A file for browsers. */
export interface WebFile {
  /** Media type, with its charset where it is text. */
  readonly type: string;
  /** Its text. Rejects when a package cannot be had. */
  load(): Promise<string>;
}

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const JS = "text/javascript; charset=utf-8";
const SVG = "image/svg+xml";

/** The versions of the libraries in `package.json`: they are part of what the version of all stands for. */
export const LIBRARIES = { "hls.js": "1.7.4", "mpegts.js": "1.8.2" } as const;

function file(type: string, load: () => Promise<{ readonly default: unknown }>): WebFile {
  return { type, load: async () => String((await load()).default) };
}

/** The pages, by what they show. Where the other files are is written into them. */
export const PAGES: {
  readonly dashboard: WebFile;
  readonly player: WebFile;
  readonly reference: WebFile;
} = {
  dashboard: file(HTML, () => import("./dashboard.html", { with: { type: "text" } })),
  player: file(HTML, () => import("./player.html", { with: { type: "text" } })),
  reference: file(HTML, () => import("./reference.html", { with: { type: "text" } })),
};

/** All other files of this folder, by their paths. */
export const FILES: ReadonlyMap<string, WebFile> = new Map([
  ["icon.svg", file(SVG, () => import("./icon.svg", { with: { type: "text" } }))],
  ["common.css", file(CSS, () => import("./common.css", { with: { type: "text" } }))],
  ["dashboard.css", file(CSS, () => import("./dashboard.css", { with: { type: "text" } }))],
  ["details.css", file(CSS, () => import("./details.css", { with: { type: "text" } }))],
  ["player.css", file(CSS, () => import("./player.css", { with: { type: "text" } }))],
  ["reference.css", file(CSS, () => import("./reference.css", { with: { type: "text" } }))],
  ["reference.js", file(JS, () => import("./reference.js", { with: { type: "text" } }))],
  ["dashboard.js", file(JS, () => import("./dashboard.js", { with: { type: "text" } }))],
  ["one_sided.js", file(JS, () => import("./one_sided.js", { with: { type: "text" } }))],
  ["player.js", file(JS, () => import("./player.js", { with: { type: "text" } }))],
  ["api.js", file(JS, () => import("./api.js", { with: { type: "text" } }))],
  ["chart.js", file(JS, () => import("./chart.js", { with: { type: "text" } }))],
  ["details.js", file(JS, () => import("./details.js", { with: { type: "text" } }))],
  ["dom.js", file(JS, () => import("./dom.js", { with: { type: "text" } }))],
  ["edge.js", file(JS, () => import("./edge.js", { with: { type: "text" } }))],
  ["flv_loader.js", file(JS, () => import("./flv_loader.js", { with: { type: "text" } }))],
  ["flv_tags.js", file(JS, () => import("./flv_tags.js", { with: { type: "text" } }))],
  ["flv_way.js", file(JS, () => import("./flv_way.js", { with: { type: "text" } }))],
  ["format.js", file(JS, () => import("./format.js", { with: { type: "text" } }))],
  ["hls_way.js", file(JS, () => import("./hls_way.js", { with: { type: "text" } }))],
  ["live_player.js", file(JS, () => import("./live_player.js", { with: { type: "text" } }))],
  ["relays.js", file(JS, () => import("./relays.js", { with: { type: "text" } }))],
  ["sessions.js", file(JS, () => import("./sessions.js", { with: { type: "text" } }))],
  ["streams.js", file(JS, () => import("./streams.js", { with: { type: "text" } }))],
  ["urls.js", file(JS, () => import("./urls.js", { with: { type: "text" } }))],
  ["ways.js", file(JS, () => import("./ways.js", { with: { type: "text" } }))],
]);

/** The libraries, as modules whose default export they are. */
export const LIBRARY_FILES: ReadonlyMap<string, WebFile> = new Map([
  ["lib/hls.js", file(JS, () => import("hls.js/dist/hls.min.mjs", { with: { type: "text" } }))],
  ["lib/mpegts.js", {
    type: JS,
    // It is no module: it looks for the `module` that it exports to.
    load: async () => {
      const { default: text } = await import("mpegts.js/dist/mpegts.js", {
        with: { type: "text" },
      });
      return `const module={exports:{}},exports=module.exports;\n${
        withMends(String(text))
      }\nexport default module.exports;\n`;
    },
  }],
]);
