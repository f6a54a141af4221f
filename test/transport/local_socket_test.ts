/** Sockets of the file system, proved on whichever runtime runs this file. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ListenError } from "../../src/ports.ts";
import { listenLocal } from "../../src/transport/local_socket.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { askLocal } from "../support/local_socket.ts";
import { HERE } from "./http_rig.ts";

/** A folder for sockets, which goes with the test. */
function folder() {
  const path = mkdtempSync(join(tmpdir(), "sluice-local-"));
  return {
    in: (name: string) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

/** Serves at a socket what says who asked and for what. */
async function serveAt(path: string, mode = 0o600) {
  const server = await (await loadRuntime()).serveHttp(
    HERE,
    async (request, { hostname, port }) => {
      const bytes = (await request.arrayBuffer()).byteLength;
      return Response.json({
        from: `${hostname}:${port}`,
        path: new URL(request.url).pathname,
        bytes,
      });
    },
  );
  try {
    await server.alsoAt(path, mode);
  } catch (error) {
    await server.close();
    throw error;
  }
  return { [Symbol.asyncDispose]: () => server.close() };
}

/** Leaves what a server leaves that was killed. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.a`, resolve));
  renameSync(`${path}.a`, path);
  await new Promise((resolve) => server.close(resolve));
  assert.ok(existsSync(path));
}

const refusedFor = (reason: string) => (error: unknown) =>
  error instanceof ListenError && error.reason === reason;

test("HTTP is served at a socket, with its rights, to clients of this machine", async () => {
  using place = folder();
  const path = place.in("api.sock");
  {
    await using _ = await serveAt(path, 0o660);
    assert.equal(statSync(path).mode & 0o777, 0o660);
    const { status, text } = await askLocal(path, "/x", { body: new Uint8Array(300_000) });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), { from: "127.0.0.1:0", path: "/x", bytes: 300_000 });
    assert.equal(JSON.parse((await askLocal(path, "/y")).text).path, "/y");
  }
  assert.ok(!existsSync(path) && !existsSync(`${path}.new`));
});

test("a socket that nobody listens at is replaced, also one without its rights yet", async () => {
  using place = folder();
  const path = place.in("api.sock");
  await leaveSocket(path);
  await leaveSocket(`${path}.new`);
  await using _ = await serveAt(path);
  assert.equal((await askLocal(path, "/")).status, 200);
});

test("what is in use, is no socket, or has no folder is left alone, and the reason told", async () => {
  using place = folder();
  const path = place.in("api.sock");
  await using _ = await serveAt(path);
  await assert.rejects(serveAt(path), refusedFor("in-use"));
  assert.equal((await askLocal(path, "/")).status, 200);
  const file = place.in("file");
  writeFileSync(file, "mine");
  await assert.rejects(serveAt(file), refusedFor("bad-address"));
  assert.equal(readFileSync(file, "utf8"), "mine");
  await assert.rejects(serveAt(place.in("none/api.sock")), refusedFor("bad-address"));
});

test("a socket that has become another server's stays when the first one closes", async () => {
  using place = folder();
  const [path, other] = [place.in("api.sock"), place.in("other.sock")];
  const first = await serveAt(path);
  await using _ = await serveAt(other);
  renameSync(other, path);
  await first[Symbol.asyncDispose]();
  assert.equal((await askLocal(path, "/")).status, 200);
});

test("a listener is renewed with the same rights, and closes for good", async () => {
  using place = folder();
  const path = place.in("api.sock");
  let came = 0;
  const listener = await listenLocal(path, 0o666, (socket) => {
    came++;
    socket.end("HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n");
  });
  const before = statSync(path).ino;
  listener.renew();
  chmodSync(path, 0o600);
  // Replaced in the same turn, or a few later.
  for (let turn = 0; turn < 1000 && statSync(path).ino === before; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(statSync(path).mode & 0o777, 0o666);
  assert.equal((await askLocal(path, "/")).status, 204);
  assert.equal(came, 1);
  listener.close();
  listener.renew();
  assert.ok(!existsSync(path));
  await assert.rejects(askLocal(path, "/"));
});
