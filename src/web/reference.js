/**
 * The reference of the API: the document that the server has of itself, for people.
 *
 * @module
 */
import { ApiError, ask, hasToken, setToken } from "./api.js";
import { el } from "./dom.js";

/** @typedef {Record<string, any>} Json */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const [message, form, contents, operations] = ["message", "token", "contents", "operations"].map(
  byId,
);

/**
 * What a schema is, in a word or two.
 *
 * @param {Json} schema
 * @returns {string}
 */
function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) {
    return schema.enum.map((/** @type {unknown} */ one) => JSON.stringify(one)).join(" | ");
  }
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.type === "array") return `${typeOf(schema.items)}[]`;
  return schema.type ?? "anything";
}

/**
 * What else has to be so of it.
 *
 * @param {Json} schema
 */
function boundsOf(schema) {
  const words = [
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "default",
  ];
  const told = words.filter((word) => word in schema).map((word) =>
    `${word} ${JSON.stringify(schema[word])}`
  );
  return [schema.description, ...told].filter(Boolean).join("; ");
}

/**
 * @param {string} title
 * @param {Json[]} rows with `name`, `required` and `schema`
 */
function table(title, rows) {
  if (rows.length === 0) return undefined;
  return el(
    "section",
    {},
    el("h4", {}, title),
    el(
      "table",
      {},
      el("tr", {}, el("th", {}, "Name"), el("th", {}, "Type"), el("th", {}, "")),
      ...rows.map(({ name, required, schema }) =>
        el(
          "tr",
          {},
          el("td", {}, name, required ? " *" : ""),
          el("td", {}, typeOf(schema)),
          el("td", {}, boundsOf(schema)),
        )
      ),
    ),
  );
}

/**
 * The members of an object.
 *
 * @param {Json | undefined} schema
 * @returns {Json[]}
 */
function membersOf(schema) {
  return Object.entries(schema?.properties ?? {}).map(([name, member]) => ({
    name,
    required: schema?.required?.includes(name) ?? false,
    schema: member,
  }));
}

/**
 * @param {string} base
 * @param {string} path
 * @param {string} method
 * @param {Json} operation
 */
function article(base, path, method, operation) {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const answers = Object.entries(responses).map(([status, { description, content = {} }]) => {
    const [[type, { schema }] = ["", { schema: undefined }]] =
      /** @type {[string, Json][]} */ (Object.entries(content));
    const shown = schema === undefined ? "" : type === "application/json" ? typeOf(schema) : type;
    return { name: status, schema: { type: shown || "no body", description } };
  });
  return el(
    "article",
    { id: operationId },
    el("h3", {}, `${method.toUpperCase()} ${base}${path}`),
    el("p", {}, summary, " ", description),
    table("Parameters", parameters),
    table("Body", membersOf(requestBody?.content["application/json"].schema)),
    table("Answers", answers),
  );
}

/** @param {Json} document */
function show(document) {
  const base = new URL(document.servers[0].url, location.href).pathname;
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
  );
  contents.replaceChildren(
    el(
      "ul",
      {},
      ...entries.map(({ path, method, operation }) =>
        el(
          "li",
          {},
          el("a", { href: `#${operation.operationId}` }, `${method.toUpperCase()} ${path}`),
        )
      ),
    ),
  );
  operations.replaceChildren(
    ...entries.map(({ path, method, operation }) => article(base, path, method, operation)),
    el("h2", {}, "Schemas"),
    ...Object.entries(document.components.schemas).map(([name, schema]) =>
      el("article", { id: name }, el("h3", {}, name), table("Members", membersOf(schema)))
    ),
  );
  message.textContent = `Version ${document.info.version}. The document itself is /openapi.json.`;
}

async function load() {
  try {
    show(await (await ask("openapi.json")).json());
    form.hidden = true;
  } catch (error) {
    const refused = error instanceof ApiError && error.status === 401;
    if (refused && hasToken()) setToken(undefined);
    form.hidden = !refused;
    message.textContent = error instanceof ApiError ? error.message : "The server is out of reach.";
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(/** @type {HTMLInputElement} */ (byId("value")).value);
  void load();
});
void load();
