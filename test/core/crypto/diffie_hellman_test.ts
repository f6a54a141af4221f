/** The key exchange, against values that Node's OpenSSL made in the group modp2. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publicKeyOf, sharedSecret } from "../../../src/core/crypto/diffie_hellman.ts";

const PRIME =
  "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a" +
  "08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed" +
  "6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff";
/** Of the private keys 5a5a… and c3c3…, 32 bytes each. */
const PUBLIC_A =
  "b1a3992ff238b7fbf85c2680a90ef15240878ba66c7d7019e0d92fd144b96e2a346cdd746285ccf0bc81" +
  "1f769f62589e535a979650ec9f4a74f1215d0149b3a62d2db9a4defea782ca2b5669fbc86e0b74ba7b97b853f4" +
  "c8dd6166a805dbc06fb1219ba8f634defceec34a4ea3090b314c3095a926d4b7d66d9c166b6d7828b2";
const PUBLIC_B =
  "0390c8f02a63953486ffe74354353f01e38c095f941850c0feb086cad8e8bf5d0f94307212cf7742406f" +
  "6f5780d38380461358698301d548c1113946e68b2191c1ab9ed51795bde00276824772e66f8e1c60a56295dc33" +
  "4b4eb439f0064862bfc44f06720661855c24930b465cfcbee902f13030039cc0673f9db184e547b166";
const SECRET =
  "4c5e47f53894e176470e7f76c1947d17334479f191a274255a390568d52d271c0e60382dddde945945c0" +
  "987541f2ea2dd09f70e725f13db5a3c1b44125717c547d3b4db1939d6720b3309417af2ea7161d9e5609079d8c" +
  "b1498fd7fc1e714d5684e1be0458fb0b0cb8f810074981d750430b2b1abf95c29a6d93d65d6fe5058e";

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
const hex = (bytes: Uint8Array | undefined) =>
  bytes && Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const filled = (byte: number) => new Uint8Array(32).fill(byte);

test("public keys and the secret are those of OpenSSL, padded to 128 bytes", () => {
  assert.equal(hex(publicKeyOf(filled(0x5a))), PUBLIC_A);
  assert.equal(hex(publicKeyOf(filled(0xc3))), PUBLIC_B);
  assert.equal(hex(sharedSecret(filled(0x5a), bytesOf(PUBLIC_B))), SECRET);
  assert.equal(hex(sharedSecret(filled(0xc3), bytesOf(PUBLIC_A))), SECRET);
  assert.equal(publicKeyOf(new Uint8Array(32)).length, 128, "2 to the power of 0");
});

test("keys that give the secret away are none", () => {
  const last = (prime: string, less: number) => {
    const bytes = bytesOf(prime);
    bytes[127]! -= less;
    return bytes;
  };
  const small = (value: number) => Uint8Array.of(...new Uint8Array(127), value);
  for (const key of [small(0), small(1), last(PRIME, 0), last(PRIME, 1)]) {
    assert.equal(sharedSecret(filled(3), key), undefined);
  }
  assert.equal(sharedSecret(filled(3), new Uint8Array(128).fill(255)), undefined);
  for (const key of [small(2), last(PRIME, 2)]) assert.ok(sharedSecret(filled(3), key));
});
