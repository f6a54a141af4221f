/**
 * What a publisher says of its stream in `onMetaData`, as far as the control API shows it.
 *
 * Publishers may put anything there, a key too, and players get it all. Whoever reads the API sees
 * what is known to describe media: numbers and switches under known names, and the names of programs
 * and codecs.
 *
 * @module
 */
import { publicClientName } from "./client_name.ts";

/** Names in lower case. */
const NAMES = new Set(
  (
    "2.1 3.1 4.0 4.1 5.1 7.1 aacaot aspectratio audiobitrate audiochannels audiocodecid " +
    "audiodatarate audiodelay audiodevice audioinputvolume audiosamplerate audiosamplesize " +
    "audiosize audiotrackidinfomap author avclevel avcprofile bitdepth canseektoend channellayout " +
    "channels codec codecid colorinfo colorprimaries colorspace comment compatible_brands " +
    "copyright creationdate creationtime custdef datarate datasize description device " +
    "displayheight displaywidth duration encoder encodersettings encodingdate filesize fps " +
    "frameheight framerate framewidth hasaudio hascuepoints haskeyframes hasmetadata hasvideo " +
    "hdrcll hdrmdcv height keyframes language lastkeyframelocation lastkeyframetimestamp " +
    "lasttimestamp level longitude major_brand make matrixcoefficients maxbitrate maxcll maxfall " +
    "maxluminance metadatacreator metadatadate minluminance minor_version model orientation " +
    "presetname profile rotation samplerate samplesize source starttime stereo tc title " +
    "totalduration totalframes transfercharacteristics version videobitrate videocodecid " +
    "videodatarate videodevice videoframerate videokeyframe_frequency videosize " +
    "videotrackidinfomap width xid"
  ).split(" "),
);

/** Deepest object that is shown, and most items of a list. */
const MAX_DEPTH = 4;
const MAX_ITEMS = 32;

/** The members of `metadata` that may be shown; all else is left out, other words masked. */
export function publicMetadata(
  metadata: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return shownObject(metadata, 0);
}

function shownObject(object: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]): [string, unknown][] => {
      const known = NAMES.has(name.toLowerCase()) || /^\d{1,3}$/.test(name);
      const shown = known ? shownValue(value, depth) : undefined;
      return shown === undefined ? [] : [[name, shown]];
    }),
  );
}

function shownValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return publicClientName(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return undefined;
  if (!Array.isArray(value)) return shownObject(value, depth + 1);
  return value.slice(0, MAX_ITEMS).map((item) => shownValue(item, depth + 1) ?? null);
}
