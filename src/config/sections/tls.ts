/**
 * Certificates, and the ports that speak TLS.
 *
 * @module
 */
import * as v from "valibot";
import { choice, integer, meta, type Section } from "../setting.ts";

/** The newest version of TLS that a listener offers. */
export const maxVersion = () =>
  choice("1.3", ["1.2", "1.3"], {
    text:
      "Newest version of TLS that is offered. Programs with librtmp, and some with Mbed TLS, fail" +
      " with 1.3.",
  });

/** A path, or nothing. */
export const path = (text: string) =>
  v.optional(v.pipe(
    v.string(),
    v.nonEmpty(),
    meta({ text, expected: "a path that is not empty", placeholder: "PATH" }),
  ));

const paths = (text: string) =>
  v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.nonEmpty())),
      v.maxLength(100),
      meta({
        text,
        expected: "a list of at most 100 paths, none of them empty",
        placeholder: "PATH",
      }),
    ),
    (): string[] => [],
  );

const tlsEntries = {
  cert: paths(
    "Files of certificates in PEM, each with those it leans on behind it. Clients get the one for the" +
      " name they ask for, else the first. The files are read again when they change.",
  ),
  key: paths("Files of the keys of these certificates, in the same order."),
  minVersion: choice("1.2", ["1.2", "1.3"], { text: "Oldest version of TLS that is spoken." }),
  warnDays: integer(21, 0, 365, {
    text: "A certificate that expires within so many days is warned of, once a day.",
  }),
};

/** The section `tls`. */
export const tls: Section<typeof tlsEntries> = { title: "TLS", entries: tlsEntries };

const rtmpsEntries = {
  port: v.optional(v.pipe(
    v.number(),
    v.integer(),
    v.minValue(0),
    v.maxValue(65_535),
    meta({
      text: "Port of RTMP in TLS; 0 takes any free port. Without it there is none.",
      placeholder: "PORT",
    }),
  )),
  maxVersion: maxVersion(),
  clientCa: path(
    "File of the certificates, in PEM, that have signed those of clients: whoever has none of them is" +
      " not let in.",
  ),
};

/** The section `rtmps`. */
export const rtmps: Section<typeof rtmpsEntries> = { title: "RTMPS", entries: rtmpsEntries };
