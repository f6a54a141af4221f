/**
 * A chunk writer for tests that knows nothing of the one in `src/`. Its choices are the caller's
 * dice: header types among those allowed, interleaving, chunk sizes, forms of the basic header,
 * extended timestamps left out of continuation chunks, Aborts.
 *
 * @module
 */

import type { Seen } from "./harness.ts";
import { hex } from "./harness.ts";

/** One message to send. */
export interface Planned {
  csid: number;
  type: number;
  msid: number;
  time: number;
  payload: Uint8Array;
}

interface Channel {
  queue: Planned[];
  /** The last header sent. */
  last?: Planned;
  /** What type 3 adds to the time, and the 32-bit field it repeats. */
  step: number;
  wide?: number;
  /** Payload bytes sent of the message under way, which is the head of the queue. */
  sent?: number;
}

/** Sends every message and returns the bytes with the messages a reader must see, in order. */
export function interleave(
  plan: Planned[],
  dice: (sides: number) => number,
): { wire: Uint8Array; expected: Seen[]; aborted: number } {
  const wire: number[] = [];
  const expected: Seen[] = [];
  const channels = new Map<number, Channel>();
  let chunkSize = 128;
  let aborted = 0;
  for (const message of plan) {
    const channel = channels.get(message.csid) ?? { queue: [], step: 0 };
    channel.queue.push(message);
    channels.set(message.csid, channel);
  }

  function big(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) wire.push(Math.floor(value / 256 ** i) % 256);
  }

  function basic(format: number, csid: number): void {
    const top = format * 64;
    if (csid < 64) wire.push(top + csid);
    else if (csid < 320 && dice(2) === 0) wire.push(top, csid - 64);
    else wire.push(top + 1, (csid - 64) % 256, Math.floor((csid - 64) / 256));
  }

  function control(type: number, value: number): void {
    const payload = value.toString(16).padStart(8, "0");
    wire.push(2, 0, 0, 0, 0, 0, 4, type, 0, 0, 0, 0);
    for (let i = 0; i < 4; i++) {
      if (i > 0 && i % chunkSize === 0) wire.push(0xc2);
      wire.push(parseInt(payload.slice(2 * i, 2 * i + 2), 16));
    }
    expected.push({ type, messageStreamId: 0, timestamp: 0, chunkStreamId: 2, payload });
  }

  function header(channel: Channel, message: Planned): void {
    const { last } = channel;
    const delta = last === undefined ? 0 : (message.time - last.time + 2 ** 32) % 2 ** 32;
    const allowed = [0];
    if (last !== undefined && last.msid === message.msid) {
      allowed.push(1, 1);
      if (last.payload.length === message.payload.length && last.type === message.type) {
        allowed.push(2, 2);
        if (delta === channel.step) allowed.push(3, 3, 3, 3, 3, 3);
      }
    }
    const format = allowed[dice(allowed.length)];
    const field = format === 0 ? message.time : delta;
    basic(format, message.csid);
    if (format < 3) {
      channel.step = field;
      channel.wide = field >= 0xffffff ? field : undefined;
      big(Math.min(field, 0xffffff), 3);
    }
    if (format < 2) {
      big(message.payload.length, 3);
      wire.push(message.type);
    }
    if (format === 0) {
      for (let i = 0; i < 4; i++) wire.push(Math.floor(message.msid / 256 ** i) % 256);
    }
    if (channel.wide !== undefined) big(channel.wide, 4);
    channel.last = message;
    channel.sent = 0;
  }

  function continuation(channel: Channel, message: Planned): void {
    basic(3, message.csid);
    if (channel.wide === undefined) return;
    const next = hex(message.payload.slice(channel.sent, channel.sent! + 4));
    const field = channel.wide.toString(16).padStart(8, "0");
    // Whoever leaves it out before payload that looks the same cannot be understood.
    if (next.startsWith(field.slice(0, 2)) || dice(3) > 0) big(channel.wide, 4);
  }

  for (;;) {
    const busy = [...channels.values()].filter(({ queue }) => queue.length > 0);
    if (busy.length === 0) break;
    if (dice(12) === 0) {
      const next = 1 + dice(dice(2) === 0 ? 8 : 400);
      control(1, next);
      chunkSize = next;
    }
    const channel = busy[dice(busy.length)];
    const message = channel.queue[0];
    if (channel.sent === undefined) header(channel, message);
    else if (dice(25) === 0) {
      control(2, message.csid);
      aborted++;
      channel.queue.shift();
      channel.sent = undefined;
      continue;
    } else continuation(channel, message);
    const end = Math.min(channel.sent! + chunkSize, message.payload.length);
    wire.push(...message.payload.subarray(channel.sent, end));
    channel.sent = end;
    if (end < message.payload.length) continue;
    channel.queue.shift();
    channel.sent = undefined;
    expected.push({
      type: message.type,
      messageStreamId: message.msid,
      timestamp: message.time,
      chunkStreamId: message.csid,
      payload: hex(message.payload),
    });
  }
  return { wire: Uint8Array.from(wire), expected, aborted };
}
