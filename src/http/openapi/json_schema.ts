/**
 * JSON Schema 2020-12 of the schemas of valibot that requests and answers have. Only what they are made of is
 * known; anything else throws, which a test finds. What only code can check is said in words.
 *
 * @module
 */
import type * as v from "valibot";

/** A schema as JSON. */
export type JsonSchema = { readonly [key: string]: unknown };

/** What there is of a schema of valibot at run time. */
interface SchemaView {
  readonly type: string;
  readonly wrapped?: SchemaView;
  readonly item?: SchemaView;
  readonly key?: SchemaView;
  readonly value?: SchemaView;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
  readonly entries?: Readonly<Record<string, SchemaView>>;
  readonly default?: unknown;
  readonly pipe?: readonly ActionView[];
}

/** A step of a pipe. */
interface ActionView extends SchemaView {
  readonly kind: string;
  readonly requirement?: unknown;
  readonly message?: unknown;
  readonly description?: string;
}

/** What a client may send where `schema` validates. @throws {TypeError} for what is not known */
export function jsonSchemaOf(schema: v.GenericSchema): JsonSchema {
  return convert(schema as unknown as SchemaView);
}

function convert(schema: SchemaView): JsonSchema {
  let result: JsonSchema = base(schema);
  for (const action of schema.pipe?.slice(1) ?? []) {
    // What it becomes behind that is not sent any more.
    if (action.type === "transform") break;
    result = { ...result, ...refine(action, result) };
  }
  return result;
}

function base(schema: SchemaView): JsonSchema {
  switch (schema.type) {
    case "string":
    case "number":
    case "boolean":
      return { type: schema.type };
    case "unknown":
      return {};
    case "null":
      return { type: "null" };
    case "literal":
      return { const: schema.literal };
    case "picklist":
      return { enum: schema.options };
    case "nullable":
      return { anyOf: [convert(schema.wrapped!), { type: "null" }] };
    case "optional": {
      const inner = convert(schema.wrapped!);
      const { default: fallback } = schema;
      return fallback === undefined || typeof fallback === "function"
        ? inner
        : { ...inner, default: fallback };
    }
    case "array":
      return { type: "array", items: convert(schema.item!) };
    case "union":
      return { anyOf: schema.options!.map((option) => convert(option as SchemaView)) };
    case "record":
      return {
        type: "object",
        propertyNames: convert(schema.key!),
        additionalProperties: convert(schema.value!),
      };
    case "object":
    case "strict_object": {
      const entries = Object.entries(schema.entries!);
      const required = entries.filter(([, { type }]) => type !== "optional").map(([name]) => name);
      return {
        type: "object",
        properties: Object.fromEntries(entries.map(([name, entry]) => [name, convert(entry)])),
        ...(required.length > 0 && { required }),
        ...(schema.type === "strict_object" && { additionalProperties: false }),
      };
    }
    default:
      throw new TypeError(`There is no JSON schema of a ${schema.type}`);
  }
}

function refine(action: ActionView, sofar: JsonSchema): JsonSchema {
  const { type, requirement } = action;
  const of = (text: string, list: string) => ({
    [sofar.type === "array" ? list : text]: requirement,
  });
  switch (type) {
    case "min_length":
      return of("minLength", "minItems");
    case "max_length":
      return of("maxLength", "maxItems");
    case "min_value":
      return sofar.type === "number" || sofar.type === "integer" ? { minimum: requirement } : {};
    case "max_value":
      return sofar.type === "number" || sofar.type === "integer" ? { maximum: requirement } : {};
    case "integer":
      return { type: "integer" };
    case "finite":
      return {}; // JSON has no other numbers.
    case "regex":
      return { pattern: (requirement as RegExp).source };
    case "description":
      return { description: action.description };
    case "check": {
      const { message } = action;
      if (typeof message !== "string") return {};
      const before = typeof sofar.description === "string" ? `${sofar.description}; ` : "";
      return { description: before + message };
    }
    default:
      throw new TypeError(`There is no JSON schema of the step ${type}`);
  }
}
