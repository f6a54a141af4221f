/** The contract of `Connection`, proved on whichever runtime runs this file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { contractOf, type Listen } from "./connection_contract.ts";

const runtime = await loadRuntime();
const ways: [name: string, listen: Listen][] = [["as served", runtime.listenTcp]];
// Deno has a second way, for a Deno whose handles are others. Bun has one, which is tested twice, so
// that both runtimes run the same tests.
if (runtime.name === "deno") {
  const { listenConn } = await import("../../src/transport/deno/tcp_conn.ts");
  ways.push(["as a fallback", listenConn]);
} else {
  ways.push(["as a fallback", runtime.listenTcp]);
}

test("the cheapest way of this runtime is the one in use", async () => {
  if (runtime.name === "deno") {
    const { findHandles } = await import("../../src/transport/deno/handles.ts");
    assert.notEqual(findHandles(), undefined);
  } else {
    const { listenTcp } = await import("../../src/transport/bun/tcp.ts");
    assert.equal(runtime.listenTcp, listenTcp);
  }
});

for (const [name, listen] of ways) {
  for (const [claim, proof] of contractOf(name, listen)) test(claim, proof);
}
