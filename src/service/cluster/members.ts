/**
 * The nodes that are there, as they say of themselves.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import { readObject } from "./name_entry.ts";

/** Most nodes that are kept in mind. */
const MAX_MEMBERS = 10_000;

/** A node, for people. */
export interface Member {
  readonly node: string;
  readonly url: string;
  /** Names that it owns. */
  readonly streams: number;
}

/** Nodes that were heard of lately, this one included. */
export class Members {
  readonly #clock: Pick<Clock, "now">;
  readonly #keptMs: number;
  readonly #members = new Map<string, { readonly member: Member; readonly at: number }>();

  /** @param keptMs how long one is kept that says nothing (ms) */
  constructor(clock: Pick<Clock, "now">, keptMs: number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  /** A node said that it is there. */
  heard(text: string): void {
    const { key, node, url, streams } = readObject(text) ?? {};
    if (typeof key !== "string" || typeof node !== "string" || typeof url !== "string") return;
    if (this.#members.size >= MAX_MEMBERS && !this.#members.has(key)) return;
    const member = { node, url, streams: typeof streams === "number" ? streams : 0 };
    this.#members.set(key, { member, at: this.#clock.now() });
  }

  /** A node said that it leaves. */
  left(key: string): void {
    this.#members.delete(key);
  }

  /** All of them. */
  list(): Member[] {
    const oldest = this.#clock.now() - this.#keptMs;
    for (const [key, { at }] of this.#members) if (at < oldest) this.#members.delete(key);
    return [...this.#members.values()].map(({ member }) => member);
  }
}
