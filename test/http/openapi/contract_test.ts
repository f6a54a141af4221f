/** The document of the API line by line: what programs that are made of it rely on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { openApiDocument } from "../../../src/http/openapi/document.ts";
import { jsonSchemaOf } from "../../../src/http/openapi/json_schema.ts";
import { VERSION } from "../../../src/version.ts";

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema & { readonly items?: Schema }>>;
  readonly [key: string]: unknown;
}
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Media & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Media & { readonly description: string }>>;
}

const document = openApiDocument("/api/v1") as unknown as {
  readonly info: unknown;
  readonly servers: unknown;
  readonly security: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly securitySchemes: unknown;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
};

const named = ({ $ref }: Schema) => $ref?.replace("#/components/schemas/", "");

/** What an answer has: a media type, a name, or members and what lists of them hold. */
function shown({ content }: Media): string {
  if (content === undefined) return "";
  const [[type, { schema }]] = Object.entries(content) as [[string, { schema: Schema }]];
  if (type !== "application/json") return `${type} ${schema.type}`;
  const members = Object.entries(schema.properties ?? {}).map(([name, { items }]) =>
    items === undefined ? name : `${name}[${named(items) ?? ""}]`
  );
  return named(schema) ?? members.join();
}

function lineOf(path: string, method: string, operation: Operation): string {
  const { operationId, tags, parameters = [], requestBody, responses } = operation;
  const told = parameters.map((one) => `${one.name}${one.in === "path" ? "" : "?"}`);
  assert.ok(parameters.every((one) => one.required === (one.in === "path" || one.name === "file")));
  const body = requestBody === undefined
    ? []
    : [`${requestBody.required ? "" : "may "}send ${shown(requestBody)}`];
  const statuses = Object.entries(responses);
  const good = statuses.filter(([status]) => status < "400")
    .map(([status, answer]) => `${status} ${shown(answer)}`.trim());
  const bad = statuses.filter(([status]) => status >= "400");
  for (const [, answer] of bad) assert.equal(shown(answer), "Error");
  for (const [, { description }] of statuses) assert.ok(description.length > 5);
  const reads = /reads/.test(operation.description);
  assert.equal(reads, method === "get");
  assert.ok(operation.summary.length > 10);
  return [
    ...[
      `${operationId}: ${method} ${path}`,
      ...(told.length === 0 ? [] : [told.join(" ")]),
      ...body,
    ],
    ...[...good, bad.map(([status]) => status).join(" "), tags.join()],
  ].join("; ");
}

test("each operation has its name, what it takes, and every status that it answers with", () => {
  const lines = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => lineOf(path, method, operation))
  );
  const page = "limit? offset?";
  assert.deepEqual(lines.sort(), [
    "callClient: post /sessions/{id}/call; id; send method,args[],answer; 200 kind,value; 400 401 403 404 503 504; sessions",
    "endRelay: delete /relays/{id}; id; 204; 401 403 404; relays",
    "endSession: delete /sessions/{id}; id; 204; 401 403 404; sessions",
    "endStream: delete /streams/{app}/{name}; app name; 204; 401 403 404; streams",
    "getHealth: get /health; 200 Health; 401 403; health",
    "getStream: get /streams/{app}/{name}; app name; 200 Stream; 401 403 404; streams",
    `listRecordings: get /recordings; ${page}; 200 recordings[Recording],total; 400 401 403 409; recordings`,
    `listRecordingsOf: get /recordings/{app}/{name}; app name ${page}; 200 recordings[Recording],total; 400 401 403 409; recordings`,
    `listRelays: get /relays; ${page} app? name? direction? state?; 200 relays[Relay],total; 400 401 403; relays`,
    `listSessions: get /sessions; ${page} app? protocol? state? address?; 200 sessions[Session],total; 400 401 403; sessions`,
    `listStreams: get /streams; ${page} app? name? published? scope?; 200 streams[Stream],total; 400 401 403; streams`,
    "readEvents: get /events; types? after?; 200 text/event-stream string; 400 401 403 503; events",
    "readState: get /state; 200 text/event-stream string; 401 403 503; state",
    "reconnectAll: post /sessions/reconnect; send url; 200 asked; 400 401 403; sessions",
    "reconnectSession: post /sessions/{id}/reconnect; id; send url; 204; 400 401 403 404 409; sessions",
    "reload: post /reload; 200 changed[],needsRestart[],plugins; 401 403 409; reload",
    "removeRecording: delete /recordings; file?; 204; 400 401 403 404 409; recordings",
    "sendData: post /streams/{app}/{name}/data; app name; send handler,values[],store; 204; 400 401 403 404; streams",
    "startRecording: post /recordings/{app}/{name}; app name; may send format,file,segmentMs,segmentBytes; 201 app,name; 400 401 403 404 409; recordings",
    "startRelay: post /relays; send app,name,url,video,audio,codecs[],metadata; 201 Relay; 400 401 403 503; relays",
    "stopRecording: delete /recordings/{app}/{name}; app name; 204; 401 403 404; recordings",
  ]);
});

test("the document says what it is of, where it is, and that a token is asked for", () => {
  assert.deepEqual(document.info, {
    title: "Sluice",
    version: VERSION,
    description: "The control API of Sluice, an RTMP live server.",
    license: { name: "MIT", identifier: "MIT" },
  });
  assert.deepEqual(document.servers, [{ url: "./api/v1" }]);
  assert.deepEqual(document.security, [{ token: [] }]);
  assert.deepEqual(document.components.securitySchemes, {
    token: { type: "http", scheme: "bearer" },
  });
  assert.equal(openApiDocument("/api/v1"), document);
});

test("parameters have their bounds and what they are when they are left out", () => {
  const parameters = Object.fromEntries(
    document.paths["/sessions"]!.get!.parameters!.map(({ name, schema }) => [name, schema]),
  );
  assert.deepEqual(parameters.limit, {
    type: "string",
    pattern: "^\\d{1,10}$",
    default: "100",
  });
});

test("views have counts from 0, times, and the words that there are", () => {
  const { Stream, Session, Recording, Relay, Health, Error: Failure } = document.components.schemas;
  const of = (schema: Schema | undefined, ...path: string[]) =>
    path.reduce<Schema>((at, name) => at.properties![name]!, schema!);
  const count = { type: "integer", minimum: 0 };
  const time = { type: "string", description: "ISO 8601, UTC" };
  for (const name of ["uptimeMs", "players", "bytesIn", "bytesOut", "droppedFrames"]) {
    assert.deepEqual(of(Stream, name), count);
  }
  assert.deepEqual(of(Session, "since"), time);
  const words = (schema: Schema) => schema.enum ?? (schema.anyOf as Schema[])[0]!.enum;
  const listOf = (schema: Schema) => schema.items as Schema;
  assert.deepEqual(words(of(listOf(of(Stream, "tracks", "video")), "hdr")), ["pq", "hlg"]);
  assert.deepEqual(words(of(Recording, "format")), ["flv", "mp4"]);
  assert.deepEqual(words(of(Recording, "state")), ["recording", "finished"]);
  assert.deepEqual(words(of(Recording, "source")), ["settings", "plugin", "publisher", "api"]);
  assert.deepEqual(words(of(Relay, "direction")), ["push", "pull"]);
  assert.deepEqual(words(of(Relay, "source")), [
    ...["settings", "plugin", "api", "origin", "cluster"],
  ]);
  assert.deepEqual(words(of(Relay, "state")), [
    "waiting",
    "connecting",
    "publishing",
    "playing",
    "retrying",
  ]);
  assert.deepEqual(words(of(Health, "status")), ["ok", "degraded", "draining"]);
  assert.deepEqual(of(Failure, "error", "code"), { type: "string", description: "a stable name" });
  assert.deepEqual(of(Failure, "error", "message").description, "for people; may change");
});

test("bounds of lists and numbers, functions and steps become what JSON Schema has for them", () => {
  const rows: [v.GenericSchema, unknown][] = [
    [v.null(), { type: "null" }],
    [v.boolean(), { type: "boolean" }],
    [v.unknown(), {}],
    [v.pipe(v.array(v.number()), v.minLength(1), v.maxLength(2)), {
      ...{ type: "array", items: { type: "number" }, minItems: 1, maxItems: 2 },
    }],
    [v.pipe(v.number(), v.minValue(1), v.maxValue(9)), {
      ...{ type: "number", minimum: 1, maximum: 9 },
    }],
    [v.pipe(v.number(), v.integer(), v.maxValue(9)), { type: "integer", maximum: 9 }],
    [v.pipe(v.string(), v.minValue("b"), v.maxValue("c")), { type: "string" }],
    [v.pipe(v.number(), v.finite()), { type: "number" }],
    [v.pipe(v.string(), v.description("a")), { type: "string", description: "a" }],
    [v.pipe(v.string(), v.description("a"), v.check(() => true, "b")), {
      ...{ type: "string", description: "a; b" },
    }],
    [v.pipe(v.string(), v.check(() => true)), { type: "string" }],
    [v.optional(v.number(), () => 1), { type: "number" }],
    [v.optional(v.number()), { type: "number" }],
    [v.object({}), { type: "object", properties: {} }],
    [v.record(v.string(), v.number()), {
      type: "object",
      propertyNames: { type: "string" },
      additionalProperties: { type: "number" },
    }],
  ];
  for (const [schema, json] of rows) assert.deepEqual(jsonSchemaOf(schema), json);
});
