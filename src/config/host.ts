/**
 * Tells addresses and host names from everything else.
 *
 * @module
 */

const LABELS =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;
const DOTTED = /^\d+(\.\d+)*$/;

/** Whether `text` is an IPv4 address, an IPv6 address without brackets, or a host name. */
export function isHost(text: string): boolean {
  if (text.includes(":")) return !/[[\]/]/.test(text) && URL.canParse(`http://[${text}]/`);
  if (DOTTED.test(text)) {
    const parts = text.split(".");
    return parts.length === 4 &&
      parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256);
  }
  return LABELS.test(text);
}
