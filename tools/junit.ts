/**
 * Reads the JUnit reports of `deno test` and `bun test`.
 *
 * @module
 */

/** One test of a report. */
export interface Case {
  /** File of the test, as the report spells it. */
  readonly file: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Seconds. */
  readonly seconds: number;
  /** What is said of a failure, as much as {@link MAX_ERROR}; empty without one. */
  readonly error: string;
}

/** Most characters that are kept of what a report says of a failure. */
const MAX_ERROR = 8192;

const ENTITIES: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

/** The attributes of a tag. Quotes inside values are escaped, so that this needs no parser. */
function attributesOf(tag: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, key, value] of tag.matchAll(/([\w:]+)="([^"]*)"/g)) {
    attributes.set(key!, unescape(value!));
  }
  return attributes;
}

/** Every test in a report, in its order. Text that is no report has none. */
export function readReport(xml: string): Case[] {
  const cases: Case[] = [];
  // Output of tests may be kept in CDATA, and look like anything.
  const text = xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  const tags = /<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;
  for (const [, tag, inside = ""] of text.matchAll(tags)) {
    const attributes = attributesOf(tag!);
    const [, failureTag, error] = /<(?:failure|error)\b((?:[^>"]|"[^"]*")*)>([^<]*)/.exec(inside) ??
      [];
    cases.push({
      file: attributes.get("file") ?? attributes.get("classname") ?? "",
      name: attributes.get("name") ?? "",
      outcome: /<(failure|error)\b/.test(inside)
        ? "failed"
        : /<skipped\b/.test(inside)
        ? "skipped"
        : "passed",
      seconds: Number(attributes.get("time") ?? 0),
      error: unescape((error || attributesOf(failureTag ?? "").get("message")) ?? "").trim()
        .slice(0, MAX_ERROR),
    });
  }
  return cases;
}
