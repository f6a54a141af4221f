/**
 * Balancers and proxies in front of the server, and how they say for whom they connect.
 *
 * @module
 */
import * as v from "valibot";
import { isNetwork } from "../../core/proxy/mod.ts";
import { choice, meta, type Section } from "../setting.ts";

const entries = {
  trusted: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check(isNetwork))),
      v.maxLength(100),
      meta({
        text:
          "Addresses of balancers and proxies that are believed when they say who their client is;" +
          " their own connections are not limited per address.",
        expected: "a list of at most 100 addresses or networks such as 10.0.0.0/8",
        placeholder: "NETWORK",
      }),
    ),
    (): string[] => [],
  ),
  rtmp: choice("off", ["off", "protocol"], {
    text:
      "Whether those begin each connection to the ports of RTMP and RTMPS with a header of the PROXY" +
      " protocol. They must then: without one they are turned away.",
  }),
  http: choice("off", ["off", "protocol", "x-forwarded-for", "forwarded"], {
    text:
      "How those say who asks at the port of HTTP: with the PROXY protocol, as above, or in a header of each" +
      " request, which they have to set whatever the client sent.",
  }),
};

/** The section `proxy`. */
export const proxy: Section<typeof entries> = { title: "Behind a balancer", entries };
