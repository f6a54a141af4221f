/**
 * A small AMF0 codec for tests, written apart from the one under test.
 *
 * @module
 */

/** What tests send and receive. */
export type Amf = number | boolean | string | null | undefined | Amf[] | { [key: string]: Amf };

const utf8 = new TextEncoder();

function sized(text: string): number[] {
  const bytes = utf8.encode(text);
  return [bytes.length >> 8, bytes.length & 255, ...bytes];
}

function encodeOne(value: Amf): number[] {
  if (value === undefined) return [6];
  if (value === null) return [5];
  if (typeof value === "boolean") return [1, value ? 1 : 0];
  if (typeof value === "string") return [2, ...sized(value)];
  if (typeof value === "number") {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    return [0, ...bytes];
  }
  if (Array.isArray(value)) {
    const { length } = value;
    return [10, 0, 0, length >> 8, length & 255, ...value.flatMap(encodeOne)];
  }
  const members = Object.entries(value).flatMap(([key, member]) => [
    ...sized(key),
    ...encodeOne(member),
  ]);
  return [3, ...members, 0, 0, 9];
}

/** Values one after the other. */
export function encodeAmf(...values: Amf[]): Uint8Array {
  return Uint8Array.from(values.flatMap(encodeOne));
}

/** All values in `bytes`. @throws {Error} on a type that the server is not expected to send */
export function decodeAmf(bytes: Uint8Array): Amf[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const text = (length: number) => {
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  const short = () => {
    at += 2;
    return view.getUint16(at - 2);
  };
  const members = () => {
    const object: { [key: string]: Amf } = {};
    for (;;) {
      const key = text(short());
      if (key === "" && bytes[at] === 9) {
        at++;
        return object;
      }
      object[key] = one();
    }
  };
  const one = (): Amf => {
    const marker = bytes[at++];
    switch (marker) {
      case 0:
        at += 8;
        return view.getFloat64(at - 8);
      case 1:
        return bytes[at++] !== 0;
      case 2:
        return text(short());
      case 3:
        return members();
      case 5:
        return null;
      case 6:
        return undefined;
      case 8:
        at += 4;
        return members();
      case 10: {
        at += 4;
        return Array.from({ length: view.getUint32(at - 4) }, one);
      }
      default:
        throw new Error(`AMF0 marker ${marker} at ${at - 1}`);
    }
  };
  const values: Amf[] = [];
  while (at < bytes.length) values.push(one());
  return values;
}
