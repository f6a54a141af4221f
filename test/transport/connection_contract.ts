/**
 * The contract of `Connection`, as tests of whichever way leads to one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import {
  type Address,
  type Connection,
  type ConnectionHandler,
  type Listener,
  ListenError,
} from "../../src/ports.ts";
import { within } from "../support/deadline.ts";

/** A connection of ours with what it was told, and the raw socket at the other end. */
export class Ours implements ConnectionHandler {
  received: number[] = [];
  writable = 0;
  closed = 0;
  #wake: (() => void)[] = [];

  constructor(readonly connection: Connection) {
    connection.start(this);
  }
  onData(bytes: Uint8Array): void {
    this.received.push(...bytes);
    this.#tell();
  }
  onWritable(): void {
    this.writable++;
    this.#tell();
  }
  onClose(): void {
    this.closed++;
    this.#tell();
  }
  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }
}

/** Listens in one way. */
export type Listen = (
  address: Address,
  onConnection: (connection: Connection) => void,
) => Promise<Listener>;

/** Connects to a port of this machine, as clients of that way do; resolves once that stands. */
export type Connect = (port: number, allowHalfOpen: boolean) => Promise<net.Socket>;

/** Connects by TCP. */
export async function connectTcp(port: number, allowHalfOpen: boolean): Promise<net.Socket> {
  const socket = net.connect({ host: "127.0.0.1", port, allowHalfOpen });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

async function pair(
  [listen, connect]: readonly [Listen, Connect],
  run: (ours: Ours, theirs: net.Socket) => Promise<void>,
  allowHalfOpen = false,
): Promise<void> {
  let resolve: (ours: Ours) => void;
  const accepted = new Promise<Ours>((done) => resolve = done);
  const listener = await listen(
    { hostname: "127.0.0.1", port: 0 },
    (connection) => resolve(new Ours(connection)),
  );
  let theirs: net.Socket | undefined;
  try {
    theirs = await connect(listener.address.port, allowHalfOpen);
    await run(await accepted, theirs);
  } finally {
    theirs?.destroy();
    listener.close();
  }
}

/** What must hold for connections of one way: a claim and its proof each. */
export function contractOf(
  name: string,
  listen: Listen,
  connect: Connect = connectTcp,
): [claim: string, proof: () => Promise<void>][] {
  const way = [listen, connect] as const;
  const claims: [string, () => Promise<void>][] = [];
  const test = (claim: string, proof: () => Promise<void>) => void claims.push([claim, proof]);
  test(`${name}: a connection knows both of its ends`, () =>
    pair(way, (ours, theirs) => {
      assert.equal(ours.connection.remote.hostname, "127.0.0.1");
      assert.equal(ours.connection.remote.port, theirs.localPort);
      assert.equal(ours.connection.local.port, theirs.remotePort);
      return Promise.resolve();
    }));

  test(`${name}: bytes arrive in order and whole, far more than one read holds`, () =>
    pair(way, async (ours, theirs) => {
      const sent = Uint8Array.from({ length: 300_000 }, (_, index) => index * 7);
      theirs.write(sent);
      await ours.until(() => ours.received.length === sent.length);
      assert.deepEqual(Uint8Array.from(ours.received), sent);
    }));

  test(`${name}: a write too large for the kernel is in flight until the peer reads, then onWritable comes once`, () =>
    pair(way, async (ours, theirs) => {
      theirs.pause();
      const bytes = Uint8Array.from({ length: 16_000_000 }, (_, index) => index * 13);
      assert.equal(ours.connection.write(bytes), false);
      assert.equal(ours.writable, 0);
      let at = 0;
      let equal = true;
      theirs.on("data", (chunk: Uint8Array) => {
        for (const byte of chunk) equal &&= byte === (at++ * 13 & 255);
      });
      theirs.resume();
      await ours.until(() => ours.writable === 1);
      assert.equal(ours.connection.bytesWritten, bytes.length);
      while (at < bytes.length) await once(theirs, "data");
      assert.ok(equal, "the peer got other bytes");
    }));

  test(`${name}: a write in flight is whole even when nobody else keeps its memory`, () =>
    pair(way, async (ours, theirs) => {
      theirs.pause();
      // As the pages of a stream are: written until the kernel is full, then dropped.
      let written = 0;
      const writePage = () => {
        const page = new Uint8Array(256 * 1024).fill(7);
        written += 200_000;
        return ours.connection.write(page.subarray(0, 200_000));
      };
      while (writePage());
      // Enough garbage for a collection, which then finds the page gone.
      const others: Uint8Array[] = [];
      for (let index = 0; index < 2000; index++) {
        others.push(new Uint8Array(256 * 1024).fill(9));
        if (others.length > 20) others.shift();
        if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      let got = 0;
      let wrong = 0;
      theirs.on("data", (chunk: Uint8Array) => {
        for (const byte of chunk) if (byte !== 7) wrong++;
        got += chunk.length;
      });
      theirs.resume();
      while (got < written) await once(theirs, "data");
      assert.equal(wrong, 0);
    }));

  test(`${name}: end lets the write in flight finish, then the peer sees the end`, () =>
    pair(way, async (ours, theirs) => {
      theirs.pause();
      const bytes = new Uint8Array(8_000_000);
      assert.equal(ours.connection.write(bytes), false);
      ours.connection.end();
      let got = 0;
      theirs.on("data", (chunk: Uint8Array) => got += chunk.length);
      theirs.resume();
      await once(theirs, "end");
      assert.equal(got, bytes.length);
      theirs.end();
      await ours.until(() => ours.closed > 0);
      assert.equal(ours.closed, 1);
    }));

  test(`${name}: behind end, a peer that reads and keeps its own end open is not waited for long`, () =>
    pair(way, async (ours, theirs) => {
      const bytes = new Uint8Array(100_000);
      let got = 0;
      theirs.on("data", (chunk: Uint8Array) => got += chunk.length);
      const ended = once(theirs, "end");
      if (!ours.connection.write(bytes)) await ours.until(() => ours.writable > 0);
      // Some of what it says is not read yet: for its sake we do not close at once.
      theirs.write(new Uint8Array(10));
      ours.connection.end();
      await ended;
      assert.equal(got, bytes.length, "it has all that was written");
      await within(ours.until(() => ours.closed > 0), "the connection is over", 10_000);
      assert.equal(ours.closed, 1);
      assert.ok(!theirs.writableEnded, "the peer has not closed its end");
    }, true));

  test(`${name}: destroy closes at once, and onClose comes once and not inside the call`, () =>
    pair(way, async (ours, theirs) => {
      theirs.pause();
      ours.connection.write(new Uint8Array(8_000_000));
      ours.connection.destroy();
      ours.connection.destroy();
      assert.equal(ours.closed, 0);
      await ours.until(() => ours.closed > 0);
      theirs.resume();
      // A reset is as good as an end here, so no `once`, which fails on "error".
      await new Promise((resolve) => theirs.on("close", resolve));
      assert.equal(ours.closed, 1);
      assert.equal(ours.writable, 0);
    }));

  test(`${name}: a peer that closes or resets is told as onClose, exactly once`, async () => {
    await pair(way, async (ours, theirs) => {
      theirs.end();
      await ours.until(() => ours.closed > 0);
      assert.equal(ours.closed, 1);
    });
    await pair(way, async (ours, theirs) => {
      theirs.resetAndDestroy();
      await ours.until(() => ours.closed > 0);
      assert.equal(ours.closed, 1);
    });
  });

  test(`${name}: what is paused hears of the end when it goes on, and not before`, () =>
    pair(way, async (ours, theirs) => {
      ours.onData = (bytes) => {
        ours.received.push(...bytes);
        ours.connection.pause();
        ours.onWritable();
      };
      theirs.end("last words");
      await ours.until(() => ours.received.length > 0);
      // The round trip over a second connection gives the end every chance to be heard.
      await pair(way, async (other, peer) => {
        peer.write("x");
        await other.until(() => other.received.length === 1);
      });
      assert.equal(ours.closed, 0);
      ours.connection.resume();
      await within(ours.until(() => ours.closed === 1), "the end is heard", 10_000);
    }));

  test(`${name}: a write to a connection that is gone is swallowed`, () =>
    pair(way, async (ours, theirs) => {
      theirs.destroy();
      await ours.until(() => ours.closed > 0);
      assert.equal(ours.connection.write(new Uint8Array(10)), true);
      ours.connection.end();
      ours.connection.pause();
      ours.connection.resume();
    }));

  test(`${name}: a paused connection stops reading and goes on after resume without losing a byte`, () =>
    pair(way, async (ours, theirs) => {
      theirs.write("a");
      await ours.until(() => ours.received.length === 1);
      let got = 0;
      ours.onData = (bytes) => {
        got += bytes.length;
        if (got === size) ours.onWritable();
      };
      ours.connection.pause();
      const size = 12_000_000;
      let taken = false;
      theirs.write(new Uint8Array(size), () => taken = true);
      // The round trip over a second connection gives the first every chance to deliver.
      await pair(way, async (other, peer) => {
        peer.write("x");
        await other.until(() => other.received.length === 1);
      });
      assert.ok(got < size, "back-pressure did not reach the peer");
      assert.equal(taken, false);
      ours.connection.resume();
      await ours.until(() => got === size);
    }));

  test(`${name}: a port in use, and an address that is not ours, are told apart`, async () => {
    const taken = await listen({ hostname: "127.0.0.1", port: 0 }, () => {});
    const reason = async (hostname: string, port: number) => {
      try {
        (await listen({ hostname, port }, () => {})).close();
        return "none";
      } catch (error) {
        assert.ok(error instanceof ListenError);
        return error.reason;
      }
    };
    assert.equal(await reason("127.0.0.1", taken.address.port), "in-use");
    assert.equal(await reason("192.0.2.1", 0), "bad-address");
    taken.close();
  });

  test(`${name}: a closed listener accepts no more, and connections it handed over stay open`, () =>
    pair(way, async (ours, theirs) => {
      theirs.write("a");
      await ours.until(() => ours.received.length === 1);
      const listener = await listen({ hostname: "127.0.0.1", port: 0 }, () => {});
      const { port } = listener.address;
      listener.close();
      const late = net.connect(port, "127.0.0.1");
      const [error] = await once(late, "error");
      assert.ok(error instanceof Error);
      theirs.write("b");
      await ours.until(() => ours.received.length === 2);
    }));
  return claims;
}
