/**
 * Marks that proxies leave on requests. There is no list of all of them: known is how they are
 * called, and of which products. Programs and browsers on the machine itself send none of these.
 *
 * @module
 */

/** Names, or parts of them, that speak of whom or what a request was before a proxy had it. */
const PARTS = new RegExp(
  [
    "forward", // Forwarded, X-Forwarded-For, X-Forwarded-Proto, X-Forward-For, Forwarded-For ...
    "(?:client|connecting|real|remote|source|src|user|peer|origin|true|end)-?(?:ip|addr|host|port)",
    "(?:^|-)(?:proxy|proxied|proxyuser|origin(?:al|ating|ally)|envoy|rewrite|replaced|via|edge|cdn)(?:-|$)",
    "(?:^|-)(?:varnish|traefik|haproxy|nginx|squid|bluecoat|ingress|lb|loadbalancer|gateway|tunnel)(?:-|$)",
  ].join("|"),
);

/** How headers of services begin that stand in front of others' servers, behind an `X-` or not. */
const PRODUCTS = new RegExp(
  "^(?:x-)?(?:" +
    [
      "cf", // Cloudflare
      "fly", // Fly.io
      "fastly",
      "akamai",
      "amz-cf",
      "amzn",
      "appengine",
      "azure",
      "arr", // IIS
      "fd", // Azure Front Door
      "vercel",
      "nf", // Netlify
      "render",
      "railway",
      "heroku",
      "sucuri",
      "incap",
      "imperva",
      "iinfo",
      "cloud-trace",
      "goog",
      "tailscale",
      "ngrok",
      "cluster",
      "surrogate",
      "ssl",
      "tls",
      "mtls",
      "wl", // WebLogic
    ].join("|") +
    ")-",
);

/** What is called like nothing else. */
const NAMES = new Set([
  "x-host",
  "x-http-host",
  "x-scheme",
  "x-url-scheme",
  "x-request-uri",
  "x-server-name",
  "x-server-port",
  "x-client",
  "front-end-https",
]);

/** Whether a header of this name says that a proxy had the request. */
export function isProxyMark(name: string): boolean {
  // Some programs write them with underscores, as variables.
  const plain = name.toLowerCase().replaceAll("_", "-");
  return NAMES.has(plain) || PARTS.test(plain) || PRODUCTS.test(plain);
}
