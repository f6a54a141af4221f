/** Who is sent compressed answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptsGzip } from "../../../src/core/http/accept_encoding.ts";

test("who says that it reads gzip is sent it, however it is written", () => {
  for (
    const accept of ["gzip", "GZIP", "x-gzip", "br, gzip", "gzip;q=0.1", "br;q=1 , gzip ; q=1.0"]
  ) assert.equal(acceptsGzip(accept), true, accept);
});

test("who refuses gzip, or says nothing of it, is not", () => {
  for (
    const accept of [
      ...[null, undefined, "", "*", "br", "identity", "notgzip", "gzip2", "agzip, br"],
      ...["gzip;q=0", "gzip; q=0.000", "gzip ;Q=0", "br, gzip;q=0, identity"],
    ]
  ) assert.equal(acceptsGzip(accept), false, `${accept}`);
});
