import assert from "node:assert/strict";
import { test } from "node:test";
import { documentProblems } from "../../tools/check_docs.ts";
import { undocumentedExports } from "../../tools/docs/exports.ts";
import { brokenLinks } from "../../tools/docs/links.ts";

const declaration = (more: object = {}) => ({
  location: { filename: "a.ts", line: 7 },
  declarationKind: "export",
  kind: "function",
  ...more,
});
const doc = (...declarations: object[]) =>
  JSON.stringify({ version: 2, nodes: { "a.ts": { symbols: [{ name: "x", declarations }] } } });

test("an export without a doc comment is found", () => {
  assert.deepEqual(undocumentedExports(doc(declaration())), [
    "a.ts:7: export x has no doc comment",
  ]);
  assert.equal(undocumentedExports(doc(declaration({ jsDoc: { doc: "" } }))).length, 1);
});

test("documented, private and passed-on declarations and further overloads are in order", () => {
  const documented = declaration({ jsDoc: { doc: "Does x." } });
  for (
    const json of [
      doc(documented),
      doc(declaration(), documented),
      doc(declaration({ declarationKind: "private" })),
      doc(declaration({ kind: "reference" })),
      doc(declaration({ location: { filename: "b.ts", line: 1 } })),
    ]
  ) assert.deepEqual(undocumentedExports(json), []);
});

test("links to files and headings that are not there are found", () => {
  const markdown = [
    "# The title",
    "## What `x` does, in 2 words!",
    "[good](b.md) [good](../LICENSE) [good](#what-x-does-in-2-words) [good](https://example.com)",
    "[bad](gone.md) [bad](../b.md) [bad](#no-heading) [named][one]",
    "`[code](gone2.md)`",
    "```",
    "# no-heading",
    "[code](gone3.md)",
    "```",
    "[one]: gone4.md",
  ].join("\n");
  const exists = (path: string) => ["docs/b.md", "LICENSE"].includes(path);
  assert.deepEqual(brokenLinks("docs/a.md", markdown, exists), [
    "docs/a.md: nothing is at gone.md",
    "docs/a.md: nothing is at ../b.md",
    "docs/a.md: nothing is at #no-heading",
    "docs/a.md: nothing is at gone4.md",
  ]);
});

test("the documents of this checkout are in order", () => {
  assert.deepEqual(documentProblems(), []);
});
