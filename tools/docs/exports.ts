/**
 * Finds exports without a doc comment in what `deno doc --json` prints.
 *
 * @module
 */

/** The parts of the output that matter here. */
interface DocOutput {
  readonly nodes: Readonly<
    Record<string, {
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly {
          readonly location: { readonly filename: string; readonly line: number };
          readonly declarationKind: string;
          readonly kind: string;
          readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly unknown[] };
        }[];
      }[];
    }>
  >;
}

/**
 * Each export without a doc comment, as `location: name`. What a module passes on from another is
 * judged where it is declared; of an overloaded function one comment is enough.
 */
export function undocumentedExports(json: string): string[] {
  const { nodes } = JSON.parse(json) as DocOutput;
  return Object.entries(nodes).flatMap(([file, { symbols }]) =>
    symbols.flatMap(({ name, declarations }) => {
      const own = declarations.filter(({ location, declarationKind, kind }) =>
        location.filename === file && declarationKind === "export" && kind !== "reference"
      );
      if (own.length === 0 || own.some(({ jsDoc }) => jsDoc?.doc || jsDoc?.tags?.length)) return [];
      const { line } = own[0]!.location;
      return [`${file}:${line}: export ${name} has no doc comment`];
    })
  );
}
