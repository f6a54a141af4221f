import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { encodePart } from "../../../src/core/mp4/mod.ts";

test("a part has all of its boxes where the standard has them", () => {
  const bytes = encodePart(7, [
    {
      id: 1,
      samples: [
        // The second one begins later than the first one says: the time between them is the first's.
        {
          dts: 2 ** 33 + 5,
          duration: 3000,
          composition: 6000,
          key: true,
          data: Uint8Array.of(1, 2, 3),
        },
        {
          dts: 2 ** 33 + 3605,
          duration: 3600,
          composition: -90,
          key: false,
          data: Uint8Array.of(4),
        },
      ],
    },
    {
      id: 2,
      baseTicks: 1000,
      samples: [{
        dts: 3048,
        duration: 1024,
        composition: 0,
        key: true,
        data: Uint8Array.of(5, 6),
      }],
    },
    { id: 3, samples: [] },
  ]);
  // Counted by hand: moof 8 + mfhd 16 + traf (8 + tfhd 16 + tfdt 20 + trun 20) + 16 for each sample.
  assert.equal(
    hex(bytes),
    [
      "000000c8 6d6f6f66 00000010 6d666864 00000000 00000007",
      "00000060 74726166 00000010 74666864 00020000 00000001",
      "00000014 74666474 01000000 00000002 00000005",
      // Data begins behind the 200 bytes of moof and the 8 of mdat.
      "00000034 7472756e 01000f01 00000002 000000d0",
      "00000e10 00000003 02000000 00001770",
      "00000e10 00000001 01010000 ffffffa6",
      "00000050 74726166 00000010 74666864 00020000 00000002",
      "00000014 74666474 01000000 00000000 00000800",
      "00000024 7472756e 01000f01 00000001 000000d4",
      "00000400 00000002 02000000 00000000",
      "0000000e 6d646174 01020304 0506",
    ].join("").replaceAll(" ", ""),
  );
});

test("a part never begins before the file does", () => {
  const sample = { dts: 5, duration: 1, composition: 0, key: true, data: Uint8Array.of(1) };
  const bytes = encodePart(1, [{ id: 1, baseTicks: 6, samples: [sample] }]);
  assert.equal(hex(bytes.subarray(60, 68)), "0000000000000000");
});
