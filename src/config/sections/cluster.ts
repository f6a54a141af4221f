/**
 * A cluster of servers that know of each other's streams.
 *
 * @module
 */
import * as v from "valibot";
import { readNatsUrl } from "../../nats/url.ts";
import { isOrigin, originsOf } from "../../service/relay/mod.ts";
import { integer, meta, type Section, time } from "../setting.ts";

/** What names on the bus are made of. */
const WORD = /^[A-Za-z0-9_-]{1,32}$/;

const entries = {
  url: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check((text) => readNatsUrl(text) !== undefined))),
      v.maxLength(16),
      meta({
        flag: "cluster",
        text:
          "Servers of NATS, with JetStream, by which the nodes of a cluster find each other's streams, such as" +
          " `nats://nats.example:4222`, or `tls://` where they speak TLS. Without any this server is alone.",
        expected: "a list of at most 16 nats:// or tls:// URLs of servers",
        placeholder: "URL",
        secret: true,
      }),
    ),
    (): string[] => [],
  ),
  name: v.optional(
    v.pipe(
      v.string(),
      v.regex(WORD),
      meta({
        text: "The name of the cluster: others may use the same NATS under other names.",
        expected: "1 to 32 letters, digits, - and _",
        placeholder: "NAME",
      }),
    ),
    "sluice",
  ),
  node: v.optional(v.pipe(
    v.string(),
    v.regex(WORD),
    meta({
      text: "The name of this node, for people; without it a new one at each start.",
      expected: "1 to 32 letters, digits, - and _",
      placeholder: "NAME",
    }),
  )),
  address: v.optional(v.pipe(
    v.string(),
    v.check((text) => originsOf([text]).every(isOrigin) && !text.includes(",")),
    meta({
      text:
        "Where the other nodes reach this one, such as `rtmp://10.0.0.1`, or `rtmps://` for media in TLS. Without" +
        " it that is the port of RTMP at `host`, or at the address that NATS sees where `host` is every address.",
      expected: "an rtmp:// or rtmps:// URL of a server",
      placeholder: "URL",
    }),
  )),
  leaseMs: time(
    3000,
    300,
    60_000,
    "How long a node owns its names once it is cut off: then they may be published elsewhere. It is the same at" +
      " all nodes.",
  ),
  replicas: integer(1, 1, 5, {
    text: "Servers of NATS that keep each entry, of the cluster that those are themselves.",
  }),
};

/** The section `cluster`. */
export const cluster: Section<typeof entries> = { title: "Cluster", entries };
