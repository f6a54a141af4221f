/**
 * The HTTP server, and who may ask the control API that it carries.
 *
 * @module
 */
import * as v from "valibot";
import { readApiToken } from "../../http/tokens.ts";
import { ANY_ORIGIN, MEDIA_ORIGIN } from "../../service/media_origins.ts";
import { choice, integer, meta, type Section, time } from "../setting.ts";
import { maxVersion, path } from "./tls.ts";

const httpEntries = {
  port: integer(8080, 0, 65_535, {
    text: "Port of the HTTP server, which has the control API and FLV; 0 takes any free port.",
    placeholder: "PORT",
  }),
  socket: path(
    "Socket of the file system at which the same is served, without TLS, to programs of this machine: a path." +
      " The API takes them for this machine, so that who may open the file may ask.",
  ),
  socketMode: choice("600", ["600", "660", "666"], {
    text: "Who may open that socket: the user of the server, its group too, or everybody.",
  }),
  tls: choice("off", ["off", "on", "both"], {
    text: "HTTPS and secure WebSockets on this port, in place of HTTP or beside it.",
  }),
  tlsMaxVersion: maxVersion(),
  tlsClientCa: path(
    "File of the certificates, in PEM, that have signed those of clients of HTTPS: whoever has none of" +
      " them is not let in, viewers included.",
  ),
  timeoutMs: time(
    10_000,
    100,
    600_000,
    "Longest time in which the header of a request must arrive, and then its body; an idle" +
      " connection is kept as long.",
  ),
  maxConnections: integer(1000, 1, 100_000, {
    text: "HTTP connections at once. Over it the one idle longest is closed for a new one.",
  }),
  mediaOrigins: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.maxLength(300), v.regex(MEDIA_ORIGIN))),
      v.maxLength(100),
      meta({
        text: "Web pages that may play over HTTP, by their origins (CORS): `https://example.com`," +
          " `https://*.example.com` for every name below it, `*` for all; none but the server's own" +
          " with an empty list. The control API is for no other page, whatever this says.",
        expected: "a list of at most 100 origins such as https://example.com, or *",
        placeholder: "ORIGIN",
      }),
    ),
    (): string[] => [ANY_ORIGIN],
  ),
};

/** The section `http`. */
export const http: Section<typeof httpEntries> = { title: "HTTP", entries: httpEntries };

const apiEntries = {
  token: v.optional(v.pipe(
    v.string(),
    v.minLength(16),
    v.maxLength(1024),
    v.regex(/^[\x21-\x7e]+$/),
    meta({
      text:
        "Bearer token that every request to the control API must carry. Without one the API answers" +
        " this machine only. Prefer the environment: flags are visible in the process list.",
      expected: "16 to 1024 ASCII characters without spaces",
      placeholder: "TOKEN",
      secret: true,
    }),
  )),
  tokens: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check((text) => readApiToken(text) !== undefined))),
      v.maxLength(100),
      meta({
        text:
          "Tokens of several callers, each as its name, its role and its SHA-256: `read` asks only, `control`" +
          " changes things too. `sluice token NAME ROLE` makes one. The single token stays good beside them," +
          " for control. Repeat the flag for more than one; separate them with commas in the environment.",
        expected: "a list of at most 100 texts of the form NAME ROLE SHA256",
        placeholder: "TOKEN",
        secret: true,
      }),
    ),
    (): string[] => [],
  ),
};

/** The section `api`. */
export const api: Section<typeof apiEntries> = { title: "Control API", entries: apiEntries };
