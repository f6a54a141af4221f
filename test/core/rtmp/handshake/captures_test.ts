import { test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  CLIENT_DIGEST_KEY,
  CLIENT_KEY,
  SERVER_DIGEST_KEY,
  SERVER_KEY,
} from "../../../../src/core/rtmp/handshake/constants.ts";
import { findDigest, isSigned } from "../../../../src/core/rtmp/handshake/digest.ts";
import { capture, captureNames, captureReadme } from "../../../support/captures.ts";
import { packetsOf } from "./harness.ts";
import { digestAt } from "./oracle.ts";

/** Captured clients that put a digest into C1, and the base they use. */
const DIGEST_CLIENTS: Record<string, 8 | 772> = {
  "ffmpeg-play": 8,
  "ffmpeg-publish": 8,
  "ffmpeg-publish-query": 8,
  "rtmpdump-swf-play": 8,
};

/** Those of them that sign C2; FFmpeg as a publisher echoes S1 instead. */
const SIGNING_CLIENTS = ["ffmpeg-play", "rtmpdump-swf-play"];

test("the README lists every capture with its SHA-256", () => {
  const listed = captureReadme().match(/^[0-9a-f]{64} {2}\S+\.bin$/gm);
  const found = (["c2s", "s2c", "c0c1"] as const).flatMap((part) =>
    captureNames(part).map((name) => {
      const hash = createHash("sha256").update(capture(name, part)).digest("hex");
      return `${hash}  ${name}.${part}.bin`;
    })
  );
  assert.deepEqual(listed?.sort(), found.sort());
});

for (const name of captureNames("c2s")) {
  const base = DIGEST_CLIENTS[name];

  test(`C1 of ${name} has ${base === undefined ? "no digest" : `a digest at base ${base}`}`, () => {
    const { first } = packetsOf(capture(name, "c2s"));
    const expected = base === undefined ? undefined : { base, digest: digestAt(first, base) };
    assert.deepEqual(findDigest(first, CLIENT_DIGEST_KEY), expected);
    assert.equal(findDigest(first, SERVER_DIGEST_KEY), undefined);
  });
}

test("C1 of an RTMPE client has a digest at base 772", () => {
  const { first } = packetsOf(capture("rtmpdump-rtmpe", "c0c1"));
  const expected = { base: 772, digest: digestAt(first, 772) };
  assert.deepEqual(findDigest(first, CLIENT_DIGEST_KEY), expected);
});

for (const name of captureNames("s2c")) {
  const client = packetsOf(capture(name, "c2s"));
  const server = packetsOf(capture(name, "s2c"));

  if (DIGEST_CLIENTS[name] === undefined) {
    test(`the server answered ${name} without a digest`, () => {
      assert.equal(findDigest(server.first, SERVER_DIGEST_KEY), undefined);
      assert.deepEqual(server.second, client.first);
    });
    continue;
  }

  test(`S1 and S2 the server sent to ${name} prove right`, () => {
    assert.equal(findDigest(server.first, SERVER_DIGEST_KEY)?.base, DIGEST_CLIENTS[name]);
    const { digest } = findDigest(client.first, CLIENT_DIGEST_KEY)!;
    assert.equal(isSigned(server.second, SERVER_KEY, digest), true);
    assert.equal(isSigned(server.second, CLIENT_KEY, digest), false);
  });

  const signing = SIGNING_CLIENTS.includes(name);
  test(`C2 of ${name} is ${signing ? "signed" : "an echo of S1"}`, () => {
    const { digest } = findDigest(server.first, SERVER_DIGEST_KEY)!;
    assert.equal(isSigned(client.second, CLIENT_KEY, digest), signing);
    if (!signing) assert.deepEqual(client.second, server.first);
  });
}
