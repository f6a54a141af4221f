/**
 * Streams of several tracks and their players, for the tests of both.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { AmfValue } from "../../../src/core/amf/mod.ts";
import { encodeEnhanced, FourCc, type ModEx } from "../../../src/core/media/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import type { WireMessage } from "../../support/chunks.ts";
import type { Rig, RigClient } from "../../support/rtmp_service.ts";
import { hex } from "../../support/scripted_client.ts";

export const { Audio, Video } = MessageType;

/** A client that plays, and said this of itself in connect. */
export function player(rig: Rig, name: string, more: Record<string, AmfValue> = {}): RigClient {
  const client = rig.client().shake();
  client.connect("live", more);
  client.command(0, "createStream", 2, null);
  client.play(1, name);
  return client;
}

/** A message as a line: its type and its bytes, of a long one the first, the length and a digest. */
export function line(
  { type, payload }: { readonly type: number; readonly payload: Uint8Array },
): string {
  if (payload.length <= 32) return `${type} ${hex(payload)}`;
  const digest = createHash("sha256").update(payload).digest("hex").slice(0, 16);
  return `${type} ${hex(payload.subarray(0, 12))} ${payload.length} ${digest}`;
}

export const lines = (messages: readonly { type: number; payload: Uint8Array }[]) =>
  messages.map(line);

/** Media that a client was sent since the last call. */
export function sent(client: RigClient): string[] {
  return lines(client.takeMessages().filter(({ type }) => type === Audio || type === Video));
}

export function send(publisher: RigClient, messages: readonly WireMessage[]): void {
  for (const { type, timestamp, payload } of messages) {
    publisher.message(type, 1, timestamp, payload);
  }
}

export const concat = (...parts: Iterable<number>[]) =>
  Uint8Array.from(parts.flatMap((x) => [...x]));

/**
 * Track `id` of messages of which each holds one track, by the letter of the specification: what has
 * a multitrack header loses it, H.264 and AAC also their FourCC where `legacy` says so.
 */
export function trackOf(
  messages: readonly WireMessage[],
  id: number,
  legacy: boolean,
): WireMessage[] {
  return messages.flatMap((message) => {
    const { type, payload } = message;
    const isVideo = type === Video;
    const multitrack = isVideo
      ? payload[0]! >= 0x80 && (payload[0]! & 15) === 6
      : payload[0] === 0x95;
    if (!multitrack) return id === 0 ? [message] : [];
    assert.equal(payload[1]! >> 4, 0, "one track");
    if (payload[6] !== id) return [];
    const packetType = payload[1]! & 15;
    const fourCc = String.fromCharCode(...payload.subarray(2, 6));
    const body = payload.subarray(7);
    let unwrapped = concat([(payload[0]! & 0xf0) | packetType], payload.subarray(2, 6), body);
    if (legacy && fourCc === "avc1") {
      const first = payload[0]! & 0x70 | 7;
      const head = { 0: [0, 0, 0, 0], 1: [1], 2: [2, 0, 0, 0], 3: [1, 0, 0, 0] }[packetType];
      if (head === undefined) return [];
      unwrapped = concat([first, ...head], body);
    } else if (legacy && fourCc === "mp4a") {
      if (packetType > 1) return [];
      unwrapped = concat([0xaf, packetType], body);
    }
    return [{ ...message, payload: unwrapped }];
  });
}

/** A message of several tracks in one of the three forms; bodies are told by their last byte. */
export function multitrack(
  packetType: number,
  frameType: number,
  form: number,
  tracks: readonly { id: number; fourCc?: number; body: readonly number[] }[],
  modEx: readonly ModEx[] = [],
): Uint8Array {
  return encodeEnhanced({
    kind: "video",
    frameType,
    packetType,
    modEx,
    form,
    tracks: tracks.map(({ id, fourCc = FourCc.Hevc, body }) => ({
      id,
      fourCc,
      body: Uint8Array.from(body),
    })),
  });
}

export const video = (...bytes: number[]) => line({ type: Video, payload: Uint8Array.from(bytes) });
