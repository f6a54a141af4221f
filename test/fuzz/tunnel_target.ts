/**
 * Feeds requests of RTMPT to a whole service: bodies of damaged sessions, in order or not, twice, never,
 * with numbers and paths of any kind.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readTunnelPath } from "../../src/core/rtmp/tunnel/request.ts";
import type { HttpAnswer, PlainRequest } from "../../src/ports.ts";
import { HttpBytes } from "../../src/ports.ts";
import { TunnelService } from "../../src/service/rtmpt/mod.ts";
import { Rig, settle } from "../support/rtmp_service.ts";
import { Dice } from "./dice.ts";
import { fuzzInput } from "./generator.ts";

const REMOTE = { hostname: "192.0.2.7", port: 5000 };
const PATHS = [
  ...["/open/1", "/open/x", "/fcs/ident2", "/send/", "/idle/x/1", "/close/0/0", "/send/%00/1"],
  ...["/idle/constructor/1", "/send/__proto__/99999999999", "//open/1", "/"],
];

/** A service that goes on from seed to seed. */
export class TunnelTarget {
  readonly #rig = new Rig({ reconnectWindowMs: 100_000, playWaitMs: 1_000_000 });
  readonly #service: TunnelService;
  #player = this.#rig.player("test");
  #ids = 0;
  #id = "";

  constructor() {
    this.#service = new TunnelService({
      runtime: {
        clock: this.#rig.clock,
        randomBytes: (length) => {
          const bytes = new Uint8Array(length);
          new DataView(bytes.buffer).setUint32(0, ++this.#ids);
          return bytes;
        },
      },
      hub: this.#rig.hub,
      accept: (tunnel, secure) =>
        this.#rig.service.accept(tunnel, { secure, tunnelled: true, inFlows: false }),
    });
  }

  /**
   * Feeds the requests of a seed. Returns how many they were.
   *
   * @throws AssertionError, or what the code under test threw, when something does not hold
   */
  async feed(seed: number): Promise<number> {
    const rig = this.#rig;
    if (rig.service.sessions.size === 0) this.#player = rig.player("test");
    const dice = new Dice(seed);
    const { bytes } = fuzzInput(seed);
    this.#id = this.#open();
    let sequence = dice.below(2);
    let requests = 1;
    let open = 0;
    let answered = 0;
    const late: (() => void)[] = [];
    const post = (path: string, body: Uint8Array) => {
      requests++;
      const send = () => {
        open++;
        this.#post(path, body, () => answered++);
      };
      if (dice.chance(0.9)) send();
      else late.push(send);
    };
    for (let at = 0; at < bytes.length;) {
      const size = 1 + dice.below(dice.chance(0.9) ? 200 : 4000);
      const part = bytes.slice(at, at += size);
      if (dice.chance(0.02)) post(dice.pick(PATHS), part);
      if (dice.chance(0.03)) post(this.#path("idle", dice.edge(32)), part);
      if (dice.chance(0.1)) post(this.#path("idle", sequence++), new Uint8Array(1));
      if (dice.chance(0.01)) post(this.#path("close", sequence + dice.below(4)), part);
      const path = this.#path("send", sequence++);
      post(path, part);
      if (dice.chance(0.03)) post(path, part);
      if (dice.chance(0.3)) late.splice(dice.below(late.length + 1), 1)[0]?.();
      if (dice.chance(0.2)) rig.clock.advance(dice.below(300));
    }
    for (const send of late) send();
    // Whoever waits for others, or for something to be said, is answered in the end.
    for (let turns = 0; turns < 50; turns++) {
      rig.clock.advance(1000);
      await settle();
    }
    assert.equal(answered, open, "each request has one answer");
    assert.equal(this.#service.size, 0, "sessions without requests end");
    assert.deepEqual(rig.faults, [], "no plugin and no session failed");
    for (const { reason } of rig.ends.splice(0)) assert.notEqual(reason, "internal");
    rig.takeTold();
    this.#player.messages.length = 0;
    this.#player.takeMessages();
    const left = [...rig.service.sessions.values()];
    assert.ok(left.every((one) => one === this.#player.session), "only the player is left");
    return requests;
  }

  #path(kind: string, sequence: number): string {
    return `/${kind}/${this.#id}/${sequence}`;
  }

  #open(): string {
    const request = new Request("http://127.0.0.1/open/1", {
      method: "POST",
      headers: { "Content-Length": "1" },
      body: new Uint8Array(1),
    });
    const answer = this.#service.handle(request, REMOTE) as HttpBytes;
    assert.equal(answer.status, 200);
    return new TextDecoder().decode(answer.chunks[0]).trim();
  }

  /** Posts as the server of HTTP does: what is plain without a `Request`, and the rest with one. */
  #post(path: string, body: Uint8Array, onAnswer: () => void): void {
    const request = {
      method: "POST",
      target: path,
      header: () => undefined,
      body: (take: (body: Uint8Array | undefined) => void) => take(body),
    } as unknown as PlainRequest;
    if (this.#service.plain(request, onAnswer) !== false) return;
    const asked = readTunnelPath(path);
    const answer = this.#service.handle(
      new Request(`http://127.0.0.1${path}`, {
        method: "POST",
        headers: { "Content-Length": `${body.length}` },
        body: new Uint8Array(body),
      }),
      REMOTE,
    );
    assert.equal(answer === undefined, asked === undefined);
    if (answer instanceof Promise) {
      void answer.then((one: HttpAnswer) => this.#check(one, onAnswer));
    } else if (answer !== undefined) this.#check(answer, onAnswer);
    else onAnswer();
  }

  #check(answer: HttpAnswer, onAnswer: () => void): void {
    assert.ok(answer instanceof HttpBytes);
    onAnswer();
  }
}
