/**
 * What `import ... with { type: "text" }` gives, for the type check of Bun: the compiler goes by the
 * ending of a file and not by that attribute.
 *
 * @module
 */

/** Declarations of all endings that are imported as text. */
export const TEXT_MODULES = ["css", "html", "js", "mjs", "svg"].map((ending) =>
  `declare module "*.${ending}" {\n  const text: string;\n  export default text;\n}\n`
).join("\n");
