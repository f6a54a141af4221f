/**
 * `/openapi.json`: the API as OpenAPI 3.1 has it.
 *
 * @module
 */
import type * as v from "valibot";
import { VERSION } from "../../version.ts";
import { type JsonSchema, jsonSchemaOf } from "./json_schema.ts";
import { type Operation, OPERATIONS } from "./operations.ts";
import { Failure, Health, Recording, Relay, Session, Stream } from "./views.ts";

/** Schemas with a name, which stand once in the document. */
const NAMED: Readonly<Record<string, v.GenericSchema>> = {
  Stream,
  Session,
  Recording,
  Relay,
  Health,
  Error: Failure,
};

const REASONS: Readonly<Record<number, string>> = {
  400: "Something of the request cannot be meant.",
  401: "There is no token, or none that is known.",
  403: "The token may only read, or without tokens this is not the same machine.",
  404: "There is no such thing.",
  409: "It cannot be done now.",
  503: "There are as many as there may be.",
  504: "The client did not answer in time.",
};

let made: JsonSchema | undefined;

/** The document; the same for as long as the program runs. `base` is where the API is. */
export function openApiDocument(base: string): JsonSchema {
  return made ??= {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: VERSION,
      description: "The control API of Sluice, an RTMP live server.",
      license: { name: "MIT", identifier: "MIT" },
    },
    // Seen from this document: a proxy may have put the server below a path of its own.
    servers: [{ url: `.${base}` }],
    security: [{ token: [] }],
    paths: pathsOf(),
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        Object.entries(NAMED).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
      ),
    },
  };
}

function pathsOf(): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS as readonly Operation[]) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[operation.method] = operationOf(operation);
  }
  return paths;
}

function operationOf(operation: Operation): JsonSchema {
  const { id, method, path, summary, query, body, status, answer, errors } = operation;
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      ...{ name, in: "path", required: true, schema: { type: "string" } },
    })),
    ...(query === undefined ? [] : queryOf(query)),
  ];
  const failures = [...new Set([...errors, 401, 403])].sort();
  return {
    operationId: id,
    tags: [path.split("/")[1]],
    summary,
    description: method === "get"
      ? "A token that reads is enough."
      : "Wants a token that controls.",
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: id !== "startRecording",
        content: { "application/json": { schema: jsonSchemaOf(body) } },
      },
    }),
    responses: {
      [status]: {
        description: "It is done.",
        ...(answer !== undefined && { content: contentOf(answer) }),
      },
      ...Object.fromEntries(failures.map((code) => [code, {
        description: REASONS[code],
        content: contentOf(Failure),
      }])),
    },
  };
}

function queryOf(query: v.GenericSchema): JsonSchema[] {
  const { properties, required } = jsonSchemaOf(query) as {
    properties: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", required: required?.includes(name) ?? false, schema },
  }));
}

function contentOf(answer: v.GenericSchema | string): JsonSchema {
  if (typeof answer === "string") return { [answer]: { schema: { type: "string" } } };
  const schema = jsonSchemaOf(answer);
  // Those with a name are told by it, in lists too.
  const items = (answer as { entries?: Record<string, { item?: v.GenericSchema }> }).entries;
  for (const [member, { item }] of Object.entries(items ?? {})) {
    const name = item && nameOf(item);
    if (name === undefined) continue;
    const properties = {
      ...(schema.properties as object),
      [member]: { type: "array", items: refer(name) },
    };
    return { "application/json": { schema: { ...schema, properties } } };
  }
  const name = nameOf(answer);
  return { "application/json": { schema: name === undefined ? schema : refer(name) } };
}

function nameOf(schema: v.GenericSchema): string | undefined {
  return Object.keys(NAMED).find((name) => NAMED[name] === schema);
}

function refer(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
