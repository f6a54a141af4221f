/**
 * Tells every now and then who is still there, and ends those of whom the endpoint says that they are not to go
 * on. What does not arrive is not tried again: the next round tells the same.
 *
 * @module
 */
import type { PluginServer } from "../../src/plugin/api.ts";
import type { WebhookClock, WebhookTimer } from "./clock.ts";
import type { Message, Updates } from "./modes/mode.ts";
import type { PostAnswer } from "./post.ts";

/** Requests on their way at once. */
const AT_ONCE = 8;

/** What rounds are made with. */
export interface UpdateRoundOptions {
  readonly updates: Updates;
  readonly clock: WebhookClock;
  /** Sends one. */
  deliver(message: Message): Promise<PostAnswer>;
}

/** Rounds, while a server runs. */
export class UpdateRound {
  readonly #options: UpdateRoundOptions;
  #timer: WebhookTimer | undefined;
  #server: PluginServer | undefined;

  /** None is made yet. */
  constructor(options: UpdateRoundOptions) {
    this.#options = options;
  }

  /** Begins. */
  start(server: PluginServer): void {
    this.#server = server;
    this.#next();
  }

  /** Makes no more. */
  stop(): void {
    this.#server = undefined;
    this.#timer?.cancel();
  }

  #next(): void {
    const { clock, updates } = this.#options;
    this.#timer = clock.after(updates.everyMs, () => {
      // The next one waits for this one.
      void this.#round().finally(() => {
        if (this.#server !== undefined) this.#next();
      });
    });
  }

  async #round(): Promise<void> {
    const { updates, deliver } = this.#options;
    const messages = [...updates.messages(this.#server?.sessions() ?? [])];
    const work = async () => {
      for (let each = messages.pop(); each !== undefined; each = messages.pop()) {
        if (this.#server === undefined) return;
        try {
          const answer = await deliver(each);
          if (!updates.goesOn(answer)) this.#server?.endSession(each.session);
        } catch {
          // It is not there: as in nginx-rtmp, that ends nobody.
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
}
