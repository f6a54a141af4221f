/**
 * The tests of the reliability bar in words, each by its id. Names of tests begin with these ids.
 *
 * @module
 */

/** One test of the bar. */
export interface BarTest {
  /** What is done to the server. */
  readonly what: string;
  /** A program that measures it, instead of tests: its path and arguments in the published size. */
  readonly program?: readonly string[];
  /** Why there is no test of it, if there is none. */
  readonly uncovered?: string;
}

/** Groups of ids, by their letter. */
export const GROUPS: Readonly<Record<string, string>> = {
  A: "Bytes",
  B: "Connections",
  C: "Players",
  D: "Publishers and timestamps",
  E: "Edges, relays and TLS",
  F: "Control API and secrets",
  G: "Plugins",
  H: "Lifecycle",
  J: "Long runs and models",
  R: "Recordings",
  S: "Shipping",
  W: "Browsers",
};

/** How long the soak of the published table runs. */
export const SOAK_DURATION = "3m";

/** Every test of the bar that concerns what Sluice has. */
export const BAR: Readonly<Record<string, BarTest>> = {
  A1: { what: "A peer declares 16 MiB on many chunk streams and sends 128 bytes on each" },
  A2: { what: "200 connections do what A1 does, together, before any is let in" },
  A3: { what: "Set Chunk Size 0, 1, 127, 2^31-1, 2^31, 2^32-1, with a short body, in mid-message" },
  A4: {
    what: "Lengths that change inside a message, continuations of nothing, Abort of any stream",
  },
  A5: { what: "Every recorded session is cut at every byte, and in random pieces" },
  A6: { what: "AMF that nests deep, counts high, never ends or refers to itself" },
  A7: { what: "`__proto__`, `constructor`, `then` and the like as keys, commands and names" },
  A8: { what: "Every field of every command with a value of a wrong type" },
  A9: { what: "Handshakes of wrong version or digest; HTTP, TLS and noise on the RTMP port" },
  A10: { what: "Structured, mutated and cut input from a seeded generator, in process" },
  A12: { what: "Media messages that are empty, cut short, or lie about what is in them" },
  A13: { what: "100,000 tiny messages a second from one peer" },
  A14: { what: "Datagrams of RTMFP and requests of RTMPT from a seeded generator, in process" },
  B1: { what: "1,000 players of one stream", uncovered: "measured by `deno task bench`" },
  B4: { what: "Thousands of connections that send no byte" },
  B5: {
    what: "Handshake, `connect`, publish, first media and HTTP headers at one byte a second",
  },
  B6: { what: "200 connections to a server that may open 64 files" },
  B7: { what: "Ports in use, ports not permitted, addresses that are none" },
  B8: { what: "A flood of connections over the limit of an address" },
  B9: { what: "A publisher vanishes without closing, and comes back" },
  B10: { what: "10,000 sessions, each dying at a random state of the protocol" },
  C1: { what: "One player stops reading" },
  C2: { what: "Half of all players stop reading at once" },
  C3: { what: "A player reads at 30 % of the bitrate for a minute" },
  C4: { what: "A player stalls for a while, then reads on" },
  C5: { what: "A player floods the server with acknowledgements and nonsense" },
  C6: { what: "10,000 players join one after the other" },
  C7: { what: "1,000 players reset their connections in the middle of a write" },
  C8: { what: "GOPs of 300 s, of 20 Mbit/s, and without any key frame" },
  C9: { what: "1,000 players join within a second of a 10 MB GOP" },
  D1: { what: "A publisher is killed in the middle of a GOP" },
  D2: { what: "A name is published while it is live, under both policies" },
  D4: { what: "A publisher goes silent, at first in one medium, then in both" },
  D5: { what: "A publish is refused: what is answered, and in which order" },
  D6: { what: "Timestamps that wrap at 2^24, 2^31 and 2^32, jump and run backwards" },
  D7: { what: "A publisher sends ten seconds at once, or at three times the speed" },
  D8: { what: "Metadata of a megabyte, with HTML, terminal escapes and numbers that are none" },
  E1: { what: "An origin is killed under the viewers of an edge, and started again" },
  E2: { what: "The same, with a second origin" },
  E3: { what: "A stream goes through two servers" },
  E4: { what: "Targets that stop reading, refuse, drop, redirect or answer nonsense" },
  E5: { what: "200 handshakes of TLS a second, beside players" },
  E6: { what: "Targets that flood the server with messages" },
  F1: { what: "Every route with no token, a wrong one, one in the query and others" },
  F3: { what: "Time that comparing a token takes, by how much of it is right" },
  F5: { what: "Origins of other sites, `null` and lookalikes" },
  F6: { what: "Forms of other sites; names of other hosts that lead here" },
  F7: { what: "Markup in names, metadata and user agents" },
  F8: { what: "Page sizes, bodies, headers and URLs out of all proportion" },
  F10: { what: "A marked key in every place where a client can put one" },
  G4: { what: "Plugins that throw, reject late, or answer nonsense" },
  G5: { what: "Plugins that never settle" },
  H1: { what: "SIGTERM with publishers and players connected" },
  H4: { what: "Mistakes in the configuration, one by one" },
  H6: { what: "An exception or a rejection in each part of the server" },
  H7: { what: "Standard output closed, blocked, or on a full disk" },
  H10: { what: "The process is stopped for half a minute and goes on" },
  H12: { what: "The server runs with the documented permissions and no others" },
  J1: {
    what: "Publish cycles, joins, faults and bad peers against a running server, with forced GC",
    program: ["test/soak/run.ts", "--duration", SOAK_DURATION],
  },
  J2: { what: "A soak of 8 to 24 hours", uncovered: "run `deno task soak --duration 8h`" },
  J3: { what: "A stream of 60 days, on a clock that is moved" },
  J4: {
    what: "Random operations on publishers, players and plugins against a model",
    uncovered: "D2 does so for the registry alone",
  },
  J5: {
    what: "Lag of the event loop under load",
    uncovered: "A13 and C1 measure what others notice of it; `deno task bench` measures latency",
  },
  R1: { what: "The server is killed at a random moment while it records, in both formats" },
  R2: { what: "The disk of recordings stalls for five seconds, and is full" },
  R3: { what: "Damaged files of FLV and MP4, and names of files that lead elsewhere" },
  S1: { what: "The documented ways to install, one after the other, where there is Node alone" },
  W1: { what: "Chromium plays a stream each way for a minute: pictures that are not shown" },
  W2: { what: "The same: from the making of a picture to showing it, by a clock in the picture" },
  W3: {
    what: "A stream comes late, falls silent, ends, comes back in another size, or is refused",
  },
  W4: { what: "ffmpeg, GStreamer and VLC read HLS for two minutes without a warning" },
  W5: { what: "A playlist is read 10,000 times, and held against the rules of RFC 8216bis" },
};
