/**
 * How much there may be of what clients bring.
 *
 * @module
 */
import { DEFAULT_CHUNK_DECODER_LIMITS } from "../../core/rtmp/chunk/limits.ts";
import { integer, MiB, type Section, size } from "../setting.ts";

const maxEntries = {
  connections: integer(10_000, 1, 1_000_000, { text: "RTMP connections at once." }),
  connectionsPerAddress: integer(200, 1, 1_000_000, {
    text: "RTMP connections at once of one IPv4 address, or of one IPv6 network of 64 bits." +
      " Those of this machine are not counted.",
  }),
  pendingConnections: integer(1024, 1, 1_000_000, {
    text:
      "RTMP connections at once that were not let publish or play yet. Over this, the one that" +
      " has been silent the longest makes room for the newest.",
  }),
  streams: integer(10_000, 1, 1_000_000, { text: "Stream names alive at once." }),
  messageBytes: size(
    DEFAULT_CHUNK_DECODER_LIMITS.maxMediaBytes,
    65_536,
    16_777_215,
    "Largest audio, video or aggregate message.",
  ),
  messagesPerSecond: integer(20_000, 100, 1_000_000_000, {
    text:
      "Messages of one client that are read in a second; a command counts as 20 or more. Who sends" +
      " more is read more slowly.",
  }),
  totalAssemblyBytes: size(
    256 * MiB,
    MiB,
    65_536 * MiB,
    "Memory for the unfinished messages of all connections together, with bytes that wait for a" +
      " plugin's decision. Over it the one that holds most is closed; those not let in yet share an" +
      " eighth of it.",
  ),
};

/** The section `max`. */
export const max: Section<typeof maxEntries> = { title: "Limits", entries: maxEntries };

const mediaEntries = {
  memoryBytes: size(
    0,
    0,
    2 ** 50,
    "Memory for the media of all streams together: caches, what waits for players, headers. Over" +
      " this the largest caches are emptied, then the players furthest behind skip. 0 is half of the" +
      " memory of the machine or its control group, or 1 GiB where that is not known.",
  ),
};

/** The section `media`. */
export const media: Section<typeof mediaEntries> = { title: "Media", entries: mediaEntries };
