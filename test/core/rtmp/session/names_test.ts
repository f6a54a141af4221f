/** Who sends what for one URL, and the stream it stands for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../../src/core/amf/mod.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

/** As clients split URLs: tcUrl, app, name; then the path, and the query as it reaches the owner. */
const CASES: [
  who: string,
  tcUrl: string,
  app: string,
  name: string,
  path: string,
  query: string,
][] = [
  ["FFmpeg h/c1", "rtmp://h:1935/c1", "c1", "", "/c1", ""],
  ["FFmpeg h/c1?key=v", "rtmp://h:1935/c1?key=v", "c1?key=v", "", "/c1", "key=v"],
  ["FFmpeg h/c1/c2", "rtmp://h:1935/c1", "c1", "c2", "c1/c2", ""],
  ["FFmpeg h/c1/c2?key=v", "rtmp://h:1935/c1", "c1", "c2?key=v", "c1/c2", "key=v"],
  ["FFmpeg h/a/b/c", "rtmp://h:1935/a/b", "a/b", "c", "a/b/c", ""],
  ["librtmp h/c1/c2", "rtmp://h/c1", "c1", "c2", "c1/c2", ""],
  ["OBS server h/c1", "rtmp://h/c1", "c1", "", "/c1", ""],
  ["OBS server h/c1/c2", "rtmp://h/c1/c2", "c1/c2", "", "c1/c2", ""],
  ["OBS server h/c1/c2?key=v", "rtmp://h/c1/c2?key=v", "c1/c2?key=v", "", "c1/c2", "key=v"],
  ["OBS multitrack", "rtmp://h/c1/c2?key=v", "c1/c2?key=v", "?key=v", "c1/c2", "key=v"],
  ["OBS without a path", "rtmp://h", "", "key", "/key", ""],
  ["Neko's stray quote", "'rtmp://h:1935/stream", "stream", "", "/stream", ""],
  ["OBS server with a slash", "rtmp://h/live/", "live/", "test", "live/test", ""],
  ["doubled slashes", "rtmp://h//live", "/live/", "/test/", "live/test", ""],
  ["the default instance", "rtmp://h/live", "live/_definst_", "test", "live/test", ""],
  ["a container prefix", "rtmp://h/live", "live", "mp4:test", "live/test", ""],
  [
    "name wins over app and tcUrl",
    "rtmp://h/a?k=3",
    "a?k=2&x=5",
    "n?k=1&y=6",
    "a/n",
    "k=1&y=6&x=5",
  ],
  [
    "a key with flags",
    "rtmp://h/app",
    "app",
    "live_1_abc?bandwidthtest=true",
    "app/live_1_abc",
    "bandwidthtest=true",
  ],
  ["an encoded secret", "rtmp://h/app", "app", "n?pass=p%20q%2Fr+s", "app/n", "pass=p+q%2Fr%2Bs"],
];

for (const command of ["publish", "play"] as const) {
  test(`${command} reaches the owner under the same path from every client`, () => {
    for (const [who, tcUrl, app, name, path, query] of CASES) {
      const peer = new SessionPeer().shake();
      peer.command(0, "connect", 1, amfObject({ app, tcUrl }));
      peer.command(0, "createStream", 2, null);
      peer.command(1, command, 3, null, name);
      const request = command === "publish" ? peer.publishRequest : peer.playRequest;
      assert.ok(request, who);
      assert.equal(`${request.path.app}/${request.path.name}`, path, who);
      assert.equal(request.query.toString(), query, who);
      assert.deepEqual(peer.session.streams.get(1)!.path, request.path, who);
    }
  });
}

test("without an app its place is taken by the path of tcUrl", () => {
  const peer = new SessionPeer().shake();
  peer.command(0, "connect", 1, amfObject({ tcUrl: "rtmp://h:1935/live?key=v" }));
  peer.command(0, "createStream", 2, null);
  peer.command(1, "publish", 3, null, "test");
  assert.deepEqual(peer.publishRequest!.path, { app: "live", name: "test" });
  assert.equal(peer.publishRequest!.query.get("key"), "v");
});

test("names of the prototype are names like others", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "then"]) {
    const peer = new SessionPeer().shake();
    peer.command(0, "connect", 1, amfObject({ app: name, [name]: name }));
    peer.command(0, "createStream", 2, null);
    peer.command(1, "publish", 3, null, `${name}?${name}=1`);
    assert.deepEqual(peer.publishRequest!.path, { app: name, name });
    assert.equal(peer.publishRequest!.query.get(name), "1");
  }
});
