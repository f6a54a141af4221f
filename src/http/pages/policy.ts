/**
 * What pages may load and run, and who may show them in a frame.
 *
 * @module
 */

/**
 * Nothing but files of this server; no code and no style inside of a page; no text ever becomes code or
 * markup by a way that browsers know of (Trusted Types).
 */
const CONTENT = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** Headers of files for browsers. */
export const FILE_HEADERS: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Headers of a page. `ancestors` are the sites that may show it in a frame. */
export function pageHeaders(ancestors: readonly string[]): Record<string, string> {
  const frames = ancestors.length === 0 ? "'none'" : ancestors.join(" ");
  return {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `${CONTENT}; frame-ancestors ${frames}`,
    "X-Content-Type-Options": "nosniff",
    // Queries of pages may hold tokens.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
    ...(ancestors.length === 0 ? { "X-Frame-Options": "DENY" } : {}),
  };
}
