/** The document of the API: what validators and the app itself say of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import * as v from "valibot";
import { jsonSchemaOf } from "../../../src/http/openapi/json_schema.ts";
import { OPERATIONS } from "../../../src/http/openapi/operations.ts";
import { Failure, Health, Relay, Session, Stream } from "../../../src/http/openapi/views.ts";
import { httpApp } from "../../support/http_app.ts";
import { relayView, sessionView, streamView } from "../../support/server_view.ts";

async function documentOf() {
  const answer = await httpApp().ask("/openapi.json");
  assert.equal(answer.status, 200);
  return await answer.json() as { openapi: string; paths: Record<string, Record<string, unknown>> };
}

test("a validator of OpenAPI takes it for a document of 3.1", async () => {
  const document = await documentOf();
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  assert.deepEqual([valid, errors], [true, undefined]);
  assert.equal(validator.version, "3.1");
  const broken = { ...structuredClone(document), paths: { "/x": { get: { responses: 1 } } } };
  assert.equal((await new Validator().validate(broken)).valid, false);
});

test("every route of the API is in it, and nothing else is", async () => {
  const { app } = httpApp();
  const known = new Set<string>();
  for (const { method, path } of app.routes) {
    if (method === "ALL" || !path.startsWith("/api/v1/")) continue;
    const short = path.slice("/api/v1".length).replace(":path{.+}", "{app}/{name}")
      .replace(":id", "{id}");
    const data = method === "POST" && short.startsWith("/streams/");
    known.add(`${method.toLowerCase()} ${short}${data ? "/data" : ""}`);
  }
  // There where the server has them.
  for (const path of ["get /events", "get /state"]) known.add(path);
  const told = Object.entries((await documentOf()).paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`)
  );
  assert.deepEqual(told.sort(), [...known].sort());
  assert.equal(new Set(OPERATIONS.map(({ id }) => id)).size, OPERATIONS.length);
});

test("schemas become those of JSON, with bounds, and only what is known does", () => {
  const schema = v.strictObject({
    a: v.pipe(v.string(), v.minLength(1), v.maxLength(3), v.regex(/^x/)),
    b: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2)), 5),
    c: v.nullable(v.array(v.union([v.literal(1), v.picklist(["y", "z"])]))),
    d: v.pipe(v.string(), v.transform(Number), v.minValue(1)),
    e: v.optional(v.pipe(v.unknown(), v.check(() => true, "must be so"))),
  });
  assert.deepEqual(jsonSchemaOf(schema), {
    type: "object",
    properties: {
      a: { type: "string", minLength: 1, maxLength: 3, pattern: "^x" },
      b: { type: "integer", minimum: 2, default: 5 },
      c: {
        anyOf: [
          { type: "array", items: { anyOf: [{ const: 1 }, { enum: ["y", "z"] }] } },
          { type: "null" },
        ],
      },
      d: { type: "string" },
      e: { description: "must be so" },
    },
    required: ["a", "c", "d"],
    additionalProperties: false,
  });
  assert.throws(() => jsonSchemaOf(v.date()), TypeError);
  assert.throws(() => jsonSchemaOf(v.pipe(v.string(), v.email())), TypeError);
});

test("what the API answers is what its schemas say", async () => {
  const { ask, server } = httpApp();
  server.streams = [streamView("live", "cam")];
  server.sessions = [sessionView("s1")];
  server.relays = [relayView("r1")];
  const body = async (path: string) => await (await ask(`/api/v1${path}`)).json();
  v.parse(Stream, await body("/streams/live/cam"));
  v.parse(
    v.strictObject({ sessions: v.array(Session), total: v.number() }),
    await body("/sessions"),
  );
  v.parse(v.strictObject({ relays: v.array(Relay), total: v.number() }), await body("/relays"));
  v.parse(Health, await body("/health"));
  v.parse(Failure, await body("/nowhere"));
});
