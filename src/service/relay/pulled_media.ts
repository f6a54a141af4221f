/**
 * What was pulled, on its way into the hub: the pull is the publisher of its stream.
 *
 * @module
 */
import { parseDataMessage } from "../../core/rtmp/session/data_message.ts";
import {
  FrameKind,
  type Hub,
  type Publisher,
  type PublisherInfo,
  type RevokeReason,
  type StreamKey,
} from "../../hub/mod.ts";
import { REFUSALS } from "../refusals.ts";

/** The publishing half of a pull. */
export class PulledMedia {
  readonly #hub: Hub;
  readonly #key: StreamKey;
  readonly #onRevoked: (reason: RevokeReason) => void;
  readonly #onFault: (error: unknown) => void;
  #publisher: Publisher | undefined;
  /** Another source is about to take over from the one before. */
  #renewing = false;
  #pushed = false;

  /** `onRevoked` is told that the stream was taken away, in the middle of what somebody else does. */
  constructor(
    hub: Hub,
    key: StreamKey,
    onRevoked: (reason: RevokeReason) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#hub = hub;
    this.#key = key;
    this.#onRevoked = onRevoked;
    this.#onFault = onFault;
  }

  /** Whether it has the stream. */
  get active(): boolean {
    return this.#publisher?.active === true;
  }

  /**
   * A source begins: takes the name, or goes on with it as another publisher would, so that nothing of the source
   * before is mixed with it. Players stay.
   *
   * @returns why not
   */
  begin(info: PublisherInfo, now: number): string | undefined {
    const { registry } = this.#hub;
    const before = this.active ? this.#publisher : undefined;
    if (before === undefined && registry.get(this.#key)?.publisher !== undefined) {
      return REFUSALS.taken;
    }
    this.#renewing = before !== undefined;
    try {
      const publisher = registry.publish(
        this.#key,
        info,
        {
          onRevoked: (reason) => {
            if (!this.#renewing) this.#onRevoked(reason);
          },
          onFault: this.#onFault,
        },
        now,
        before,
      );
      if (typeof publisher === "string") return REFUSALS[publisher];
      this.#publisher = publisher;
      return undefined;
    } finally {
      this.#renewing = false;
    }
  }

  /** Media of the source. */
  push(type: number, timestamp: number, payload: Uint8Array, now: number): void {
    const publisher = this.#publisher;
    if (publisher === undefined) return;
    this.#pushed = true;
    if (type !== FrameKind.Data) return publisher.push(type, timestamp, payload, now);
    const message = parseDataMessage(FrameKind.Data, payload);
    // What a server says to its players about itself is none of the stream.
    if (message === undefined || message.handler.startsWith("|")) return;
    if (message.action === "set") {
      publisher.setData(message.handler, timestamp, message.payload.slice(), now);
    } else if (message.action === "clear") publisher.clearData(message.handler);
    else publisher.push(type, timestamp, message.payload, now);
  }

  /** All of what came at once was pushed. */
  letOut(now: number): void {
    if (!this.#pushed || this.#publisher === undefined) return;
    this.#pushed = false;
    this.#hub.pushed(this.#publisher.stream, now);
  }

  /** Gives the name up; `lost`: players wait for it as for a publisher that was lost. */
  end(now: number, lost: boolean): void {
    const publisher = this.#publisher;
    this.#publisher = undefined;
    if (publisher !== undefined) this.#hub.registry.unpublish(publisher, now, lost);
  }
}

/** Why a pull lost its stream, for people. */
export const REVOKED: Record<RevokeReason, { readonly message: string }> = {
  replaced: { message: "Another publisher has taken over." },
  kicked: { message: "The stream was ended by the operator." },
  shutdown: { message: "The server is shutting down." },
  "no-memory": { message: "The server has no memory left for this stream." },
};
