/**
 * Contexts to hand to plugins in tests.
 *
 * @module
 */
import { NO_CAPABILITIES } from "../../src/core/rtmp/session/mod.ts";
import type {
  ConnectContext,
  DisconnectContext,
  PublishContext,
  StopContext,
  UnpublishContext,
} from "../../src/plugin/mod.ts";

export const connect: ConnectContext = {
  sessionId: "s1",
  protocol: "rtmp",
  app: "live",
  query: new URLSearchParams("key=1"),
  tcUrl: "rtmp://localhost/live?key=1",
  flashVer: "FMLE/3.0 (compatible; FMSc/1.0)",
  capabilities: NO_CAPABILITIES,
  address: { hostname: "192.0.2.7", port: 50000 },
};

export const publish: PublishContext = { ...connect, name: "cam", type: "live" };

export const unpublish: UnpublishContext = {
  ...publish,
  reason: "client",
  bytes: 10,
  durationMs: 20,
};

export const stop: StopContext = { ...unpublish };

export const disconnect: DisconnectContext = {
  ...connect,
  reason: "client",
  bytesIn: 1,
  bytesOut: 2,
  durationMs: 3,
};
