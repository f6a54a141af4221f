/**
 * Who asks for a name that nobody has, as those are told who may bring it.
 *
 * @module
 */

/** Who asks. */
export interface Asker {
  /** What it sent behind the name, for another server; secret. */
  readonly query: string;
  /** Its IP address. */
  readonly address: string;
  /** Ids of servers that it asks for, if it is one. */
  readonly via: readonly string[];
}
