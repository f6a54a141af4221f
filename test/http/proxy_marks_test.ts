import assert from "node:assert/strict";
import { test } from "node:test";
import { isProxyMark } from "../../src/http/proxy_marks.ts";

/** Headers by what gives them away; each has that and nothing else of a proxy. */
const MARKS: Record<string, readonly string[]> = {
  "a word for passing on": [
    ..."forwarded max-forwards x-forward-for proxy-authorization x-proxied x-proxyuser".split(" "),
    ..."x-original-x x-originating-x x-originally x-envoy-x x-rewrite-x x-replaced-x".split(" "),
    ..."via x-via x-edge-x cdn-loop x-varnish x-traefik-x x-haproxy-x x-nginx-x".split(" "),
    ..."x-squid-error x-bluecoat-x x-ingress-x x-lb x-loadbalancer-x x-gateway-x x-tunnel".split(
      " ",
    ),
  ],
  "an address of somebody else": ["client", "connecting", "real", "remote", "source", "src", "user"]
    .concat(["peer", "origin", "true", "end"]).flatMap((whose) =>
      ["ip", "addr", "host", "port"].flatMap((what) => [`${whose}-${what}`, `x-${whose}${what}`])
    ),
  "a product": [
    ..."cf-ray fly-region fastly-ff akamai-x amz-cf-id amzn-x appengine-city azure-ref".split(" "),
    ..."arr-ssl fd-healthprobe vercel-id nf-x render-x railway-x heroku-x sucuri-x".split(" "),
    ..."incap-x imperva-x iinfo-x cloud-trace-x goog-x tailscale-x ngrok-x cluster-x".split(" "),
    ..."surrogate-x ssl-x tls-x mtls-x wl-x".split(" "),
  ].flatMap((name) => [name, `x-${name}`]),
  "a name of its own": [
    ..."x-host x-http-host x-scheme x-url-scheme x-request-uri x-server-name".split(" "),
    ..."x-server-port x-client front-end-https".split(" "),
  ],
};

for (const [what, names] of Object.entries(MARKS)) {
  test(`${what} gives a proxy away, in every spelling`, () => {
    for (const name of names) {
      assert.ok(isProxyMark(name), name);
      assert.ok(isProxyMark(name.toUpperCase()), name);
      assert.ok(isProxyMark(name.replaceAll("-", "_")), name);
    }
  });
}

test("names that only look like those of proxies are none", () => {
  const names = "host origin x-clientele aviation x-olb x-ray xcf-ray ray-cf client x-hosts";
  for (const name of names.split(" ")) assert.ok(!isProxyMark(name), name);
});
