/**
 * Addresses of servers of NATS, with what they are entered with.
 *
 * @module
 */

/** What the client of NATS is told. */
export interface NatsServers {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly tls?: Record<string, never>;
}

/** Reads one address; `undefined` for what is none. */
export function readNatsUrl(text: string): URL | undefined {
  if (!/^(?:nats|tls):\/\/[^/]/i.test(text)) return undefined;
  try {
    const url = new URL(text.replace(/^\w+:/, "http:"));
    return url.pathname === "/" && url.search === "" && url.hash === "" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** What addresses say; user and password are those of the first that has any, a user alone is a token. */
export function readNatsUrls(texts: readonly string[]): NatsServers {
  const urls = texts.flatMap((text) => readNatsUrl(text) ?? []);
  const named = urls.find(({ username }) => username !== "");
  const user = decodeURIComponent(named?.username ?? "");
  const pass = decodeURIComponent(named?.password ?? "");
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`),
    ...(user === "" ? {} : pass === "" ? { token: user } : { user, pass }),
    ...(texts.some((text) => /^tls:/i.test(text)) ? { tls: {} } : {}),
  };
}
