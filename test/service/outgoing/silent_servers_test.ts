import assert from "node:assert/strict";
import { test } from "node:test";
import { SILENT_MS, SilentServers } from "../../../src/service/outgoing/silent_servers.ts";
import { FakeClock } from "../../support/clock.ts";

const URLS = [
  "rtmp://one.test/{app}/{name}",
  "http://two.test/{name}.flv",
  "rtmps://three.test:444/a",
  "rtmp://{name}.test/a",
];

test("servers that were silent are asked behind the others, until they answer or half a minute is over", () => {
  const clock = new FakeClock();
  const silent = new SilentServers(clock);
  assert.equal(silent.order(URLS), URLS);
  silent.note({ hostname: "one.test", port: 1935 });
  silent.note(new URL("http://two.test/cam.flv"));
  assert.deepEqual(silent.order(URLS), [URLS[2], URLS[3], URLS[0], URLS[1]]);
  silent.heard({ hostname: "one.test", port: 1935 });
  assert.deepEqual(silent.order(URLS), [URLS[0], URLS[2], URLS[3], URLS[1]]);
  clock.advance(SILENT_MS - 1);
  silent.note({ hostname: "three.test", port: 444 });
  assert.deepEqual(silent.order(URLS), [URLS[0], URLS[3], URLS[1], URLS[2]]);
  clock.advance(1);
  assert.deepEqual(silent.order(URLS), [URLS[0], URLS[1], URLS[3], URLS[2]]);
  assert.deepEqual(silent.order(["nonsense"]), ["nonsense"]);
});

test("no more of them are remembered than a thousand, and one that is silent again is the newest", () => {
  const clock = new FakeClock();
  const silent = new SilentServers(clock);
  const url = (port: number) => `rtmp://one.test:${port}/a`;
  for (let port = 1; port <= 1001; port++) silent.note({ hostname: "one.test", port });
  assert.deepEqual(silent.order([url(1), url(1001)]), [url(1001), url(1)]);
  clock.advance(SILENT_MS - 1);
  silent.note({ hostname: "one.test", port: 1 });
  clock.advance(1);
  assert.deepEqual(silent.order([url(1), url(2)]), [url(2), url(1)]);
});
