/**
 * What every RTMP session of one server shares.
 *
 * @module
 */
import type { Faults } from "../../faults.ts";
import type { AssemblyBudget } from "../../core/rtmp/chunk/assembly_budget.ts";
import type { Hub } from "../../hub/mod.ts";
import type { PluginRunner } from "../../plugin/mod.ts";
import type { Runtime } from "../../ports.ts";
import type { RecordingLibrary } from "../../recordings/library.ts";
import type { SharedObjectKeeper } from "../../shared_objects/mod.ts";
import type { LimitedLog } from "../limited_log.ts";
import type { AdmissionSettings, Evictable } from "../admission.ts";
import type { PublishRecorder } from "../publish_recorder.ts";
import type { Endable } from "./end_queue.ts";
import type { PublishRelay } from "../relay/publish_relay.ts";
import type { DeadlineSettings } from "./deadlines.ts";
import type { RtmpEncoders } from "./frame_encoder.ts";
import type { LimitSettings } from "./limits.ts";
import type { Logins } from "./logins.ts";
import type { RecordedShare } from "./recorded_player.ts";
import type { PumpQueue } from "./pump_queue.ts";
import type { Takeovers } from "./takeovers.ts";
import type { Turns } from "./turns.ts";

/** The settings an RTMP session reads; see the configuration table. */
export interface RtmpSettings extends AdmissionSettings, DeadlineSettings, LimitSettings {
  readonly chunkSize: number;
  readonly windowAckSize: number;
  readonly maxStreamsPerConnection: number;
  readonly typeThreeDelta: "timestamp" | "zero";
  /** Whether clients that ask for RTMPE get it. */
  readonly rtmpe: "allow" | "refuse";
  readonly publishPolicy: "replace" | "reject";
  readonly playWaitMs: number;
  readonly sharedObjects: boolean;
  readonly maxSharedObjects: number;
  readonly maxSharedObjectsPerApp: number;
  readonly maxSharedObjectsPerConnection: number;
  readonly maxSharedObjectBytes: number;
  readonly maxSharedObjectProperties: number;
  readonly maxPendingCalls: number;
  readonly callTimeoutMs: number;
}

/** What every RTMP session of one server shares. */
export interface RtmpContext {
  readonly config: RtmpSettings;
  readonly runtime: Pick<Runtime, "clock" | "randomBytes">;
  /** Whether one more client may get RTMPE now. */
  readonly encrypts: () => boolean;
  /** Random bytes for one handshake. */
  readonly handshakeRandom: () => Uint8Array;
  readonly hub: Hub;
  readonly plugins: PluginRunner;
  readonly encoders: RtmpEncoders;
  /** Memory for what is not yet read, of all sessions together. */
  readonly assembly: AssemblyBudget;
  /** Writes to many clients at once go through it. */
  readonly pumps: PumpQueue;
  /** The time that is spent on what clients send. */
  readonly turns: Turns;
  readonly faults: Faults;
  /** `undefined` when there is no folder of media. */
  readonly recordings: RecordingLibrary | undefined;
  /** What those who play them share; the same. */
  readonly recorded: RecordedShare | undefined;
  /** The same. */
  readonly recorder: PublishRecorder | undefined;
  /** Pushes what is published elsewhere. */
  readonly relay: PublishRelay | undefined;
  /** This server's own id, for loops of relays. */
  readonly ownId: string;
  /** What other nodes of the cluster show; `undefined` where this server is none. */
  readonly nodePass: string | undefined;
  /** `undefined` when clients may use none. */
  readonly sharedObjects: SharedObjectKeeper | undefined;
  /** Why connections end, as far as peers are the cause. */
  readonly endings: LimitedLog;
  /**
   * Asks the session that publishes for a sign of life; resolves when it gave one, or is gone.
   * `undefined` when there is nobody to ask.
   */
  probe(sessionId: string, now: number): Promise<void> | undefined;
  readonly takeovers: Takeovers;
  /** Has clients prove who they are. */
  readonly logins: Logins;
  /** Ends it in a turn of its own: see `EndQueue`. */
  endLater(end: Endable): void;
  /** A session was let publish or play. */
  onServed(session: Evictable): void;
  /** Called once, when a session's connection is gone. */
  onGone(sessionId: string): void;
}
