/**
 * The API for clients with types: made of the same operations as the document.
 *
 * ```ts
 * const api = apiClient("http://127.0.0.1:8080", token);
 * const { streams } = await (await api.streams.$get({ query: {} })).json();
 * ```
 *
 * @module
 */
import type { Hono } from "hono";
import { hc } from "hono/client";
import type * as v from "valibot";
import type { OPERATIONS } from "./operations.ts";

type Any = (typeof OPERATIONS)[number];

/** Parameters of a path. */
type ParamsOf<P extends string> = P extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | ParamsOf<`/${Rest}`>
  : P extends `${string}/:${infer Name}` ? Name
  : never;

type InputOf<O extends Any> =
  & ([ParamsOf<O["path"]>] extends [never] ? unknown
    : { param: { [K in ParamsOf<O["path"]>]: string } })
  & (O extends { query: infer Q extends v.GenericSchema } ? { query: v.InferInput<Q> } : unknown)
  & (O extends { body: infer B extends v.GenericSchema } ? { json: v.InferInput<B> } : unknown);

type OutputOf<O extends Any> = O extends { answer: infer A }
  ? A extends v.GenericSchema ? { output: v.InferOutput<A>; outputFormat: "json" }
  : { output: string; outputFormat: "text" }
  : { output: null; outputFormat: "body" };

/** The operations as Hono knows routes. */
export type ApiSchema = {
  [P in Any["path"]]: {
    [O in Extract<Any, { path: P }> as `$${O["method"]}`]:
      & { input: InputOf<O>; status: O["status"] }
      & OutputOf<O>;
  };
};

/** The API, for `hc` of `hono/client`. */
export type SluiceApi = Hono<Record<string, never>, ApiSchema>;

/** A client of the API of the server at `url`; `ask` is `fetch` unless told otherwise. */
export function apiClient(
  url: string,
  token?: string,
  ask?: typeof fetch,
): ReturnType<typeof hc<SluiceApi>> {
  return hc<SluiceApi>(`${url.replace(/\/$/, "")}/api/v1`, {
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
    ...(ask !== undefined && { fetch: ask }),
  });
}
