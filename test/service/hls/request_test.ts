/** Which requests are for HLS, and what those that get nothing are told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type HlsRefusal, refusal } from "../../../src/service/hls/refusal.ts";
import { isHlsFile, readHlsPath } from "../../../src/service/hls/request.ts";

const stream = (path: string) => {
  const read = readHlsPath(path);
  assert.ok(read?.kind === "stream", path);
  return read.path && { ...read.path };
};

test("a stream is where its index is, with or without an application", () => {
  assert.deepEqual(stream("/live/test/index.m3u8"), { app: "live", name: "test" });
  assert.deepEqual(stream("/test/index.m3u8"), { app: "", name: "test" });
  assert.deepEqual(stream("/live/room/test/index.m3u8"), { app: "live/room", name: "test" });
  assert.deepEqual(stream("/live/%74est/index.m3u8"), { app: "live", name: "test" });
});

test("a path that no stream can have is one of HLS all the same", () => {
  for (const path of ["/index.m3u8", "//index.m3u8", "/live/~x/index.m3u8", "/live//index.m3u8"]) {
    assert.equal(stream(path), undefined, path);
  }
});

test("files are those that playlists list, of everybody or of one viewer", () => {
  const key = "abcDEF0123456789_-abcd";
  for (
    const name of [
      "main.m3u8",
      "audio0.m3u8",
      "audio255.m3u8",
      "main-1a-s1.m4s",
      "main-1a-p999999999999999.ts",
      "audio12-0123456789abcdef-i0.mp4",
    ]
  ) {
    const kind = "file" as const;
    const folder = "/live/test/";
    assert.deepEqual(readHlsPath(folder + name), { kind, folder, key: undefined, name });
    assert.deepEqual(readHlsPath(`${folder}~${key}/${name}`), {
      ...{ kind, name, key },
      folder: `${folder}~${key}/`,
    });
    assert.equal(isHlsFile(name), true);
  }
  assert.equal(isHlsFile("index.m3u8"), true);
  // A key of another length is none.
  for (const odd of [key.slice(1), `${key}a`]) {
    const read = readHlsPath(`/live/test/~${odd}/main.m3u8`);
    assert.ok(read?.kind === "file");
    assert.equal(read.key, undefined);
  }
});

test("all other names are nobody's here", () => {
  for (
    const name of [
      "index.html",
      "main.mp4",
      "xmain.m3u8",
      "main.m3u8x",
      "audio.m3u8",
      "audio1234.m3u8",
      "main--s1.m4s",
      "main-0123456789abcdef0-s1.m4s",
      "main-1a-s.m4s",
      "main-1a-s1234567890123456.m4s",
      "main-1a-S1.m4s",
      "main-1a-s1.exe",
      "index.m3u8.bak",
    ]
  ) {
    assert.equal(readHlsPath(`/live/test/${name}`), undefined, name);
    assert.equal(isHlsFile(name), false, name);
  }
});

test("what the control API and plugins have is theirs", () => {
  for (const folder of ["streams", "sessions", "plugins", "recordings"]) {
    assert.equal(readHlsPath(`/${folder}/index.m3u8`), undefined);
    assert.equal(readHlsPath(`/${folder}/x/main.m3u8`), undefined);
    assert.equal(stream(`/${folder}2/x/index.m3u8`)!.app, `${folder}2`);
  }
});

test("a refusal says why in the form of the control API, and no cache keeps it", () => {
  const codes: [HlsRefusal, number][] = [
    ["refused", 403],
    ["bad-name", 400],
    ["bad-request", 400],
    ["too-far", 400],
    ["not-found", 404],
    ["no-file", 404],
    ["no-session", 404],
    ["unplayable", 415],
    ["crowded", 503],
    ["late", 503],
    ["stopping", 503],
  ];
  for (const [why, expected] of codes) {
    const { status, headers, chunks, size } = refusal(why, { Vary: "Origin" });
    assert.equal(status, expected, why);
    // When to ask again is another test's.
    const { "Retry-After": _after, ...rest } = headers;
    assert.deepEqual(rest, {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      Vary: "Origin",
    });
    assert.equal(size, chunks[0]!.length);
    const { error } = JSON.parse(new TextDecoder().decode(chunks[0]));
    assert.equal(error.code, why);
    assert.match(error.message, /^[A-Z].*\.$/);
  }
  const [bytes] = refusal("refused", {}, "Members only").chunks;
  assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), {
    error: { code: "refused", message: "Members only" },
  });
});
