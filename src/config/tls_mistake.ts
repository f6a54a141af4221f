/**
 * What settings of TLS want of each other.
 *
 * @module
 */
import type { Config } from "./config.ts";
import type { Mistake } from "./errors.ts";

/** What is wrong with the settings of TLS together; `undefined` when they are in order. */
export function tlsMistake(
  { tls, rtmps, http }: Pick<Config, "tls" | "rtmps" | "http">,
): Mistake | undefined {
  const wrong = (key: string, problem: string): Mistake => ({ source: "tls", key, problem });
  if (tls.cert.length !== tls.key.length) {
    return wrong(
      "tls.key",
      `there are ${tls.cert.length} certificates and ${tls.key.length} keys:` +
        " name a key for each (--tls-cert CERT --tls-key KEY)",
    );
  }
  const asking = rtmps.port !== undefined ? "rtmps.port" : http.tls !== "off" ? "http.tls" : "";
  if (asking !== "" && tls.cert.length === 0) {
    return wrong(
      asking,
      "TLS needs a certificate (--tls-cert CERT --tls-key KEY). `sluice cert` makes one for trying",
    );
  }
  if (tls.minVersion === "1.3") {
    if (rtmps.port !== undefined && rtmps.maxVersion === "1.2") return apart("rtmps.maxVersion");
    if (http.tls !== "off" && http.tlsMaxVersion === "1.2") return apart("http.tlsMaxVersion");
  }
  return undefined;

  function apart(key: string): Mistake {
    return wrong(key, "the newest version of TLS is older than the oldest (--tls-min-version)");
  }
}
