import { test } from "node:test";
import assert from "node:assert/strict";
import { suggest } from "../../src/config/suggest.ts";

const known = ["host", "rtmp.port", "http.port", "gopCache.ms", "gopCache.bytes", "api.token"];

test("a name with a letter too many, too few, changed or swapped is recognised", () => {
  for (const name of ["rtmpPortt", "rtmpPor", "rtmqPort", "rtmpProt"]) {
    assert.equal(suggest(name, known), "rtmp.port", name);
  }
});

test("two neighbours that were swapped count as one edit", () => {
  assert.equal(suggest("ohst", ["host"]), "host");
  assert.equal(suggest("osth", ["host"]), undefined);
});

test("case, dots, dashes and underscores do not count", () => {
  for (const name of ["RTMP_PORT", "rtmp-port", "RtmpPort", "rtmp.Port"]) {
    assert.equal(suggest(name, known), "rtmp.port", name);
  }
});

test("the nearest of several names is meant", () => {
  assert.equal(suggest("gopCacheM", known), "gopCache.ms");
  assert.equal(suggest("gopCacheByte", known), "gopCache.bytes");
  assert.equal(suggest("htppPort", known), "http.port");
});

test("a name like no other has no suggestion", () => {
  for (const name of ["", "x", "transcode", "__proto__", "toString"]) {
    assert.equal(suggest(name, known), undefined, name);
  }
  assert.equal(suggest("host", []), undefined);
});

test("an endless name costs nothing", () => {
  assert.equal(suggest("host".repeat(1_000_000), known), undefined);
});
