/**
 * Tells what kinds of media are in FLV as it comes, without keeping any of it.
 *
 * @module
 */

const FILE_HEADER = 9;
/** The size of the tag before, which stands behind the file header and behind each tag. */
const BACK_POINTER = 4;
const TAG_HEADER = 11;
/** So much of a tag says all that is asked for: its header, and two bytes of what it carries. */
const LOOK = TAG_HEADER + 2;

const AUDIO = 8;
const VIDEO = 9;

/**
 * @typedef {{ audio: boolean, video: boolean, keyFrame: boolean }} Kinds what came: sound, pictures, and a
 *   picture to begin with among them; sequence headers are neither
 */

/** Reads FLV from its file header on, cut anywhere. */
export class FlvTags {
  /** The beginning of the tag that is being read. */
  #head = new Uint8Array(LOOK);
  #filled = 0;
  /** Bytes to pass over before the next tag. */
  #skip = FILE_HEADER + BACK_POINTER;

  /**
   * @param {Uint8Array} bytes
   * @returns {Kinds}
   */
  read(bytes) {
    const kinds = { audio: false, video: false, keyFrame: false };
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, bytes.length - at);
        this.#skip -= passed;
        at += passed;
        continue;
      }
      this.#head[this.#filled++] = bytes[at++];
      if (this.#filled < TAG_HEADER) continue;
      const size = (this.#head[1] << 16) | (this.#head[2] << 8) | this.#head[3];
      const looked = Math.min(LOOK, TAG_HEADER + size);
      if (this.#filled < looked) continue;
      this.#note(kinds, size);
      this.#skip = TAG_HEADER + size - looked + BACK_POINTER;
      this.#filled = 0;
    }
    return kinds;
  }

  /**
   * @param {Kinds} kinds
   * @param {number} size
   */
  #note(kinds, size) {
    const [type, first, second] = [this.#head[0] & 0x1f, this.#head[11], this.#head[12]];
    if (size < 2) return;
    if (type === AUDIO) kinds.audio ||= isSound(first, second);
    if (type !== VIDEO || !isPicture(first, second)) return;
    kinds.video = true;
    kinds.keyFrame ||= ((first >> 4) & 7) === 1;
  }
}

/**
 * @param {number} first
 * @param {number} second
 */
function isSound(first, second) {
  const format = first >> 4;
  // Enhanced RTMP: CodedFrames. AAC: anything but its sequence header.
  if (format === 9) return (first & 15) === 1;
  return format !== 10 || second !== 0;
}

/**
 * @param {number} first
 * @param {number} second
 */
function isPicture(first, second) {
  // Enhanced RTMP: CodedFrames and CodedFramesX. AVC and HEVC of old: NALUs.
  if ((first & 0x80) !== 0) return (first & 15) === 1 || (first & 15) === 3;
  const codec = first & 15;
  return (codec !== 7 && codec !== 12) || second === 1;
}
