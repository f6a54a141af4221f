/** E5: handshakes of TLS in great number, beside players. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateFolder, pairFor } from "../support/certificates.ts";
import { figure, sized } from "../support/figure.ts";
import { startProgram, startServer } from "../support/server.ts";
import { Beat, HealthySet } from "./healthy_set.ts";

test("E5: a storm of TLS handshakes leaves players their pictures", async () => {
  using folder = new CertificateFolder();
  const [cert, key] = folder.pair("local", pairFor("localhost"));
  await using server = await startServer([
    ...["--tls-cert", cert, "--tls-key", key, "--rtmps-port", "0"],
  ]);
  const { properties } = server.logs.find(({ message }) => message === "listening")!;
  const port = /:(\d+)$/.exec(String(properties.rtmps))![1]!;
  await using beat = await Beat.start(server.rtmpPort, "a", 10_000);
  await using healthy = await HealthySet.join(server.rtmpPort, "a", sized(3, 50));
  await beat.pass(500);
  healthy.take();
  await beat.pass(sized(1000, 8000));
  const before = healthy.take();

  await using storm = startProgram(
    [port, String(sized(40, 200))],
    {},
    "test/hostile/tls_storm_program.ts",
  );
  const counts: number[] = [];
  const seconds = sized(2, 8);
  await storm.waitForLine((line) => line.startsWith("shaken") || undefined, "it has begun", 30_000);
  healthy.take();
  const from = storm.lines.length;
  const counted = () => {
    const lines = storm.lines.slice(from).filter((line) => line.startsWith("shaken"));
    return lines.length >= seconds ? lines : undefined;
  };
  let lines: string[] | undefined;
  while ((lines = counted()) === undefined) await beat.pass(100);
  const during = healthy.take();
  for (const line of lines) {
    const [, done, failed] = line.split(" ").map(Number);
    counts.push(done!);
    assert.equal(failed, 0, line);
  }
  assert.equal(during.missing, 0, "no player misses a picture");
  figure({
    ...{ id: "E5", what: "TLS handshakes a second", by: "wall" },
    ...{ value: counts.reduce((sum, count) => sum + count, 0) / counts.length, unit: "/s" },
    atLeast: 180,
  });
  figure({
    ...{ id: "E5", what: "p99 of players, more than without the storm", by: "wall" },
    ...{ value: Math.max(0, during.p99 - before.p99), unit: "ms", atMost: 20 },
  });
  server.assertHealthy();
});
