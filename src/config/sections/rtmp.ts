/**
 * How RTMP is spoken, and how long clients may take until they publish or play.
 *
 * @module
 */
import { choice, HOUR, integer, type Section, size, time, toggle } from "../setting.ts";

const entries = {
  port: integer(1935, 0, 65_535, {
    text: "Port of the RTMP server; 0 takes any free port.",
    placeholder: "PORT",
  }),
  onePort: toggle(
    "The RTMP port is for all: RTMP, HTTP, and both in TLS where there are certificates, told apart by" +
      " their first bytes.",
  ),
  chunkSize: size(65_536, 128, 65_536, "Size of the chunks that Sluice sends."),
  typeThreeDelta: choice("timestamp", ["timestamp", "zero"], {
    text:
      "What a chunk of type 3 adds to the time when it starts a message right after one of type" +
      " 0: that one's timestamp, as the specification says, or zero, as some encoders mean it.",
  }),
  rtmpe: choice("allow", ["allow", "refuse"], {
    text:
      "Whether clients that ask for RTMPE, the old encryption of the protocol, get it. It hides what is" +
      " sent from nobody who tries, and costs a copy for each player: use RTMPS.",
  }),
  rtmpt: choice("allow", ["allow", "refuse"], {
    text:
      "Whether clients may speak RTMPT, which is RTMP inside requests to the port of HTTP, for those" +
      " behind walls that let nothing else through.",
  }),
  timeoutMs: time(
    5000,
    100,
    600_000,
    "Longest time for each step of a client: from accepting its connection to the end of the" +
      " handshake, and from there to the connect command. From there to the first publish or play" +
      " that is let in it has twice this.",
  ),
  idleTimeoutMs: time(
    60_000,
    100,
    24 * HOUR,
    "Longest time that a connection may neither publish nor play after it did.",
  ),
  pingIntervalMs: time(30_000, 100, HOUR, "Time between two pings of a connection."),
};

/** The section `rtmp`. */
export const rtmp: Section<typeof entries> = { title: "RTMP", entries };
