/**
 * Bounds that no operator turns, for people.
 *
 * Written by `tools/config_table.ts` out of the schema: change that, then run it.
 *
 * @module
 */

/**
 * Bounds that no operator turns, for programs that embed a server. Times are milliseconds, sizes
 * are bytes.
 */
export interface Tuning {
  /**
   * Bytes after which a peer is asked to acknowledge what it received. (a whole number of bytes
   * from 1000 to 2147483647; default 2500000)
   */
  readonly windowAckSize: number;
  /**
   * Smallest chunk size a client may set. 1 is for odd clients: it costs time for each byte. (a
   * whole number of bytes from 1 to 128; default 128)
   */
  readonly minChunkSize: number;
  /** Chunk stream ids that one connection may use. (a whole number from 8 to 65597; default 32) */
  readonly maxChunkStreams: number;
  /**
   * Messages of one connection that may be under way at once, each on its chunk stream. (a whole
   * number from 2 to 1024; default 8)
   */
  readonly maxUnfinishedMessages: number;
  /**
   * Memory for the unfinished messages of one connection. (a whole number of bytes from 65536 to
   * 1073741824; default 16777216 (16 MiB))
   */
  readonly maxAssemblyBytes: number;
  /**
   * Largest message of any kind from a client that may not publish yet, or never asks to. (a whole
   * number of bytes from 4096 to 16777215; default 65536 (64 KiB))
   */
  readonly maxEarlyMessageBytes: number;
  /**
   * Largest command or data message. (a whole number of bytes from 65536 to 1048576; default
   * 1048576 (1 MiB))
   */
  readonly maxCommandBytes: number;
  /**
   * Largest audio message, where that of all media is not less. (a whole number of bytes from 4096
   * to 16777215; default 1048576 (1 MiB))
   */
  readonly maxAudioBytes: number;
  /**
   * Longest command that is decoded; of a longer one only the name is read. (a whole number of
   * bytes from 4096 to 1048576; default 65536 (64 KiB))
   */
  readonly maxAmfBytes: number;
  /**
   * Objects and arrays inside each other in a command. (a whole number from 4 to 256; default 16)
   */
  readonly maxAmfDepth: number;
  /** Values in a command, all told. (a whole number from 64 to 1000000; default 2048) */
  readonly maxAmfValues: number;
  /**
   * Longest string in a command. (a whole number of bytes from 1024 to 1048576; default 16384 (16
   * KiB))
   */
  readonly maxAmfStringBytes: number;
  /** Message streams (NetStreams) of one connection. (a whole number from 1 to 1024; default 16) */
  readonly maxStreamsPerConnection: number;
  /** Limit the connections of this machine by address too. (true or false; default false) */
  readonly limitLoopback: boolean;
  /**
   * Answers of one plugin that are awaited at once, of hooks that decide; over it the answer is no.
   * As many calls of clients wait beside them. (a whole number from 1 to 1000000; default 1000)
   */
  readonly maxPendingHooks: number;
  /**
   * Faults of a hook in a row after which /health calls its plugin unhealthy. (a whole number from
   * 1 to 1000; default 3)
   */
  readonly hookFaultLimit: number;
  /**
   * Remote calls of one connection that wait for an answer, in each direction. (a whole number from
   * 1 to 1000; default 16)
   */
  readonly maxPendingCalls: number;
  /**
   * Largest body of a request to the control API. (a whole number of bytes from 1024 to 16777216;
   * default 1048576 (1 MiB))
   */
  readonly apiBodyBytes: number;
  /**
   * The longest that the latency `auto` holds pictures back, before it is stretched. (a whole
   * number of milliseconds from 0 to 1000; default 25)
   */
  readonly latencyAutoMs: number;
  /**
   * Shared objects that one connection uses at once. (a whole number from 1 to 1000; default 16)
   */
  readonly maxSharedObjectsPerConnection: number;
  /**
   * Names and values of one shared object together, and also one message to it. Over this, it is
   * refused. (a whole number of bytes from 1024 to 131072; default 32768 (32 KiB))
   */
  readonly maxSharedObjectBytes: number;
  /**
   * Properties of one shared object. Over this, changes are refused. (a whole number from 1 to 256;
   * default 256)
   */
  readonly maxSharedObjectProperties: number;
}
