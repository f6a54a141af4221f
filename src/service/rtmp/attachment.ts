/**
 * What a NetStream of ours is used for, as kept in its `attachment`.
 *
 * @module
 */
import type { NetStream, PlayRequest } from "../../core/rtmp/session/mod.ts";
import type { Player, Publisher, StreamKey } from "../../hub/mod.ts";
import type { PlayContext, PublishContext } from "../../plugin/mod.ts";
import type { OpenRecording } from "../../recordings/library.ts";
import type { PlayedPlace } from "../../recordings/played_file.ts";
import type { PendingSwitch } from "./pending_switch.ts";
import type { RecordedPlayer } from "./recorded_player.ts";

/**
 * The public name of what a NetStream publishes or plays: the one a plugin may have put in the place of
 * a secret one.
 */
export function publicNameOf({ attachment: use }: NetStream): string {
  const isKnown = use instanceof Publish || use instanceof Play || use instanceof RecordedPlay;
  return isKnown ? use.context.name : "";
}

/** It publishes. */
export class Publish {
  readonly publisher: Publisher;
  readonly context: PublishContext;
  /** When its last audio, video or data message came (ms). */
  mediaAt: number | undefined;

  constructor(publisher: Publisher, context: PublishContext) {
    this.publisher = publisher;
    this.context = context;
  }
}

/** It plays, or waits for a publisher. */
export class Play {
  readonly player: Player;
  readonly context: PlayContext;
  /** When it was let in (ms). */
  readonly since: number;
  /** Whether the stream was live for it, so that its name is known to others. */
  started = false;
  /** What is going to take its place, once that has a key frame. */
  pending: PendingSwitch | undefined;

  constructor(player: Player, context: PlayContext, since: number) {
    this.player = player;
    this.context = context;
    this.since = since;
  }
}

/** The recording that a play goes on with. */
export interface NextRecording {
  readonly recording: OpenRecording;
  readonly place: PlayedPlace;
  readonly request: PlayRequest;
  readonly context: PlayContext;
  readonly path: StreamKey;
}

/** It plays a recording. */
export class RecordedPlay {
  readonly player: RecordedPlayer;
  readonly recording: OpenRecording;
  readonly context: PlayContext;
  /** When it was let in (ms). */
  readonly since: number;
  /** What it goes on with, once it has come to its place. */
  next: NextRecording | undefined;
  /** What is live that is going to take its place, once that has a key frame. */
  pending: PendingSwitch | undefined;
  /** All of it was sent, and something is going to take its place. */
  isOver = false;

  constructor(
    player: RecordedPlayer,
    recording: OpenRecording,
    context: PlayContext,
    since: number,
  ) {
    this.player = player;
    this.recording = recording;
    this.context = context;
    this.since = since;
  }
}

/** What a NetStream plays, if that goes on. */
export function usedBy({ attachment, finished }: NetStream): Play | RecordedPlay | undefined {
  if (attachment instanceof Play) return attachment;
  return attachment instanceof RecordedPlay && !finished ? attachment : undefined;
}
