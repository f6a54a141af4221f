/**
 * A connection that stands for another one, which does all that it is not made to do itself.
 *
 * @module
 */
import type { Address, Connection, ConnectionHandler } from "../ports.ts";

/** Passes everything on; classes on it change what is to be different. */
export class PassedConnection implements Connection {
  protected readonly connection: Connection;

  /** Stands for `connection`. */
  constructor(connection: Connection) {
    this.connection = connection;
  }

  get remote(): Address {
    return this.connection.remote;
  }

  get local(): Address {
    return this.connection.local;
  }

  get bytesWritten(): number {
    return this.connection.bytesWritten;
  }

  start(handler: ConnectionHandler): void {
    this.connection.start(handler);
  }

  write(bytes: Uint8Array): boolean {
    return this.connection.write(bytes);
  }

  pause(): void {
    this.connection.pause();
  }

  resume(): void {
    this.connection.resume();
  }

  end(): void {
    this.connection.end();
  }

  destroy(): void {
    this.connection.destroy();
  }
}
