import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  MAX_HEADER,
  ProxyHeaderReader,
  type ProxyProgress,
} from "../../../src/core/proxy/header.ts";
import { check } from "../../support/property.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const hex = (text: string) =>
  Uint8Array.from(text.replace(/\s/g, "").match(/../g)!, (it) => parseInt(it, 16));
const SIGNATURE = "0d0a0d0a000d0a515549540a";
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Headers as the specification has them, and who they speak of. */
const HEADERS: readonly [name: string, header: Uint8Array, client: string | undefined][] = [
  ["version 1", ascii("PROXY TCP4 192.0.2.10 203.0.113.1 56324 1935\r\n"), "192.0.2.10 56324"],
  ["version 1, IPv6", ascii("PROXY TCP6 2001:DB8:0::1 ::1 65535 0\r\n"), "2001:db8::1 65535"],
  ["version 1, IPv4 as IPv6", ascii("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"), "192.0.2.1 1"],
  [
    "version 1, the longest",
    ascii(
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
    ),
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535",
  ],
  ["version 1, unknown", ascii("PROXY UNKNOWN\r\n"), undefined],
  ["version 1, unknown with more", ascii("PROXY UNKNOWN ff ff whatever\r\n"), undefined],
  ["version 2", hex(`${SIGNATURE} 21 11 000c c000020a cb007101 dc04 078f`), "192.0.2.10 56324"],
  [
    "version 2, IPv6",
    hex(
      `${SIGNATURE} 21 21 0024 20010db8000000000000000000000001 00000000000000000000000000000001 0050 01bb`,
    ),
    "2001:db8::1 80",
  ],
  [
    "version 2 with more behind the addresses",
    hex(`${SIGNATURE} 21 11 0013 c000020a cb007101 dc04 078f 03 0004 a1b2c3d4`),
    "192.0.2.10 56324",
  ],
  ["version 2, local", hex(`${SIGNATURE} 20 00 0000`), undefined],
  [
    "version 2, local with addresses",
    hex(`${SIGNATURE} 20 11 000c c000020a cb007101 dc04 078f`),
    undefined,
  ],
  ["version 2, unspecified", hex(`${SIGNATURE} 21 00 0003 040000`), undefined],
  [
    "version 2, of a Unix socket",
    join(hex(`${SIGNATURE} 21 31 00d8`), new Uint8Array(216)),
    undefined,
  ],
];

const REST = ascii("\x03rest");

function said(progress: ProxyProgress): string | undefined {
  assert.equal(progress.kind, "done", JSON.stringify(progress));
  const { client } = progress as { client?: { hostname: string; port: number } };
  return client && `${client.hostname} ${client.port}`;
}

for (const [name, header, client] of HEADERS) {
  test(`a PROXY header is read, whole and byte by byte: ${name}`, () => {
    const whole = new ProxyHeaderReader().read(join(header, REST));
    assert.equal(said(whole), client);
    assert.deepEqual((whole as { rest: Uint8Array }).rest, REST);
    const reader = new ProxyHeaderReader();
    for (let index = 0; index < header.length - 1; index++) {
      assert.deepEqual(
        reader.read(header.subarray(index, index + 1)),
        { kind: "more" },
        `${index}`,
      );
    }
    const last = reader.read(join(header.subarray(-1), REST));
    assert.equal(said(last), client);
    assert.deepEqual((last as { rest: Uint8Array }).rest, REST);
  });
}

test("what is no PROXY header is told as soon as it is clear", () => {
  const wrong: (string | Uint8Array)[] = [
    ...["\x03", "GET / HTTP/1.1\r\n", "\x16\x03\x01", "PROXX", "\r\n\r\n\x01", "proxy "],
    "PROXY TCP4 192.0.2.1 203.0.113.1 1 2\n",
    "PROXY TCP4 192.0.2.1 203.0.113.1 1\r\n",
    "PROXY TCP4 192.0.2.1 203.0.113.1 1 2 3\r\n",
    "PROXY TCP4  192.0.2.1 203.0.113.1 1 2\r\n",
    "PROXY TCP4 192.0.2.1 203.0.113.1 01 2\r\n",
    "PROXY TCP4 192.0.2.1 203.0.113.1 65536 2\r\n",
    "PROXY TCP4 192.0.2.1 203.0.113.1 -1 2\r\n",
    "PROXY TCP4 192.0.2.999 203.0.113.1 1 2\r\n",
    "PROXY TCP4 ::1 ::1 1 2\r\n",
    "PROXY TCP6 192.0.2.1 ::1 1 2\r\n",
    "PROXY UDP4 192.0.2.1 203.0.113.1 1 2\r\n",
    "PROXY UNKNOWNS\r\n",
    "PROXY constructor\r\n",
    "PROXY \r\n",
    `PROXY UNKNOWN ${"x".repeat(93)}`,
    hex(`${SIGNATURE} 11 11 000c`), // version 1 in this form
    hex(`${SIGNATURE} 22 11 000c`), // no such command
    hex(`${SIGNATURE} 21 12 000c`), // UDP
    hex(`${SIGNATURE} 21 41 000c`), // no such family
    hex(`${SIGNATURE} 21 11 000b`), // too short
    hex(`${SIGNATURE} 21 21 0023`),
    hex(`${SIGNATURE} 21 11 ffff`), // too long
    hex(`${SIGNATURE} 20 00 0ff1`), // 4097 bytes in all
    // The line of version 1 has 107 bytes, as the specification has it.
    `PROXY UNKNOWN ${"x".repeat(92)}\r\n`,
  ];
  for (const bytes of wrong) {
    const given = typeof bytes === "string" ? ascii(bytes) : bytes;
    assert.equal(new ProxyHeaderReader().read(given).kind, "wrong", JSON.stringify(bytes));
  }
  const line = ascii(`PROXY UNKNOWN ${"x".repeat(91)}\r\n`);
  assert.deepEqual([line.length, new ProxyHeaderReader().read(line).kind], [107, "done"]);
  const longest = hex(`${SIGNATURE} 20 00 0ff0`);
  assert.equal(new ProxyHeaderReader().read(longest).kind, "more");
});

test("damaged headers are done, wrong or not whole, however they are cut, and no more is kept than is allowed", () => {
  const headers = HEADERS.map(([, header]) => header);
  check(fc.property(
    fc.constantFrom(...headers),
    fc.array(fc.tuple(fc.nat(240), fc.nat(255)), { maxLength: 4 }),
    fc.uint8Array({ maxLength: 5000 }),
    fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
    (header, damage, behind, cuts) => {
      const bytes = join(header, behind);
      for (const [at, value] of damage) if (at < header.length) bytes[at] = value;
      const whole = new ProxyHeaderReader().read(bytes.slice());
      const reader = new ProxyHeaderReader();
      let [at, cut] = [0, 0];
      let progress: ProxyProgress = { kind: "more" };
      while (at < bytes.length && progress.kind === "more") {
        assert.ok(at < MAX_HEADER);
        const end = Math.min(bytes.length, at + cuts[cut++ % cuts.length]!);
        progress = reader.read(bytes.slice(at, end));
        at = end;
      }
      assert.equal(progress.kind, whole.kind);
      if (progress.kind === "done" && whole.kind === "done") {
        assert.deepEqual(progress.client, whole.client);
        assert.equal(at - progress.rest.length, bytes.length - whole.rest.length);
      }
    },
  ));
});
