import { test } from "node:test";
import assert from "node:assert/strict";
import { suggest } from "../../src/config/suggest.ts";

const known = ["host", "rtmpPort", "httpPort", "gopCacheMs", "gopCacheBytes", "apiToken"];

test("a name with a letter too many, too few, changed or swapped is recognised", () => {
  for (const name of ["rtmpPortt", "rtmpPor", "rtmqPort", "rtmpProt"]) {
    assert.equal(suggest(name, known), "rtmpPort", name);
  }
});

test("two neighbours that were swapped count as one edit", () => {
  assert.equal(suggest("ohst", ["host"]), "host");
  assert.equal(suggest("osth", ["host"]), undefined);
});

test("case, dashes and underscores do not count", () => {
  for (const name of ["RTMP_PORT", "rtmp-port", "RtmpPort"]) {
    assert.equal(suggest(name, known), "rtmpPort", name);
  }
});

test("the nearest of several names is meant", () => {
  assert.equal(suggest("gopCacheM", known), "gopCacheMs");
  assert.equal(suggest("gopCacheByte", known), "gopCacheBytes");
  assert.equal(suggest("htppPort", known), "httpPort");
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
