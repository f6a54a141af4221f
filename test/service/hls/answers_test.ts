/** Answers to requests of HLS: heads that are made once, and ranges. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Answers } from "../../../src/service/hls/answers.ts";

const BASE = { "Access-Control-Allow-Origin": "*" };
/** Ten bytes in three arrays. */
const FILE = {
  type: "video/mp4",
  chunks: [Uint8Array.of(0, 1, 2), Uint8Array.of(3, 4), Uint8Array.of(5, 6, 7, 8, 9)],
  size: 10,
};

function ask(range: string | null | undefined) {
  const { status, headers, chunks, size } = new Answers().file(FILE, BASE, "no-store", range);
  const bytes = chunks.flatMap((chunk) => [...chunk]);
  assert.equal(bytes.length, size);
  if (status === 206) assert.ok(chunks.every(({ length }) => length > 0), "none is empty");
  return [status, bytes.join(""), (headers as Record<string, string>)["Content-Range"]];
}

const all = [200, "0123456789", undefined];

test("a range is what it names of the file, wherever its arrays end", () => {
  const cases: [string | null | undefined, (string | number | undefined)[]][] = [
    [undefined, all],
    [null, all],
    ["", all],
    ["bytes=0-9", [206, "0123456789", "bytes 0-9/10"]],
    ["bytes=0-0", [206, "0", "bytes 0-0/10"]],
    ["bytes=2-3", [206, "23", "bytes 2-3/10"]],
    ["bytes=3-4", [206, "34", "bytes 3-4/10"]],
    ["bytes=1-7", [206, "1234567", "bytes 1-7/10"]],
    ["bytes=9-", [206, "9", "bytes 9-9/10"]],
    ["bytes=4-", [206, "456789", "bytes 4-9/10"]],
    ["bytes=4-99", [206, "456789", "bytes 4-9/10"]],
    ["bytes=-1", [206, "9", "bytes 9-9/10"]],
    ["bytes=-10", [206, "0123456789", "bytes 0-9/10"]],
    ["bytes=-99", [206, "0123456789", "bytes 0-9/10"]],
  ];
  for (const [range, wanted] of cases) assert.deepEqual(ask(range), wanted, `${range}`);
});

test("a range behind the end is none, and one that cannot be read asks for all", () => {
  for (const range of ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=999999999999999-"]) {
    assert.deepEqual(ask(range), [416, "", "bytes */10"], range);
  }
  for (
    const range of [
      "bytes=-",
      "bytes=3-2",
      "bytes=a-b",
      "bytes=0-1,3-4",
      "items=0-1",
      " bytes=0-1",
      "bytes=1234567890123456-",
    ]
  ) assert.deepEqual(ask(range), all, range);
});

test("a head says what the bytes are, how long they may be kept, and how they are encoded", () => {
  const answers = new Answers();
  assert.deepEqual(answers.file(FILE, BASE, "no-store", null).headers, {
    ...BASE,
    "X-Content-Type-Options": "nosniff",
    "Content-Type": "video/mp4",
    "Cache-Control": "no-store",
  });
  const encoded = (base: Record<string, string>) => {
    const { headers } = answers.file(FILE, base, "no-store", null, "gzip");
    const { "Content-Encoding": encoding, Vary } = headers as Record<string, string>;
    return [encoding, Vary];
  };
  assert.deepEqual(encoded(BASE), ["gzip", "Accept-Encoding"]);
  assert.deepEqual(encoded({ ...BASE, Vary: "Origin" }), ["gzip", "Origin, Accept-Encoding"]);
});

test("a head is made once for all answers that are alike, and anew for other headers of the origin", () => {
  const answers = new Answers();
  const head = (base = BASE, type = "video/mp4", cache = "no-store", encoding?: string) =>
    answers.file({ ...FILE, type }, base, cache, null, encoding).headers;
  const first = head();
  assert.equal(head(), first);
  const others = [
    head(BASE, "video/mp2t"),
    head(BASE, "video/mp4", "max-age=1"),
    head(BASE, "video/mp4", "no-store", "gzip"),
  ];
  for (const other of others) assert.notEqual(other, first);
  assert.equal(head(), first);
  const elsewhere = { "Access-Control-Allow-Origin": "https://example.com" };
  const other = head(elsewhere) as Record<string, string>;
  assert.equal(other["Access-Control-Allow-Origin"], "https://example.com");
  assert.equal(head(elsewhere), other);
  assert.notEqual(head(), first, "those of one origin are kept");
});
