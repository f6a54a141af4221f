/**
 * How long the API takes to refuse a token tells nothing about the token. Times are noise, so the
 * steps are counted.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { equalBytes } from "../../src/core/bytes/equal.ts";
import { tokenCheck } from "../../src/http/auth.ts";

/** Bytes that count how often one of them is read. */
function counted(bytes: Uint8Array) {
  const reads: string[] = [];
  const proxy = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads.push(key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(proxy) : value;
    },
  });
  return { proxy, reads };
}

const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index + 1);

/** The secret with another byte at each of some places. */
function changed(...places: number[]): Uint8Array {
  const bytes = SECRET.slice();
  for (const place of places) bytes[place]! ^= 0x80;
  return bytes;
}

test("bytes are compared to their end, wherever the first difference is", () => {
  const all = Array.from(SECRET, (_, index) => `${index}`);
  for (const places of [[], [0], [1], [15], [31], [0, 31], SECRET.keys()]) {
    const given = counted(changed(...places));
    const secret = counted(SECRET);
    equalBytes(given.proxy, secret.proxy);
    assert.deepEqual([given.reads, secret.reads], [all, all], `${[...places]}`);
  }
});

test("a length that is wrong costs as much as one that is right", () => {
  for (const length of [0, 1, 31, 33, 64]) {
    const secret = counted(SECRET);
    assert.equal(equalBytes(secret.proxy, new Uint8Array(length)), false);
    assert.equal(secret.reads.length, 32, `${length}`);
  }
});

test("bytes are equal when every bit is, and at the same length only", () => {
  assert.equal(equalBytes(SECRET, SECRET.slice()), true);
  for (const place of SECRET.keys()) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      const bytes = SECRET.slice();
      bytes[place]! ^= bit;
      assert.equal(equalBytes(SECRET, bytes), false, `${place} ${bit}`);
    }
  }
  // Differences that cancel each other out in a sum.
  assert.equal(equalBytes(Uint8Array.of(1, 1), Uint8Array.of(2, 2)), false);
  assert.equal(equalBytes(Uint8Array.of(0), Uint8Array.of()), false);
  assert.equal(equalBytes(Uint8Array.of(), Uint8Array.of(0)), false);
});

/** Runs `work` while a digest is what `fake` makes of the text. */
async function withDigest(fake: (text: string) => Uint8Array, work: () => Promise<void>) {
  const { subtle } = crypto;
  const digest = (_: unknown, data: Uint8Array) =>
    Promise.resolve(fake(new TextDecoder().decode(data)).slice().buffer);
  Object.defineProperty(subtle, "digest", { value: digest, configurable: true });
  try {
    await work();
  } finally {
    // Behind it is the method of the prototype.
    delete (subtle as unknown as Record<string, unknown>).digest;
  }
}

test("digests decide about a token, never its text, and each token given is digested", async () => {
  const digested: string[] = [];
  const collide = (text: string) => {
    digested.push(text);
    return SECRET;
  };
  const given = ["t0ken", "t0kem", "x0ken", "t", "another", "t0kent0ken"];
  await withDigest(collide, async () => {
    const check = tokenCheck("t0ken");
    for (const text of given) assert.equal(await check(`Bearer ${text}`), true, text);
    assert.deepEqual(digested, ["t0ken", ...given]);
  });
  let count = 0;
  await withDigest(() => changed(count++), async () => {
    assert.equal(await tokenCheck("t0ken")("Bearer t0ken"), false);
  });
});

test("a token is right when its SHA-256 is", async () => {
  const check = tokenCheck("t0ken");
  assert.equal(await check("Bearer t0ken"), true);
  for (const header of ["Bearer t0kem", "Bearer t0ke", "Bearer ", undefined]) {
    assert.equal(await check(header), false, `${header}`);
  }
});
