/**
 * Finds links in Markdown that lead nowhere.
 *
 * @module
 */

/** `## Two words!` is found under `#two-words`. */
function slugOf(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
}

/** The document without its code, where brackets are no links. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "code");
}

/**
 * Each relative link of `path` to a file that does not exist, or to a heading of its own that is
 * not there.
 *
 * @param exists tells whether a path in the checkout exists
 */
export function brokenLinks(
  path: string,
  markdown: string,
  exists: (path: string) => boolean,
): string[] {
  const headings = new Set(
    [...markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").matchAll(/^#+ (.*)$/gm)]
      .map(([, heading]) => slugOf(heading!)),
  );
  const text = withoutCode(markdown);
  const inline = [...text.matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g)];
  const named = [...text.matchAll(/^\[[^\]]+\]:\s+<?([^>\s]+)>?/gm)];
  return [...inline, ...named].map(([, target]) => target!).filter((target) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return false;
    if (target.startsWith("#")) return !headings.has(decodeURI(target.slice(1)));
    const { pathname } = new URL(target, `file:///${path}`);
    return !exists(decodeURI(pathname.slice(1)));
  }).map((target) => `${path}: nothing is at ${target}`);
}
