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

test("a head, and a line between chunks, may be so long and no longer", () => {
  const head = (length: number) => {
    const http = new HttpBody();
    http.add(bytes("HTTP/1.1 200 OK\r\nX: ".padEnd(length, "x")), () => {});
    return http;
  };
  const longest = head(32 * 1024 - 1);
  assert.equal(longest.status, 0);
  assert.throws(() => longest.add(bytes("x"), () => {}), ProtocolError);
  const ended = head(32 * 1024 - 4);
  ended.add(bytes("\r\n\r\n"), () => {});
  assert.equal(ended.status, 200);
  const line = (length: number) => {
    const http = new HttpBody();
    http.add(bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"), () => {});
    let body = "";
    http.add(bytes("1;".padEnd(length, "x")), () => {});
    http.add(bytes("\nA\r\n"), (part) => body += new TextDecoder().decode(part));
    return body;
  };
  assert.equal(line(1024), "A");
  assert.throws(() => line(1025), ProtocolError);
});

test("what does not begin as HTTP is known by its fifth byte", () => {
  const http = new HttpBody();
  http.add(bytes("SSH-"), () => {});
  assert.throws(() => http.add(bytes("2"), () => {}), ProtocolError);
});

test("a line of the head that is no header is passed over, as is a length that is none", () => {
  for (
    const one of read(
      "HTTP/1.1 200 OK\r\nlocation\r\n: /y\r\nContent-Length: 1x\r\nTransfer-Encoding: gzip\r\n" +
        "content-length: 3 \r\n\r\n0\r\n",
    )
  ) {
    assert.deepEqual(one, { body: "0\r\n", status: 200, done: true });
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
