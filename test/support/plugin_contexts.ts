/**
 * Contexts to hand to plugins in tests.
 *
 * @module
 */
import { NO_CAPABILITIES } from "../../src/core/rtmp/session/mod.ts";
import type {
  ConnectContext,
  DisconnectContext,
  PlayEndContext,
  PublishContext,
  UnpublishContext,
} from "../../src/plugin/mod.ts";

export const connect: ConnectContext = {
  sessionId: "s1",
  client: {
    protocol: "rtmp",
    secure: false,
    address: { hostname: "192.0.2.7", port: 50000 },
    agent: "FMLE/3.0 (compatible; FMSc/1.0)",
  },
  app: "live",
  query: new URLSearchParams("key=1"),
  rtmp: { tcUrl: "rtmp://localhost/live?key=1", capabilities: NO_CAPABILITIES },
};

export const publish: PublishContext = { ...connect, name: "cam", type: "live" };

export const unpublish: UnpublishContext = {
  ...publish,
  reason: "client",
  bytes: 10,
  durationMs: 20,
};

export const playEnd: PlayEndContext = { ...unpublish };

export const disconnect: DisconnectContext = {
  ...connect,
  reason: "client",
  bytesIn: 1,
  bytesOut: 2,
  durationMs: 3,
};
