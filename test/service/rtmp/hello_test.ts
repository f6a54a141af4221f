/** What is logged of clients that do not speak plain RTMP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rig } from "../../support/rtmp_service.ts";

/** What the log of the rig was told of connections. */
function told(start: Uint8Array): string[] {
  const lines: string[] = [];
  const client = new Rig().client();
  const { endings } = client.session.context;
  endings.say = (_level, message, properties) =>
    void lines.push(`${message} ${properties.version ?? properties.error ?? ""}`);
  client.connection.deliver(start);
  return lines;
}

function hello(version: number): Uint8Array {
  const bytes = new Uint8Array(1537);
  bytes[0] = version;
  return bytes;
}

test("a hello that asks for RTMPE and cannot have it is logged as that, with the reason", () => {
  for (const version of [6, 8, 9]) {
    const lines = told(hello(version));
    assert.deepEqual(lines.length, 1);
    assert.match(lines[0]!, /closing.*RTMPE.*no valid digest/);
  }
  for (const version of [3, 0, 31]) assert.deepEqual(told(hello(version)), []);
});

test("RTMPT and TLS are named in the line that says why the connection is closed", () => {
  const text = (line: string) => new TextEncoder().encode(line);
  assert.match(told(text("POST /open/1 HTTP/1.1\r\n")).join(), /closing.*RTMPT/);
  assert.match(told(text("POST /fcs/ident2 HTTP/1.1\r\n")).join(), /closing.*RTMPT/);
  assert.match(told(text("GET / HTTP/1.1\r\n")).join(), /closing.*HTTP/);
  assert.match(told(Uint8Array.of(0x16, 3, 1, 0, 196, 1, 0)).join(), /closing.*TLS/);
});
