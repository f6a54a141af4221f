/**
 * The authentication of Flash Media Server as a client does it: the server refuses `connect` twice, each time
 * saying what the next one must have behind the application.
 *
 * @module
 */
import { md5 } from "../../core/bytes/md5.ts";

/** Who we are. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What to put behind the application next, or why that is of no use. */
export type AuthStep = { readonly query: string } | { readonly failed: string };

/**
 * What the refusal of a connect asks for; `undefined` when it is about something else.
 *
 * @param description of the refusal
 * @param tried whether the user was named already
 * @param challenge ours: hex digits by chance
 */
export function adobeAuthStep(
  description: string,
  { user, password }: Credentials,
  tried: boolean,
  challenge: string,
): AuthStep | undefined {
  if (!/authmod\s*=\s*\w/.test(description)) return undefined;
  if (!/authmod\s*=\s*adobe/.test(description)) {
    return { failed: "The server wants another authentication than authmod=adobe" };
  }
  const reason = parameter(description, "reason");
  if (reason === "authfailed") return { failed: "The server does not accept the password" };
  if (reason === "nosuchuser") return { failed: "The server does not know the user" };
  if (user === "") {
    return { failed: "The server wants a user and a password: put them into the URL" };
  }
  if (reason !== "needauth") {
    if (tried) return { failed: "The server does not say what it wants for authentication" };
    return { query: `authmod=adobe&user=${user}` };
  }
  const salt = parameter(description, "salt") ?? "";
  const theirs = parameter(description, "challenge") ?? "";
  const opaque = parameter(description, "opaque");
  const secret = digest(user + salt + password);
  const response = digest(secret + (opaque ?? theirs) + challenge);
  const query = `authmod=adobe&user=${user}&challenge=${challenge}&response=${response}`;
  return { query: opaque === undefined ? query : `${query}&opaque=${opaque}` };
}

/** A parameter of the query in a description: as it is, nothing is decoded. */
function parameter(description: string, name: string): string | undefined {
  return new RegExp(`[?&]${name}=([^&\\s\\]]*)`).exec(description)?.[1];
}

function digest(text: string): string {
  return btoa(String.fromCharCode(...md5(new TextEncoder().encode(text))));
}
