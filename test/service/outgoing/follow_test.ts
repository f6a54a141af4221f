/** Where other servers send us. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRtmpUrl } from "../../../src/core/rtmp/url.ts";
import { failureOf, secretsOf, shownUrl } from "../../../src/service/outgoing/failure.ts";
import { follow } from "../../../src/service/outgoing/follow.ts";

const URL_ = parseRtmpUrl("rtmps://u:" + "secret@one.example/app/instance/key?token=abcdef");

test("another tcUrl keeps the name, and tells no other host who we are", () => {
  const to = follow(URL_, "rtmps://two.example:8443/other/app?x=1");
  assert.ok(typeof to !== "string");
  assert.deepEqual(
    [to.hostname, to.port, to.app, to.tcUrl, to.name, to.user],
    [
      "two.example",
      8443,
      "other/app?x=1",
      "rtmps://two.example:8443/other/app?x=1",
      "key?token=abcdef",
      "",
    ],
  );
});

test("relative ones are of the same server", () => {
  for (
    const [tcUrl, host, app] of [
      ["//two.example/a", "two.example", "a"],
      ["/b/c", "one.example", "b/c"],
      ["", "one.example", "app/instance"],
    ] as const
  ) {
    const to = follow(URL_, tcUrl);
    assert.ok(typeof to !== "string");
    assert.deepEqual([to.scheme, to.hostname, to.app, to.name], [
      "rtmps",
      host,
      app,
      "key?token=abcdef",
    ]);
    assert.equal(to.user, host === "one.example" ? "u" : "");
  }
});

test("a name that is an address of IPv6 stays one, and another port is another server", () => {
  const url = parseRtmpUrl("rtmp://u:" + "secret@[2001:db8::1]:1940/app/key");
  const to = follow(url, "/other/");
  assert.ok(typeof to !== "string");
  assert.deepEqual([to.hostname, to.port, to.app, to.password], [
    "2001:db8::1",
    1940,
    "other",
    "secret",
  ]);
  const port = follow(url, "rtmp://[2001:db8::1]:1941/app");
  assert.ok(typeof port !== "string");
  assert.deepEqual([port.user, port.password], ["", ""]);
  assert.equal(follow(url, undefined), url);
  assert.equal(shownUrl(url), "rtmp://[2001:db8::1]:1940/app/***");
  assert.equal(shownUrl({ ...url, app: "app?x=1", name: "" }), "rtmp://[2001:db8::1]:1940/app?***");
});

test("nobody is led away from TLS, nor to what is no server of RTMP", () => {
  for (const tcUrl of ["rtmp://one.example/a", "http://one.example/a", "nonsense", "rtmps://"]) {
    assert.equal(typeof follow(URL_, tcUrl), "string", tcUrl);
  }
});

test("what is secret in a URL is neither shown nor repeated", () => {
  assert.equal(shownUrl(URL_), "rtmps://one.example:443/app/instance/***");
  const mentions = secretsOf(URL_);
  assert.equal(
    mentions.mask("The key key?token=abcdef of u is wrong: secret"),
    "The *** *** of *** is wrong: ***",
  );
  assert.equal(failureOf(new TypeError("secret")).message.includes("secret"), false);
});
