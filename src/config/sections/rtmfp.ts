/**
 * RTMFP, RTMP messages over UDP.
 *
 * @module
 */
import * as v from "valibot";
import { readRedirect } from "../../core/rtmfp/redirect.ts";
import { meta, type Section } from "../setting.ts";

const entries = {
  port: v.optional(v.pipe(
    v.number(),
    v.integer(),
    v.minValue(0),
    v.maxValue(65_535),
    meta({
      text: "Port of RTMFP, of UDP; 0 takes any free port. Without it there is none.",
      placeholder: "PORT",
    }),
  )),
  redirect: v.optional(v.pipe(
    v.string(),
    v.check((text) => readRedirect(text) !== undefined),
    meta({
      text: "Where all clients of RTMFP are sent instead.",
      expected: "an IP address and a port, such as 192.0.2.1:1935 or [2001:db8::1]:1935",
      placeholder: "ADDRESS",
    }),
  )),
};

/** The section `rtmfp`. */
export const rtmfp: Section<typeof entries> = { title: "RTMFP", entries };
