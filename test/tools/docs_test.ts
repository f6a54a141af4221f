import assert from "node:assert/strict";
import { test } from "node:test";
import { documentProblems } from "../../tools/check_docs.ts";
import { doorProblems, onlyOfPackages } from "../../tools/docs/doors.ts";
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

test("what a door does not explain or hand out is found, unless a package has it", () => {
  const ours = [
    "\x1b[31merror[private-type-ref]\x1b[0m: public type 'A' references private type 'B'",
    "   \x1b[34m-->\x1b[0m /tree/src/a.ts:7:1",
    "    |",
    "error[missing-jsdoc]: exported symbol is missing JSDoc documentation",
    " --> /tree/src/b.ts:8:3",
    "",
  ].join("\n");
  const theirs = [
    "error[private-type-ref]: public type 'Plugin[\"routes\"]' references private type 'Hono'",
    "  --> /tree/src/c.ts:9:3",
    "",
  ].join("\n");
  const found = [
    "/tree/src/a.ts:7:1: [private-type-ref]: public type 'A' references private type 'B'",
    "/tree/src/b.ts:8:3: [missing-jsdoc]: exported symbol is missing JSDoc documentation",
  ];
  assert.deepEqual(doorProblems(ours + theirs), found);
  assert.deepEqual(doorProblems(theirs), []);
  assert.deepEqual([ours + theirs, theirs, "error: no such file\n"].map(onlyOfPackages), [
    false,
    true,
    false,
  ]);
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
