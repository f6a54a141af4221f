/** How many clients get RTMPE, and what becomes of the others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyExchanges } from "../../../src/service/rtmp/key_exchanges.ts";
import { noise } from "../../core/rtmp/handshake/harness.ts";
import { Rig } from "../../support/rtmp_service.ts";
import { RtmpeClient } from "../../support/rtmpe_client.ts";

test("a hundred come at once, and then one in ten milliseconds", () => {
  const exchanges = new KeyExchanges();
  const take = (now: number) => {
    let taken = 0;
    while (exchanges.take(now)) taken++;
    return taken;
  };
  assert.equal(take(5000), 100);
  assert.equal(take(5009), 0);
  assert.equal(take(5010), 1);
  assert.equal(take(5110), 10);
  assert.equal(take(60_000), 100);
});

test("over that a client is refused, one in the clear is not, and time makes room", () => {
  const rig = new Rig({ maxConnections: 1000, maxConnectionsPerAddress: 1000 });
  const { hello } = new RtmpeClient(noise(1536));
  const come = (bytes: Uint8Array) => {
    const client = rig.client();
    client.connection.deliver(bytes);
    return client.session.core.phase;
  };
  for (let count = 0; count < 100; count++) assert.equal(come(hello), "handshake");
  assert.equal(come(hello), "closed");
  const plain = Uint8Array.from(hello);
  plain[0] = 3;
  assert.notEqual(come(plain), "closed");
  rig.clock.advance(20);
  assert.equal(come(hello), "handshake");
});
