/**
 * Feeds an input to a whole RTMP service on a fake clock, while somebody plays what it may publish.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Rig, settle } from "../support/rtmp_service.ts";

const ALL = { limit: Infinity, offset: 0 };

/** One service that many inputs go to, one client each. */
export class ServiceTarget {
  readonly #rig = new Rig({ reconnectWindowMs: 100_000, playWaitMs: 1_000_000 });
  #player = this.#rig.player("test");
  /** What the control API would show. */
  readonly #view = this.#rig.view();

  /**
   * Feeds `segments`; the client then hangs up.
   *
   * @throws AssertionError when the service met an error of its own, or kept something
   */
  async feed(segments: readonly Uint8Array[]): Promise<void> {
    // Whose stream was ended for good, and who asks for nothing more, is closed.
    if (this.#rig.service.sessions.size === 0) this.#player = this.#rig.player("test");
    const client = this.#rig.client();
    for (const segment of segments) client.connection.deliver(segment);
    this.#rig.clock.advance(20);
    JSON.stringify([
      [...this.#view.listStreams(ALL).items],
      [...this.#view.listSessions(ALL).items],
      this.#view.health(),
    ]);
    client.connection.hangUp();
    await settle();
    this.#player.messages.length = 0;
    this.#player.takeMessages();
    assert.deepEqual(this.#rig.faults, [], "no plugin and no session failed");
    for (const { reason } of this.#rig.ends.splice(0)) assert.notEqual(reason, "internal");
    this.#rig.takeTold();
    const left = [...this.#rig.service.sessions.values()];
    assert.ok(left.every((session) => session === this.#player.session), "only the player is left");
  }
}
