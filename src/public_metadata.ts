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
/** Most values that are shown, and most texts among them: to mask one takes its time. */
const MAX_VALUES = 512;
const MAX_TEXTS = 32;

/** Whether what a member of this name says may be shown. */
export function isShowable(name: string): boolean {
  return NAMES.has(name.toLowerCase()) || isNumber(name);
}

/** Whether it is an index, or the id of a track. */
function isNumber(name: string): boolean {
  return /^\d{1,3}$/.test(name);
}

/** The members of `metadata` that may be shown; all else is left out, other words masked. */
export function publicMetadata(
  metadata: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return new Showing().object(metadata, 0);
}

/** Goes through one `onMetaData`, and no further than its bounds. */
class Showing {
  #values = MAX_VALUES;
  #texts = MAX_TEXTS;

  object(object: object, depth: number): Record<string, unknown> {
    const shown: Record<string, unknown> = {};
    const members = Object.entries(object).filter(([name]) => isShowable(name));
    // Numbers come first in an object, and must not take the place of words.
    members.sort(([a], [b]) => Number(isNumber(a)) - Number(isNumber(b)));
    for (const [name, value] of members) {
      const member = this.#value(value, depth);
      if (member !== undefined) shown[name] = member;
    }
    return shown;
  }

  /** What is shown of a value; `undefined` when nothing is. */
  #value(value: unknown, depth: number): unknown {
    if (--this.#values < 0) return undefined;
    if (typeof value === "string") {
      return --this.#texts < 0 ? undefined : publicClientName(value);
    }
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) return undefined;
    if (!Array.isArray(value)) return this.object(value, depth + 1);
    return value.slice(0, MAX_ITEMS).map((item) => this.#value(item, depth + 1) ?? null);
  }
}
