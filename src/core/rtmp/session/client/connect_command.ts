/**
 * The `connect` command as a client sends it, and the answers to it [RTMP 1.0 §7.2.1.1].
 *
 * @module
 */
import { amfObject, type AmfValue, asRecord } from "../../../amf/mod.ts";
import { CapsEx, FourCcInfo, readCapabilities, VideoFunction } from "../capabilities.ts";
import type { ConnectAnswer, ServerRefusal, ServerStatus } from "./events.ts";
import { type ConnectParameters, DEFAULT_FLASH_VER } from "./options.ts";

/** `audioCodecs`: every codec of Flash [RTMP 1.0 §7.2.1.1]. */
const AUDIO_CODECS = 0x0fff;
/** `videoCodecs`: every codec of Flash. */
const VIDEO_CODECS = 0x00ff;

const NO_PROPERTIES: ReadonlyMap<string, AmfValue> = new Map();

/** The command object. */
export function connectObject(parameters: ConnectParameters): AmfValue {
  const { app, tcUrl, flashVer = DEFAULT_FLASH_VER, swfUrl, pageUrl, more } = parameters;
  return amfObject({
    app,
    type: "nonprivate",
    flashVer,
    tcUrl,
    ...(swfUrl === undefined ? {} : { swfUrl }),
    ...(pageUrl === undefined ? {} : { pageUrl }),
    fpad: false,
    capabilities: 239,
    audioCodecs: AUDIO_CODECS,
    videoCodecs: VIDEO_CODECS,
    objectEncoding: 0,
    ...enhanced(parameters),
    ...more,
  });
}

/** What there is to say of Enhanced RTMP [E-RTMP v2 "Enhancing NetConnection connect Command"]. */
function enhanced(
  { fourCcs = ["*"], followsReconnect = false }: ConnectParameters,
): Record<string, AmfValue> {
  if (fourCcs.length === 0) return { videoFunction: VideoFunction.ClientSeek };
  // An object for each: the same one twice would be sent as a reference, which few can read.
  const infos = () => amfObject(Object.fromEntries(fourCcs.map((one) => [one, MASK])));
  return {
    videoFunction: VideoFunction.ClientHdr | VideoFunction.ClientMetadata,
    capsEx: CapsEx.Multitrack | CapsEx.ModEx | CapsEx.TimestampNanoOffset |
      (followsReconnect ? CapsEx.Reconnect : 0),
    fourCcList: [...fourCcs],
    videoFourCcInfoMap: infos(),
    audioFourCcInfoMap: infos(),
  };
}
const MASK = FourCcInfo.CanForward;

function text(value: AmfValue): string {
  return typeof value === "string" ? value : "";
}

/** An information object; of another value the code is `""`. */
export function readStatus(value: AmfValue): ServerStatus {
  const properties = asRecord(value) ?? NO_PROPERTIES;
  return {
    level: text(properties.get("level")),
    code: text(properties.get("code")),
    description: text(properties.get("description")),
    properties,
  };
}

/** Reads the values of a `_result` for connect. */
export function readConnectAnswer(values: readonly AmfValue[]): ConnectAnswer {
  const status = readStatus(values[1]);
  return {
    ...status,
    server: asRecord(values[0]) ?? NO_PROPERTIES,
    capabilities: readCapabilities(status.properties),
  };
}

/** Reads an information object that refuses, and where it sends us instead. */
export function readRefusal(value: AmfValue): ServerRefusal {
  const status = readStatus(value);
  const ex = asRecord(status.properties.get("ex"));
  const redirect = text(ex?.get("redirect"));
  return redirect === "" ? status : { ...status, redirect };
}
