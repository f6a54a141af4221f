import { test } from "node:test";
import assert from "node:assert/strict";
import { ProtocolError } from "../../../../src/core/errors.ts";
import { checkHello } from "../../../../src/core/rtmp/handshake/version.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

test("versions 0 to 31 pass on their own", () => {
  for (let version = 0; version < 32; version++) checkHello(Uint8Array.of(version));
});

test("bytes from 32 on are refused at once", () => {
  for (let byte = 32; byte < 256; byte++) {
    assert.throws(
      () => checkHello(Uint8Array.of(byte)),
      (error) => error instanceof ProtocolError && error.code === "handshake",
      `byte ${byte}`,
    );
  }
});

test("no bytes are no reason to refuse", () => {
  checkHello(new Uint8Array(0));
});

/** What scanners and misdirected programs send first, and what the refusal must call it. */
const STRANGERS: [name: string, start: Uint8Array, called: RegExp][] = [
  ["an HTTP request", ascii("GET / HTTP/1.1\r\n"), /0x47.*HTTP/],
  ["an RTMPT client", ascii("POST /open/1 HTTP/1.1\r\n"), /0x50.*RTMPT/],
  ["an RTMPT client that asks for the address", ascii("POST /fcs/ident2 HTTP/1.1"), /0x50.*RTMPT/],
  ["an SSH client", ascii("SSH-2.0-OpenSSH_9.2\r\n"), /0x53.*text/],
  ["a PROXY protocol version 1 header", ascii("PROXY TCP4 192.0.2.1"), /0x50.*text/],
  // RFC 8448 §3: record type 22, version 3.1, 196 bytes; ClientHello, 192 bytes, version 3.3.
  [
    "a TLS ClientHello",
    Uint8Array.of(0x16, 0x03, 0x01, 0x00, 0xc4, 0x01, 0x00, 0x00, 0xc0, 0x03, 0x03),
    /0x16.*TLS/,
  ],
  // The PROXY protocol, §2.2.
  [
    "a PROXY protocol version 2 header",
    Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a),
    /0x0d.*PROXY/,
  ],
  ["an SSL 2 hello", Uint8Array.of(0x80, 0x2e, 0x01, 0x00, 0x02), /0x80.*SSL 2/],
  ["the first capital letter", ascii("A"), /0x41.*text protocol such as HTTP$/],
  ["the last capital letter", ascii("Z"), /0x5a.*text protocol such as HTTP$/],
  ["what is right ahead of the capital letters", ascii("@"), /0x40.*looks like text$/],
  ["what is right behind them", ascii("["), /0x5b.*looks like text$/],
  ["a word", ascii("hello"), /0x68.*looks like text$/],
  ["the last character that can be shown", Uint8Array.of(0x7e), /0x7e.*looks like text$/],
  ["what is no character", Uint8Array.of(0x7f), /0x7f.*no protocol/],
  ["a stream of ones", new Uint8Array(16).fill(0xff), /0xff.*no protocol/],
];

for (const [name, start, called] of STRANGERS) {
  test(`${name} is refused by its name`, () => {
    assert.throws(() => checkHello(start), called);
  });
}
