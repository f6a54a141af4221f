/**
 * An event on its way to an endpoint.
 *
 * @module
 */

/** What is sent, as often as it takes: always under the same id. */
export interface WebhookEvent {
  /** Unique among all servers. */
  readonly id: string;
  /** Events of one key arrive in their order. */
  readonly key: string;
  /** When it happened (ms since 1970). */
  readonly at: number;
  /** Where it goes. */
  readonly url: string;
  /** Media type of the body. */
  readonly type: string;
  readonly body: string;
}

/** What the queue counts an event as (bytes), about. */
export function bytesOf({ key, url, body }: WebhookEvent): number {
  return 2 * (key.length + url.length + body.length) + 256;
}
