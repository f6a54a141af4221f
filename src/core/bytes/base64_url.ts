/**
 * Bytes as letters that URLs may have.
 *
 * @module
 */

/** Base64 in the alphabet of URLs, without padding [RFC 4648 §5]. */
export function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
