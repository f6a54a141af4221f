/**
 * Where another server sends us: by a redirect that refuses a connect, or by a Reconnect Request
 * [E-RTMP v2 "Reconnect Request"].
 *
 * @module
 */
import { parseRtmpUrl, type RtmpUrl } from "../../core/rtmp/url.ts";

/**
 * The URL with another `tcUrl`, whole or relative (`//host/app`, `/app`), and with the same stream name;
 * why not, where it cannot be followed. Without one it is the same URL. Who we are is told to no other host.
 */
export function follow(url: RtmpUrl, tcUrl: string | undefined): RtmpUrl | string {
  if (tcUrl === undefined || tcUrl === "") return url;
  const host = url.hostname.includes(":") ? `[${url.hostname}]` : url.hostname;
  const whole = tcUrl.startsWith("//")
    ? `${url.scheme}:${tcUrl}`
    : tcUrl.startsWith("/")
    ? `${url.scheme}://${host}:${url.port}${tcUrl}`
    : tcUrl;
  let to: RtmpUrl;
  try {
    // All of its path is the application.
    const [path, query] = whole.split("?");
    to = parseRtmpUrl(`${path!.replace(/\/+$/, "")}/x${query === undefined ? "" : `?${query}`}`);
  } catch {
    return "The server sends us to where nobody can go";
  }
  if (url.scheme === "rtmps" && to.scheme === "rtmp") {
    return "The server sends us away from TLS, which is not followed";
  }
  const mark = to.name.indexOf("?");
  const same = to.hostname === url.hostname && to.port === url.port;
  const more = mark < 0 ? "" : to.name.slice(mark);
  return {
    ...to,
    app: to.app + more,
    tcUrl: to.tcUrl + more,
    name: url.name,
    user: same ? url.user : "",
    password: same ? url.password : "",
  };
}
