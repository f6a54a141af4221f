/**
 * The ways in for clients of RTMP beside plain connections, as far as the settings want them.
 *
 * @module
 */
import type { Config } from "./config/mod.ts";
import type { Runtime } from "./ports.ts";
import type { RtmfpService } from "./service/rtmfp/mod.ts";
import type { RtmpService } from "./service/rtmp/mod.ts";
import { TunnelService } from "./service/rtmpt/mod.ts";
import type { Service, Surroundings } from "./service/surroundings.ts";
import { rtmfpSettings } from "./settings_of.ts";

/** What they are made with. */
export interface OldWaysSurroundings extends Pick<Surroundings, "hub" | "admission"> {
  readonly runtime: Runtime;
  /** Takes their clients. */
  readonly rtmp: RtmpService;
  /** `undefined` where it is not spoken. */
  readonly Rtmfp: typeof RtmfpService | undefined;
}

/** RTMPT, which is asked for at the port of HTTP, and RTMFP, which has a port of its own. */
export function oldWays(
  config: Config,
  { runtime, hub, admission, rtmp, Rtmfp }: OldWaysSurroundings,
): { readonly services: readonly Service[]; readonly rtmfp: RtmfpService | undefined } {
  const services: Service[] = [];
  if (config.rtmp.rtmpt === "allow") {
    services.push(
      new TunnelService({
        runtime,
        hub,
        accept: (tunnel, secure) => rtmp.accept(tunnel, { secure, tunnelled: true }),
      }),
    );
  }
  const rtmfp = Rtmfp && new Rtmfp({
    config: rtmfpSettings(config),
    runtime,
    admission,
    accept: (client) => rtmp.accept(client, { secure: false, tunnelled: false, inFlows: true }),
  });
  if (rtmfp !== undefined) services.push(rtmfp);
  return { services, rtmfp };
}
