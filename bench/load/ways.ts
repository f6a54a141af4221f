/**
 * The ways to watch a stream.
 *
 * @module
 */

/** How streams can be watched: `hls` asks for whole segments, `ll-hls` for parts by requests that block. */
export const WAYS = ["rtmp", "http-flv", "ws-flv", "hls", "ll-hls"] as const;

/** One of {@link WAYS}. */
export type Way = typeof WAYS[number];

/** Where a server has the playlist of a stream; `NAME` stands for its name. */
export const PLAYLIST = "/live/NAME/index.m3u8";
