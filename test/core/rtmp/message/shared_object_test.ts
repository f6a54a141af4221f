import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { ProtocolError, UsageError } from "../../../../src/core/errors.ts";
import {
  decodeSharedObject,
  encodeSharedObject,
  type SharedObjectEvent,
  type SharedObjectMessage,
} from "../../../../src/core/rtmp/message/shared_object.ts";
import { check } from "../../../support/property.ts";
import { amfValue } from "../../amf/arbitrary.ts";
import { bytes, hex } from "../chunk/harness.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_SHARED_OBJECT_EVENTS = 256;

interface Vector {
  readonly what: string;
  readonly type: 16 | 19;
  readonly hex: string;
  readonly message: Omit<SharedObjectMessage, "events"> & {
    readonly events: readonly { readonly type: number; value?: string; body?: string }[];
  };
  /** Whether it is written as it came. */
  readonly canonical: boolean;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL("../../../vectors/shared_object/vectors.json", import.meta.url), "utf8"),
);

/** A message as the vectors have it: bytes as hex digits. */
function shown({ events, ...message }: SharedObjectMessage) {
  return {
    ...message,
    events: events.map((event) => ({
      ...event,
      ...("value" in event ? { value: hex(event.value) } : {}),
      ...("body" in event ? { body: hex(event.body) } : {}),
    })),
  };
}

const digits = (text: string) => text.replaceAll(" ", "");

for (const { what, type, hex: body, message, canonical } of vectors) {
  const events = message.events.map((event) => ({
    ...event,
    ...(event.value === undefined ? {} : { value: digits(event.value) }),
    ...(event.body === undefined ? {} : { body: digits(event.body) }),
  }));

  test(`${what} (${type}) is read`, () => {
    assert.deepEqual(shown(decodeSharedObject(type, bytes(body))), { ...message, events });
  });

  test(`${what} (${type}) is written ${canonical ? "as it came" : "so that it says the same"}`, () => {
    const decoded = decodeSharedObject(type, bytes(body));
    const encoded = encodeSharedObject(type, decoded);
    if (canonical) assert.equal(hex(encoded), digits(body));
    assert.deepEqual(decodeSharedObject(type, encoded), decoded);
  });

  test(`${what} (${type}) that is cut off anywhere is refused, or has fewer events`, () => {
    const whole = bytes(body);
    for (let length = 0; length < whole.length; length++) {
      try {
        const { events } = decodeSharedObject(type, whole.subarray(0, length));
        assert.ok(events.length < message.events.length || message.events.length === 0);
      } catch (error) {
        assert.ok(error instanceof ProtocolError && error.code === "amf", String(error));
      }
    }
  });
}

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const anyEvent: fc.Arbitrary<SharedObjectEvent> = fc.oneof(
  fc.constantFrom(1, 2, 8, 11, 14).map((type) => ({ type }) as SharedObjectEvent),
  fc.tuple(fc.constantFrom(3 as const, 4 as const), text, amfValue(2)).map((
    [type, key, value],
  ) => ({ type, key, value: encodeAmf0(value) })),
  fc.tuple(fc.constantFrom(5 as const, 9 as const, 10 as const), text).map(([type, key]) => ({
    type,
    key,
  })),
  fc.tuple(text, fc.array(amfValue(1), { maxLength: 3 })).map(([handler, args]) => ({
    type: 6 as const,
    handler,
    body: encodeAmf0(handler, ...args),
  })),
  fc.tuple(text, text).map(([code, level]) => ({ type: 7 as const, code, level })),
);
const anyMessage: fc.Arbitrary<SharedObjectMessage> = fc.record({
  name: text,
  version: fc.nat(0xffffffff),
  persistent: fc.boolean(),
  events: fc.array(anyEvent, { maxLength: 6 }),
});

test("type 16 is understood with its format byte and without, type 19 has none", () => {
  // Object "a", and one whose name is as long as it may be.
  for (const name of ["a", "n".repeat(255)]) {
    const message = { name, version: 7, persistent: true, events: [{ type: 1 }] } as const;
    const plain = encodeSharedObject(19, message);
    const formatted = Uint8Array.of(0, ...plain);
    assert.deepEqual(encodeSharedObject(16, message), formatted);
    assert.deepEqual(decodeSharedObject(16, formatted), message);
    assert.deepEqual(decodeSharedObject(16, plain), message);
    assert.deepEqual(decodeSharedObject(19, plain), message);
    assert.throws(() => decodeSharedObject(19, formatted), ProtocolError);
  }
});

test("what is written reads back the same, in both types", () => {
  check(fc.property(anyMessage, fc.constantFrom(16, 19), (message, type) => {
    const encoded = encodeSharedObject(type, message);
    const decoded = decodeSharedObject(type, encoded, { maxNodes: 100_000 });
    assert.deepEqual(decoded, { ...message, events: message.events.map(copied) });
    assert.deepEqual(encodeSharedObject(type, decoded), encoded);
  }));
});

/** With arrays of their own: the two runtimes compare the kinds of their buffers. */
function copied(event: SharedObjectEvent): SharedObjectEvent {
  if ("value" in event) return { ...event, value: event.value.slice() };
  return "body" in event ? { ...event, body: event.body.slice() } : event;
}

test("any bytes are a message that reads back the same, or a ProtocolError", () => {
  const header = bytes("0001 61 00000000 00000000 00000000");
  check(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(16, 19),
      fc.boolean(),
      (noise, type, headed) => {
        const body = headed ? Uint8Array.from([...header, ...noise]) : noise;
        let message: SharedObjectMessage;
        try {
          message = decodeSharedObject(type, body);
        } catch (error) {
          return assert.ok(error instanceof ProtocolError, String(error));
        }
        assert.deepEqual(decodeSharedObject(type, encodeSharedObject(type, message)), message);
      },
    ),
    1000,
  );
});

test("what is kept of a message is its own: the bytes it came in may be reused", () => {
  const body = bytes("0001 61 00000000 00000000 00000000  03 00000004 0001 62 05");
  const [event] = decodeSharedObject(19, body).events;
  const said = bytes("0001 61 00000000 00000000 00000000  06 00000004 02 0001 62");
  const [message] = decodeSharedObject(19, said).events;
  for (const input of [body, said]) input.fill(0xff);
  assert.deepEqual(message, { type: 6, handler: "b", body: Uint8Array.of(2, 0, 1, 0x62) });
  assert.deepEqual(event, { type: 3, key: "b", value: Uint8Array.of(5) });
});

const HEADER = "0001 61 00000000 00000000 00000000";

test("lengths that lie are refused", () => {
  for (
    const body of [
      "ffff 61",
      `${HEADER} 03 ffffffff 0001 62 05`,
      `${HEADER} 03 00000004 00ff 62 05`,
      `${HEADER} 03 00000003 0001 62`,
      `${HEADER} 03 00000000`,
      `${HEADER} 05 00000000`,
      `${HEADER} 06 00000000`,
      `${HEADER} 06 00000001 05`,
      `${HEADER} 07 00000003 0001 62`,
      `${HEADER} 03 00000008 0001 62 0a ffffffff`,
      `${HEADER} 03 00000008 0001 62 0c ffffffff`,
      `${HEADER} 03 00000006 0001 62 07 0000`,
      `${HEADER} 00 ffffffff`,
    ]
  ) assert.throws(() => decodeSharedObject(19, bytes(body)), ProtocolError, body);
});

test("a value refers to nothing outside itself", () => {
  // The second value is a reference to the object of the first.
  const pair = "0001 62 03 0000 09  0001 63 07 0000";
  assert.throws(
    () => decodeSharedObject(19, bytes(`${HEADER} 03 0000000e ${pair}`)),
    (error) => error instanceof ProtocolError && error.code === "amf",
  );
});

test("names are at most 255 bytes long, also when they are not UTF-8", () => {
  const named = (byte: number, length: number) => {
    const body = new Uint8Array(2 + length + 12).fill(byte, 2, 2 + length);
    new DataView(body.buffer).setUint16(0, length);
    return body;
  };
  assert.equal(decodeSharedObject(19, named(0x61, 255)).name.length, 255);
  assert.equal(decodeSharedObject(19, named(0xff, 85)).name.length, 85);
  for (const body of [named(0x61, 256), named(0xff, 86)]) {
    assert.throws(
      () => decodeSharedObject(19, body),
      (error) => error instanceof ProtocolError && error.code === "limit",
    );
  }
  const message = { name: "x".repeat(256), version: 0, persistent: false, events: [] };
  assert.throws(() => encodeSharedObject(19, message), UsageError);
});

test("a message has at most 256 events, and values are counted over all of them", () => {
  const many = (count: number, event: string) => bytes(HEADER + event.repeat(count));
  const use = "01 00000000";
  assert.equal(
    decodeSharedObject(19, many(MAX_SHARED_OBJECT_EVENTS, use)).events.length,
    256,
  );
  for (
    const body of [
      many(MAX_SHARED_OBJECT_EVENTS + 1, use),
      many(1, `03 ${(257 * 3).toString(16).padStart(8, "0")} ${"0000 05".repeat(257)}`),
      // 100 arrays of 30 nulls.
      many(100, `03 00000025 0000 0a 0000001e ${"05".repeat(30)}`),
    ]
  ) {
    assert.throws(
      () => decodeSharedObject(19, body),
      (error) => error instanceof ProtocolError && error.code === "limit",
    );
  }
});

test("a single byte behind the last event is the beginning of one that is cut off", () => {
  const use = "01 00000000";
  assert.equal(decodeSharedObject(19, bytes(HEADER + use)).events.length, 1);
  assert.throws(() => decodeSharedObject(19, bytes(`${HEADER + use} 01`)), ProtocolError);
});

test("behind the pairs of a change there is nothing, not a byte", () => {
  // Name "a", version 0, flags; one change of "k" to true.
  const message = (rest: string) => {
    const event = bytes(
      `04 000000${(5 + rest.length / 2).toString(16).padStart(2, "0")} 0001 6b 01 01 ${rest}`,
    );
    return decodeSharedObject(
      19,
      Uint8Array.of(...bytes("0001 61 00000000 00000000 00000000"), ...event),
    );
  };
  assert.equal(message("").events.length, 1);
  assert.equal(message("00016c0100").events.length, 2);
  assert.throws(() => message("00"), ProtocolError);
});
