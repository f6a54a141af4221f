/** Why connections came to nothing, without what is secret. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../../src/core/errors.ts";
import { parseRtmpUrl } from "../../../src/core/rtmp/url.ts";
import { DialError, type DialProblem } from "../../../src/ports.ts";
import { ForbiddenAddressError } from "../../../src/service/outgoing/dial_checked.ts";
import {
  failureOf,
  REFUSED_KINDS,
  secretsOf,
  shownUrl,
} from "../../../src/service/outgoing/failure.ts";

const TARGET = { hostname: "h.test", port: 1935 };

test("each fault has its kind and its words", () => {
  const dial = (reason: DialProblem, cause?: unknown) =>
    failureOf(new DialError(reason, TARGET, cause === undefined ? {} : { cause } as never));
  assert.equal(dial("refused").kind, "dial");
  assert.equal(dial("not-found").kind, "dial");
  assert.equal(dial("aborted").kind, "dial");
  assert.equal(dial("timeout").kind, "timeout");
  assert.equal(dial("untrusted").kind, "tls");
  assert.equal(dial("no-tls").kind, "tls");
  assert.equal(dial("hung-up").kind, "tls");
  assert.equal(dial("refused").message, new DialError("refused", TARGET).message);
  assert.deepEqual(failureOf(new ForbiddenAddressError("is private")), {
    kind: "address",
    message: "is private",
  });
  assert.deepEqual(failureOf(new ProtocolError("command", "no RTMP")), {
    kind: "protocol",
    message: "no RTMP",
  });
  assert.deepEqual(failureOf(new TypeError("inside")), {
    kind: "internal",
    message: "A fault of this server: see its log",
  });
});

test("a fault of TLS names its code, as one of no known kind does, and of another the cause stays inside", () => {
  const of = (reason: DialProblem, cause: unknown) => {
    const error = new DialError(reason, TARGET);
    error.cause = cause;
    return failureOf(error).message.slice(error.message.length);
  };
  const cure = "; relay.caFile trusts an authority of your own";
  assert.equal(of("untrusted", { code: "CERT_HAS_EXPIRED" }), ` (CERT_HAS_EXPIRED)${cure}`);
  assert.equal(of("no-tls", { code: "E" }), " (E)");
  assert.equal(of("hung-up", { code: "ECONNRESET" }), " (ECONNRESET)");
  assert.equal(of("other", { code: "EMFILE" }), " (EMFILE)");
  assert.equal(of("untrusted", { code: 5 }), cure);
  assert.equal(of("untrusted", undefined), cure);
  assert.equal(of("refused", { code: "ECONNREFUSED" }), "");
});

test("a URL is shown as where it leads, and no further", () => {
  const shown = (url: string) => shownUrl(parseRtmpUrl(url));
  assert.equal(shown("rtmp://h.test/app"), "rtmp://h.test:1935/app");
  assert.equal(shown("rtmp://h.test/app?token=abcdef"), "rtmp://h.test:1935/app?***");
  assert.equal(shown("rtmps://[2001:db8::1]:99/a/b/key?x"), "rtmps://[2001:db8::1]:99/a/b/***");
});

test("name, user, password and every value of a query are masked, and the application is not", () => {
  const mask = (url: string, text: string) => secretsOf(parseRtmpUrl(url)).mask(text);
  const url = "rtmp://user1:" + "pass1word@h.test/live/name1?key=value1&other=value2";
  assert.equal(
    mask(url, "live user1 pass1word name1?key=value1&other=value2 value1 value2 h.test"),
    "live *** *** *** *** *** h.test",
  );
  assert.equal(
    mask("rtmp://h.test/live?sign=value3", "live value3 sign=value3"),
    "live *** ***",
  );
});

test("what a server refuses is an answer, and what becomes of the way there is none", () => {
  const kinds = ["refused", "ended", "authentication", "loop", "timeout", "stalled", "closed"];
  assert.deepEqual(kinds.filter((kind) => (REFUSED_KINDS as ReadonlySet<string>).has(kind)), [
    ...["refused", "ended", "authentication", "loop"],
  ]);
  assert.equal(REFUSED_KINDS.size, 4);
});
