/** Answers of HTTP servers as their bytes come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../../src/core/errors.ts";
import { HttpBody } from "../../../src/service/outgoing/http_body.ts";
import { feedings } from "../../support/feed.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What an answer is, however it is cut. */
function read(
  answer: string,
): { body: string; status: number; location?: string; done: boolean }[] {
  return feedings(bytes(answer)).map((pieces) => {
    const http = new HttpBody();
    let body = "";
    for (const piece of pieces) http.add(piece, (part) => body += new TextDecoder().decode(part));
    const { status, location, done } = http;
    return { body, status, ...(location === undefined ? {} : { location }), done };
  });
}

test("a body in chunks is what is in them", () => {
  const answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "3\r\nabc\r\n0a;x=y\r\n0123456789\r\n0\r\n\r\n";
  for (const one of read(answer)) {
    assert.deepEqual(one, { body: "abc0123456789", status: 200, done: true });
  }
});

test("a body goes on to its end, or to the length that was said", () => {
  for (const one of read("HTTP/1.0 200 OK\r\n\r\nabc")) {
    assert.deepEqual(one, { body: "abc", status: 200, done: false });
  }
  for (const one of read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc")) {
    assert.deepEqual(one, { body: "ab", status: 200, done: true });
  }
});

test("status and place of a redirect are read", () => {
  for (const one of read("HTTP/1.1 302 Found\r\nLOCATION:  /x \r\n\r\n")) {
    assert.deepEqual(one, { body: "", status: 302, location: "/x", done: false });
  }
});

test("what is no HTTP, or too long, breaks it off", () => {
  for (
    const answer of [
      "RTMP/1.0 what is this\r\n\r\n",
      `HTTP/1.1 200 OK\r\nX: ${"x".repeat(40_000)}`,
      "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"1".repeat(2000)}`,
    ]
  ) {
    const http = new HttpBody();
    assert.throws(() => http.add(bytes(answer), () => {}), ProtocolError, answer.slice(0, 80));
  }
});
