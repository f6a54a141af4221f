/**
 * Where things are: this server, its streams, and every way to publish and to watch one.
 *
 * @module
 */

/** @typedef {import("./types.d.ts").Stream} Stream */
/** @typedef {import("./types.d.ts").RtmpPorts} RtmpPorts */

/** The root of the server: a proxy may have put it below a path of its own. */
export const ROOT = new URL("../../", import.meta.url);

/**
 * The path of a stream, escaped.
 *
 * @param {Stream} stream
 */
export function streamPath({ app, name }) {
  return [...app.split("/"), name].filter((part) => part !== "").map(encodeURIComponent).join("/");
}

/**
 * The stream whose page is at `href`.
 *
 * @param {string} href
 * @param {URL} root
 * @returns {Stream}
 */
export function streamOf(href, root) {
  const { pathname } = new URL(href);
  const parts = pathname.slice(root.pathname.length).split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  const name = parts.pop() ?? "";
  return { app: parts.join("/"), name };
}

/**
 * Where a stream is played from in a page.
 *
 * @param {Stream} stream
 * @param {URL} root
 * @param {string} query with its `?`, which may have a token that plugins look at; else empty
 */
export function mediaUrls(stream, root, query = "") {
  const path = new URL(streamPath(stream), root).href;
  const flv = `${path}.flv${query}`;
  return {
    flv,
    ws: flv.replace(/^http/, "ws"),
    hls: `${path}/index.m3u8${query}`,
    page: `${path}${query}`,
  };
}

/** The port that a scheme has where none is named. */
const USUAL = { rtmp: 1935, rtmps: 443 };

/**
 * The host as the page was reached, for URLs of other protocols.
 *
 * @param {"rtmp" | "rtmps"} scheme
 * @param {URL} root
 * @param {number} port
 */
function base(scheme, { hostname }, port) {
  return `${scheme}://${hostname}${port === USUAL[scheme] ? "" : `:${port}`}`;
}

/**
 * What RTMP in TLS adds.
 *
 * @param {string} path
 * @param {URL} root
 * @param {RtmpPorts} ports
 */
function secureWays(path, root, { rtmpsPort }) {
  if (rtmpsPort === null) return [];
  return [{ label: "RTMPS", text: `${base("rtmps", root, rtmpsPort)}/${path}` }];
}

/**
 * Every way to watch a stream: what it is called, what to copy, and whether it is a page.
 *
 * @param {Stream} stream
 * @param {URL} root
 * @param {RtmpPorts} ports
 * @returns {{ label: string, text: string, link?: boolean }[]}
 */
export function waysToWatch(stream, root, ports) {
  const { flv, ws, hls, page } = mediaUrls(stream, root);
  return [
    { label: "Player page", text: page, link: true },
    { label: "RTMP", text: `${base("rtmp", root, ports.rtmpPort)}/${streamPath(stream)}` },
    ...secureWays(streamPath(stream), root, ports),
    { label: "HTTP-FLV", text: flv },
    { label: "WebSocket-FLV", text: ws },
    { label: "HLS", text: hls },
    { label: "In a page of yours", text: frameOf(page) },
  ];
}

/** @param {string} page */
function frameOf(page) {
  return `<iframe src="${page}" allow="autoplay; fullscreen" width="640" height="360"></iframe>`;
}

/**
 * Every way to publish under a name.
 *
 * @param {Stream} stream
 * @param {URL} root
 * @param {RtmpPorts} ports
 * @returns {{ label: string, text: string }[]}
 */
export function waysToPublish(stream, root, ports) {
  const server = base("rtmp", root, ports.rtmpPort);
  const path = streamPath(stream);
  const parts = path.split("/");
  const key = parts.pop() ?? "";
  return [
    { label: "OBS, server", text: [server, ...parts].join("/") },
    { label: "OBS, stream key", text: key },
    { label: "ffmpeg", text: `ffmpeg -re -i clip.mp4 -c copy -f flv ${server}/${path}` },
    { label: "URL", text: `${server}/${path}` },
    ...secureWays(path, root, ports),
  ];
}
