import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../src/core/errors.ts";
import { parseRtmpUrl } from "../../../src/core/rtmp/url.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_URL_LENGTH = 8192;

/** What clients make of one URL; from captures of FFmpeg and from its documentation. */
const SPLITS: [url: string, tcUrl: string, app: string, name: string][] = [
  ["rtmp://h/c1", "rtmp://h:1935/c1", "c1", ""],
  ["rtmp://h/c1/", "rtmp://h:1935/c1", "c1", ""],
  ["rtmp://h/c1?key=v", "rtmp://h:1935/c1?key=v", "c1?key=v", ""],
  ["rtmp://h/c1/c2", "rtmp://h:1935/c1", "c1", "c2"],
  ["rtmp://h/c1/c2?key=v", "rtmp://h:1935/c1", "c1", "c2?key=v"],
  ["rtmp://h/a/b/c", "rtmp://h:1935/a/b", "a/b", "c"],
  ["rtmp://h//a//b/", "rtmp://h:1935/a", "a", "b"],
  ["rtmp://h:1936/a/b?u=rtmp://x/y:z@w", "rtmp://h:1936/a", "a", "b?u=rtmp://x/y:z@w"],
  ["rtmp://h/a/b?u=c/d?e=f", "rtmp://h:1935/a", "a", "b?u=c/d?e=f"],
  ["RTMP://Host.Example/App/Name", "rtmp://host.example:1935/App", "App", "Name"],
  ["rtmp://h/a/mp4:clip one%20two.mp4", "rtmp://h:1935/a", "a", "mp4:clip one%20two.mp4"],
  [
    "rtmp://h/a/live_1?bandwidthtest=true&x=%2B+",
    "rtmp://h:1935/a",
    "a",
    "live_1?bandwidthtest=true&x=%2B+",
  ],
  ["rtmp://[::1]/a/b", "rtmp://[::1]:1935/a", "a", "b"],
  ["rtmp://[2001:DB8::7]:19350/a/b", "rtmp://[2001:db8::7]:19350/a", "a", "b"],
  ["rtmps://h/a/b", "rtmps://h:443/a", "a", "b"],
];

for (const [url, tcUrl, app, name] of SPLITS) {
  test(`${url} is application ${app} and name ${name || "(none)"}`, () => {
    const parsed = parseRtmpUrl(url);
    assert.deepEqual([parsed.tcUrl, parsed.app, parsed.name], [tcUrl, app, name]);
    assert.deepEqual([parsed.user, parsed.password], ["", ""]);
  });
}

test("an IPv6 address is a host without its brackets", () => {
  assert.equal(parseRtmpUrl("rtmp://[::1]:5/a").hostname, "::1");
  assert.equal(parseRtmpUrl("rtmp://[FE80::1%eth0]/a").hostname, "fe80::1%eth0");
  assert.equal(parseRtmpUrl("rtmp://[::1]:5/a").port, 5);
});

test("user and password are kept apart, as they are written", () => {
  const { user, password, hostname, tcUrl } = parseRtmpUrl("rtmp://me:a:b%40c@h:1935/a/b");
  assert.deepEqual([user, password, hostname], ["me", "a:b%40c", "h"]);
  assert.equal(tcUrl, "rtmp://h:1935/a");
  assert.deepEqual(parseRtmpUrl("rtmp://token@h/a").user, "token");
  assert.deepEqual(parseRtmpUrl("rtmp://token@h/a").password, "");
});

const MISTAKES: [url: string, why: RegExp][] = [
  ["", /another form/],
  ["host/app/name", /another form/],
  ["rtmp:host/app", /another form/],
  ["http://h/a/b", /another protocol/],
  ["rtmpe://h/a/b", /rtmpe, which is not supported/],
  ["rtmpt://h/a/b", /rtmpt, which is not supported/],
  ["rtmfp://h/a/b", /rtmfp, which is not supported/],
  ["rtmp:///a/b", /without a host/],
  ["rtmp://:1935/a/b", /without a host/],
  ["rtmp://h", /without an application/],
  ["rtmp://h/", /without an application/],
  ["rtmp://h/?key=v", /without an application/],
  ["rtmp://h?key=v", /without an application/],
  ["rtmp://h:0/a", /port/],
  ["rtmp://h:65536/a", /port/],
  ["rtmp://h:1e3/a", /port/],
  ["rtmp://h:/a", /port/],
  ["rtmp://[::1/a", /another form|host/],
  ["rtmp://[h]/a", /IPv6/],
  ["rtmp://[::1]x/a", /another form|host/],
  ["rtmp://a b/a", /host/],
  [`rtmp://${"h".repeat(254)}/a`, /host/],
  ["rtmp://h/a\r\nb", /control characters/],
  [`rtmp://h/a/${"n".repeat(MAX_URL_LENGTH)}`, /characters/],
];

for (const [url, why] of MISTAKES) {
  test(`a URL is refused with its reason: ${JSON.stringify(url.slice(0, 40))}`, () => {
    assert.throws(() => parseRtmpUrl(url), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, why);
      return true;
    });
  });
}

test("a refusal does not repeat what may be secret", () => {
  for (const url of ["rtmpe://me:hunter2@h/a/b?key=hunter2", "rtmp://me:hunter2@h:x/a/hunter2"]) {
    assert.throws(() => parseRtmpUrl(url), (error) => !String(error).includes("hunter2"));
  }
});

test("a host may have the 253 characters of a name, a port all of its numbers, a URL its length", () => {
  const host = `${"a.".repeat(126)}b`;
  assert.equal(parseRtmpUrl(`rtmp://${host}/app`).hostname, host);
  assert.throws(() => parseRtmpUrl(`rtmp://${host}c/app`), /host is no name/);
  assert.deepEqual([1, 65_535].map((port) => parseRtmpUrl(`rtmp://h:${port}/a`).port), [1, 65_535]);
  for (const port of ["0", "65536", "99999", "100000", "-1", "1x", ""]) {
    assert.throws(() => parseRtmpUrl(`rtmp://h:${port}/a`), /port/, port);
  }
  const longest = `rtmp://h/${"a".repeat(MAX_URL_LENGTH - 9)}`;
  assert.equal(parseRtmpUrl(longest).app.length, MAX_URL_LENGTH - 9);
  assert.throws(() => parseRtmpUrl(`${longest}a`), UsageError);
});
