/**
 * Listening at a socket of the file system, which is reached from this machine alone, and there only by
 * those whom the rights of the file let.
 *
 * @module
 */
import { chmodSync, lstatSync, renameSync, type Stats, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Address, ListenError } from "../ports.ts";
import { toListenError } from "./listen_error.ts";
import { namePeer } from "./peer_of.ts";

/** Whoever comes this way is on this machine; the kernel has no address for it. */
const HERE: Address = { hostname: "127.0.0.1", port: 0 };

/** Longest time to find out whether somebody listens at a socket that is there (ms). */
const PROBE_MS = 1000;

/** A socket that is listened at. */
export interface LocalListener {
  /** Listens anew: the listener may have failed for want of a file descriptor. */
  renew(): void;
  /** Listens no more, and removes the socket unless it has become another's. */
  close(): void;
}

/**
 * Listens at `path`, with the rights `mode`. A socket that another server has left there is replaced, one
 * at which somebody listens is not.
 *
 * @throws {ListenError}
 */
export async function listenLocal(
  path: string,
  mode: number,
  accept: (socket: Socket) => void,
): Promise<LocalListener> {
  const address = { hostname: `unix:${path}`, port: 0 };
  // Nobody may come before the rights are set, so it gets its name only then.
  const draft = `${path}.new`;
  let server: Server;
  let inode: number | bigint | undefined;
  const open = async (): Promise<Server> => {
    const opened = createServer({ allowHalfOpen: true }, (socket) => {
      namePeer(socket, HERE);
      accept(socket);
    });
    opened.on("error", () => {});
    await listening(opened, draft);
    try {
      chmodSync(draft, mode);
      inode = lstatSync(draft).ino;
      renameSync(draft, path);
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  };
  try {
    for (const one of [path, draft]) await removeStale(one, address);
    server = await open();
  } catch (error) {
    throw error instanceof ListenError ? error : toListenError(error, address);
  }
  let closed = false;
  const renew = async (): Promise<void> => {
    if (closed) return;
    try {
      const before = server;
      server = await open();
      before.close();
      if (closed) server.close();
    } catch {
      // The next time that descriptors come back it is tried again.
    }
  };
  return {
    renew: () => void renew(),
    close() {
      closed = true;
      server.close();
      if (statOf(path)?.ino === inode) remove(path);
    },
  };
}

/** Removes a socket that nobody listens at. @throws {ListenError} where somebody does, or it is none */
async function removeStale(path: string, address: Address): Promise<void> {
  const stat = statOf(path);
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new ListenError("bad-address", address);
  if (await answers(path)) throw new ListenError("in-use", address);
  unlinkSync(path);
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined; // What is wrong with the folder shows when it is listened there.
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else was first.
  }
}

/** Whether somebody listens there, or may do so: only a refusal says that nobody does. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const timer = setTimeout(() => done(true), PROBE_MS);
    const done = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => done(true));
    socket.on("error", (error: Error & { code?: string }) => done(error.code !== "ECONNREFUSED"));
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
