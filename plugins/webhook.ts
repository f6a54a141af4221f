/**
 * Asks a web service who may connect, publish and play, and tells it what happens: in JSON, signed, or as
 * nginx-rtmp or SRS would, so that who comes from there keeps the service.
 *
 * A client is let in only when the service says so in time. Events are queued, tried until they arrive and, with
 * a folder, kept over a restart; they may arrive twice, under the same id.
 *
 * Set by `SLUICE_PLUGIN_WEBHOOK`, JSON or the path of a file of it, as `docs/webhooks.md` has it.
 *
 * @module
 */
import {
  type Awaitable,
  checkOptions,
  definePlugin,
  type Plugin,
  type PluginFactory,
  type PluginServer,
  type PublishVerdict,
  readOptions,
  refuse,
} from "../src/plugin/api.ts";
import { VERSION } from "../src/version.ts";
import { MACHINE_CLOCK, type WebhookClock } from "./webhook/clock.ts";
import { Busy, Decider } from "./webhook/decider.ts";
import { Events } from "./webhook/events.ts";
import { JsonMode } from "./webhook/modes/json.ts";
import type { Asked, Mode, Question, Told, ToldHook } from "./webhook/modes/mode.ts";
import { type NginxCall, NginxMode } from "./webhook/modes/nginx_rtmp.ts";
import { type SrsCall, SrsMode } from "./webhook/modes/srs.ts";
import { type CompleteOptions, type WebhookOptions, WebhookShape } from "./webhook/options.ts";
import { type Post, post, type PostAnswer, type Poster, problemOf } from "./webhook/post.ts";
import { Signer } from "./webhook/sign.ts";
import { UpdateRound } from "./webhook/update_round.ts";

export type { WebhookOptions };

/** What of its surroundings the plugin uses, which tests replace. */
export interface WebhookSurroundings {
  readonly clock?: WebhookClock;
  readonly random?: () => number;
  readonly post?: Poster;
  /** Is told what goes wrong with events. */
  readonly log?: (line: string) => void;
}

/** Makes the plugin. @throws {Error} naming every mistake in the options */
export function webhook(given: WebhookOptions, surroundings: WebhookSurroundings = {}): Plugin {
  return make(checkOptions(WebhookShape, given, "webhook"), surroundings);
}

/** Makes the plugin of `SLUICE_PLUGIN_WEBHOOK`. @throws {Error} naming every mistake */
const fromEnvironment: PluginFactory = (env) => make(readOptions("webhook", WebhookShape, env), {});
export default fromEnvironment;

function make(options: CompleteOptions, surroundings: WebhookSurroundings): Plugin {
  const {
    clock = MACHINE_CLOCK,
    random = Math.random,
    post: send = post,
    log = console.error,
  } = surroundings;
  const mode = modeOf(options, clock);
  const signer = new Signer(options.secrets);
  const decider = new Decider({ clock, random, timeoutMs: options.decisionMs });

  /** Sends a message, signed. */
  async function deliver(
    message: Pick<Post, "url" | "body"> & { readonly type: string },
    id: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<PostAnswer> {
    const signed = await signer.headers(id, Math.floor(clock.wall() / 1000), message.body);
    const headers = { "content-type": message.type, "user-agent": `Sluice/${VERSION}`, ...signed };
    return await send({ ...message, headers, timeoutMs, ...(signal && { signal }) });
  }

  const events = new Events({
    ...{ options, clock, random, deliver, log },
    anyAnswer: mode.anyAnswer === true,
    lost: mode.lost?.bind(mode),
  });
  const updates = mode.updates && new UpdateRound({
    updates: mode.updates,
    clock,
    deliver: (message) => deliver(message, crypto.randomUUID(), options.eventMs),
  });

  /** Asks the service, if it is to be asked about this client. */
  function decide(question: Question, context: Asked): Awaitable<PublishVerdict> {
    const stamp = { id: crypto.randomUUID(), at: clock.wall() };
    const message = mode.ask(question, context, stamp);
    return message && answerTo(question, context, message, stamp.id);
  }

  async function answerTo(
    question: Question,
    context: Asked,
    message: NonNullable<ReturnType<Mode["ask"]>>,
    id: string,
  ): Promise<PublishVerdict> {
    let answer: PostAnswer;
    try {
      answer = await decider.ask((timeoutMs) => deliver(message, id, timeoutMs));
    } catch (error) {
      // No fault of the service: clients come faster than it answers.
      if (error instanceof Busy) return refuse("Too many clients at once, try again");
      // This is a fault, which the log and `/health` tell of; the client learns nothing.
      throw new Error(
        error instanceof Error && error.name === "Error" ? error.message : problemOf(error),
      );
    }
    return mode.read(question, answer, context);
  }

  function tell<H extends ToldHook>(hook: H) {
    return (context: Told[H]) => {
      const stamp = { id: crypto.randomUUID(), at: clock.wall() };
      mode.tell(hook, context, stamp).forEach((note, index) => {
        events.add(note, index === 0 ? stamp : { ...stamp, id: crypto.randomUUID() });
      });
    };
  }

  let server: PluginServer | undefined;
  return definePlugin({
    name: "webhook",
    ...mode.asks("connect") && {
      onConnect: (context) => decide("connect", context) as Awaitable<undefined>,
    },
    ...mode.asks("publish") && { onPublish: (context) => decide("publish", context) },
    ...mode.asks("play") && {
      onPlay: (context) => decide("play", context) as Awaitable<undefined>,
    },
    ...mode.tells("onLive") && { onLive: tell("onLive") },
    ...mode.tells("onEnded") && { onEnded: tell("onEnded") },
    ...mode.tells("onUnpublish") && { onUnpublish: tell("onUnpublish") },
    ...mode.tells("onPlayEnd") && { onPlayEnd: tell("onPlayEnd") },
    ...mode.tells("onDisconnect") && { onDisconnect: tell("onDisconnect") },
    ...mode.tells("onRecorded") && { onRecorded: tell("onRecorded") },
    ...mode.tells("onRecordFailed") && { onRecordFailed: tell("onRecordFailed") },
    async start(given) {
      server = given;
      await events.start();
      updates?.start(server);
    },
    async stop() {
      server = undefined;
      updates?.stop();
      await events.stop();
    },
  });
}

function modeOf(options: CompleteOptions, clock: WebhookClock): Mode {
  const { url = "", eventsUrl = url, calls, updateMs } = options;
  switch (options.mode) {
    case "json":
      return new JsonMode({
        url,
        eventsUrl,
        decisions: new Set(options.decide),
        events: new Set(options.events),
      });
    case "nginx-rtmp": {
      const urls = calls as Partial<Record<NginxCall, string>>;
      return new NginxMode({ urls, updateMs, wall: () => clock.wall() });
    }
    case "srs": {
      const urls = calls as Partial<Record<SrsCall, string>>;
      const id = () => crypto.randomUUID().slice(0, 8);
      return new SrsMode({ urls, serverId: `vid-${id()}`, serviceId: id() });
    }
  }
}
