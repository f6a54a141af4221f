/**
 * What a person reads when the server is up: where it listens, and commands to copy.
 *
 * @module
 */
import type { Plugin } from "../plugin/mod.ts";
import type { Runtime } from "../ports.ts";
import type { ServerAddresses } from "../server.ts";
import { VERSION } from "../version.ts";

/** The address a client on this machine uses for a server that listens on `hostname`. */
function reachable(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::" || hostname === "127.0.0.1") return "localhost";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Which pages there are to open in a browser. */
export interface BannerPages {
  readonly dashboard: { readonly enabled: boolean };
  readonly player: { readonly enabled: boolean };
  /** Whether they are there over HTTPS, and at which socket of the file system. */
  readonly http: { readonly tls: "off" | "on" | "both"; readonly socket?: string | undefined };
}

/** The text, several lines, ending in a line break. */
export function banner(
  addresses: ServerAddresses,
  runtime: Pick<Runtime, "name" | "version">,
  plugins: readonly Plugin[],
  color: boolean,
  pages: BannerPages,
): string {
  const bold = (text: string) => color ? `\x1b[1m${text}\x1b[0m` : text;
  const { rtmp, rtmps, rtmfp, http } = addresses;
  const base = `rtmp://${reachable(rtmp.hostname)}${rtmp.port === 1935 ? "" : `:${rtmp.port}`}`;
  const secure = rtmps === undefined ? [] : [
    `  RTMPS    rtmps://${reachable(rtmps.hostname)}${
      rtmps.port === 443 ? "" : `:${rtmps.port}`
    }/` +
    `   (${rtmps.hostname} port ${rtmps.port})`,
  ];
  const udp = rtmfp === undefined ? [] : [
    `  RTMFP    rtmfp://${reachable(rtmfp.hostname)}${
      rtmfp.port === 1935 ? "" : `:${rtmfp.port}`
    }/` +
    `   (${rtmfp.hostname} port ${rtmfp.port} of UDP)`,
  ];
  const scheme = pages.http.tls === "on" ? "https" : "http";
  const web = `${scheme}://${reachable(http.hostname)}:${http.port}`;
  const both = pages.http.tls === "both"
    ? [`  HTTPS    https://${reachable(http.hostname)}:${http.port}/   (on the same port)`]
    : [];
  const socket = pages.http.socket === undefined ? [] : [`  socket   ${pages.http.socket}`];
  const page = pages.dashboard.enabled
    ? `${web}/   (dashboard; API at /streams)`
    : `${web}/streams`;
  const watch = pages.player.enabled ? [`  watch    ${bold(`${web}/live/demo`)}`] : [];
  const names = plugins.map((plugin) => plugin.name).join(", ");
  return [
    "",
    bold(`Sluice ${VERSION} on ${runtime.name} ${runtime.version}`),
    `  RTMP     ${base}/   (${rtmp.hostname} port ${rtmp.port})`,
    ...secure,
    ...udp,
    `  ${scheme.toUpperCase().padEnd(8)} ${page}`,
    ...both,
    ...socket,
    `  plugins  ${names === "" ? "none" : names}`,
    "",
    `  publish  ${bold(`ffmpeg -re -i clip.mp4 -c copy -f flv ${base}/live/demo`)}`,
    ...watch,
    `  play     ${bold(`ffplay ${base}/live/demo`)}`,
    "",
    "",
  ].join("\n");
}
