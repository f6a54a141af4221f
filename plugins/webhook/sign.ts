/**
 * Signs requests as the Standard Webhooks specification has it, so that its libraries can verify them:
 * HMAC-SHA-256 over `<id>.<seconds>.<body>`.
 *
 * @module
 */

/** What begins a secret that is base64. */
const PREFIX = "whsec_";

/** Signs what is sent. */
export class Signer {
  readonly #keys: readonly Promise<CryptoKey>[];

  /**
   * @param secrets the UTF-8 bytes of each are a key, or what is behind `whsec_` in base64. While a secret is
   * changed there are two, and who verifies takes a request that one of them has signed.
   */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map((secret) =>
      crypto.subtle.importKey("raw", keyBytes(secret), { name: "HMAC", hash: "SHA-256" }, false, [
        "sign",
      ])
    );
  }

  /** The headers of one request, of which `body` is sent. `seconds` are since 1970. */
  async headers(id: string, seconds: number, body: string): Promise<Record<string, string>> {
    const signatures = await Promise.all(this.#keys.map(async (key) => {
      const text = new TextEncoder().encode(`${id}.${seconds}.${body}`);
      return `v1,${base64(new Uint8Array(await crypto.subtle.sign("HMAC", await key, text)))}`;
    }));
    return {
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
    };
  }
}

/** What is expected in place of a text that cannot be a secret; `undefined` when it can. */
export function secretMistake(secret: string): string | undefined {
  if (!secret.startsWith(PREFIX)) {
    return secret.length < 16 ? "16 characters or more" : undefined;
  }
  try {
    return atob(secret.slice(PREFIX.length)).length < 16 ? "16 bytes or more" : undefined;
  } catch {
    return "base64 behind whsec_";
  }
}

function keyBytes(secret: string): Uint8Array<ArrayBuffer> {
  if (!secret.startsWith(PREFIX)) return new TextEncoder().encode(secret);
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (letter) => letter.charCodeAt(0));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
