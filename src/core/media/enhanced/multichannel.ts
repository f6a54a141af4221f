/**
 * The channels of an audio track [E-RTMP v2 "AudioChannelOrder"].
 *
 * @module
 */
import { plausibleChannels } from "../fields/plausible.ts";

/** What a MultichannelConfig says. */
export interface MultichannelConfig {
  /** Number of channels. */
  readonly channels?: number;
}

/** Reads the body of a MultichannelConfig: the order of channels, their number, then which they are. */
export function parseMultichannelConfig(body: Uint8Array): MultichannelConfig | undefined {
  return body.length < 2 ? undefined : { channels: plausibleChannels(body[1]) };
}
