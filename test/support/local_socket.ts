/**
 * Requests of HTTP to a socket of the file system, for tests.
 *
 * @module
 */
import { request, type RequestOptions } from "node:http";
import { within } from "./deadline.ts";

/** What was answered. */
export interface LocalAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks; rejects where nobody listens. */
export function askLocal(
  socketPath: string,
  path: string,
  { body, ...options }: RequestOptions & { readonly body?: Uint8Array } = {},
): Promise<LocalAnswer> {
  const asked = new Promise<LocalAnswer>((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const asking = request({ method, ...options, socketPath, path, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => text += part);
      answer.on("error", reject).on("end", () => resolve({ status: answer.statusCode!, text }));
    });
    asking.on("error", reject).end(body);
  });
  return within(asked, `an answer at ${socketPath}`);
}
