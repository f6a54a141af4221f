import assert from "node:assert/strict";
import { test } from "node:test";
import { publicClientName } from "../src/client_name.ts";

test("what encoders and players call themselves is shown as it is", () => {
  for (
    const name of [
      "",
      "FMLE/3.0 (compatible; FMSc/1.0)",
      "FMLE/3.0 (compatible; Lavf60.16.100)",
      "FMLE/3.0 (compatible; obs-studio/27.2.4; FMSc/1.0)",
      "LNX 9,0,124,2",
      "WIN 32,0,0,465",
      "OBS",
      "obs-studio/30.1.0-rc1",
      "obs-output module (libobs version 30.0.2)",
      "GStreamer 1.28.0 flvmux",
      "Lavf59.27.100",
    ]
  ) assert.equal(publicClientName(name), name);
});

test("words that name no known program are masked, and so are long rows of numbers", () => {
  const cases: [name: string, shown: string][] = [
    ["live_7f3a9c", "***"],
    ["FMLE/3.0 (compatible; hunter2)", "FMLE/3.0 (compatible; ***)"],
    ["secret key of mine", "***"],
    ["OBS?key=abc", "***"],
    ["1234567890123456", "***"],
    ["1 2 3 4 5 6 7 8", "1 2 3 4 ***"],
    ["abcd-efgh-ijkl", "***"],
    ["\u0000\u001b[31m", "***"],
  ];
  for (const [name, shown] of cases) assert.equal(publicClientName(name), shown);
  assert.ok(publicClientName("OBS ".repeat(10_000)).length <= 256);
});
