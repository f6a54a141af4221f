/**
 * Reads the `connect` command [RTMP 1.0 §7.2.1.1].
 *
 * @module
 */
import { asRecord } from "../../amf/mod.ts";
import { ConnectQuery, NAME_RULE, parseApp } from "../stream_name.ts";
import { readCapabilities } from "./capabilities.ts";
import type { Command, Origin } from "./command.ts";
import type { ConnectRequest } from "./requests.ts";

/** A connect that can be put to the owner of the session, or why it cannot. */
export type ConnectReading =
  | { readonly request: ConnectRequest; readonly origin: Origin }
  | { readonly code: "Rejected" | "InvalidApp"; readonly mistake: string };

/** Reads what a client says about itself. Members of the wrong type count as left out. */
export function readConnect(command: Command): ConnectReading {
  const properties = asRecord(command.values[0]);
  if (properties === undefined) {
    return { code: "Rejected", mistake: "connect wants an object with app and tcUrl." };
  }
  const text = (key: string) => {
    const value = properties.get(key);
    return typeof value === "string" ? value : undefined;
  };
  const app = text("app");
  const tcUrl = text("tcUrl") ?? text("tcurl") ?? "";
  const canonical = parseApp(app, tcUrl);
  if (canonical === undefined) {
    return {
      code: "InvalidApp",
      mistake: `The application name is not allowed. A part of it has ${NAME_RULE}.`,
    };
  }
  const query = new ConnectQuery(app, tcUrl);
  const request = {
    app: canonical,
    query: query.with(),
    tcUrl,
    flashVer: text("flashVer") ?? "",
    pageUrl: text("pageUrl") ?? "",
    swfUrl: text("swfUrl") ?? "",
    objectEncoding: properties.get("objectEncoding") === 3 ? 3 : 0,
    capabilities: readCapabilities(properties),
    properties,
  };
  return { request, origin: { app, tcUrl, query } };
}
