/**
 * Reads TOML as far as the files of this project go: tables, arrays of tables, and values on one line.
 *
 * @module
 */

type Table = Record<string, unknown>;

/** Reads a document. @throws {SyntaxError} for what is not known */
export function readToml(text: string): Table {
  const root: Table = {};
  let table = root;
  for (const line of text.split("\n")) {
    const bare = line.trim();
    if (bare === "" || bare.startsWith("#")) continue;
    const [, many, path] = /^(\[?)\[([\w.]+)\]\]?$/.exec(bare) ?? [];
    if (path !== undefined) {
      table = tableAt(root, path.split("."), many !== "");
      continue;
    }
    const [, key, value] = /^(\w+) = (.+)$/.exec(bare) ?? [];
    if (key === undefined || key in table) throw new SyntaxError(`What is ${bare}?`);
    table[key] = readValue(value!);
  }
  return root;
}

function tableAt(root: Table, path: readonly string[], many: boolean): Table {
  let at = root;
  for (const name of path.slice(0, -1)) {
    const next = at[name];
    at = (Array.isArray(next) ? next.at(-1) : next) as Table;
    if (at === undefined) throw new SyntaxError(`There is no ${name} yet`);
  }
  const name = path.at(-1)!;
  const table: Table = {};
  if (many) {
    const tables = (at[name] ?? []) as Table[];
    tables.push(table);
    at[name] = tables;
  } else if (name in at) throw new SyntaxError(`${name} comes twice`);
  else at[name] = table;
  return table;
}

/** What is written as in JSON, but for inline tables. */
function readValue(text: string): unknown {
  const inline = /^\{ (\w+) = ([^{}=]+) \}$/.exec(text);
  return inline === null ? JSON.parse(text) : { [inline[1]!]: JSON.parse(inline[2]!) };
}
