/**
 * Publishes a file by the FLV and RTMP of FFmpeg 8 as they are in the npm package `node-av`, as fast as it
 * plays: few machines have an ffmpeg that sends AV1 and Opus by RTMP.
 *
 *     bun run av1_program.ts MODULE FILE URL
 *
 * MODULE is the path of the package's module.
 *
 * @module
 */
import process from "node:process";
import { pathToFileURL } from "node:url";

/** What of a packet is used; times are in units of its stream's time base. */
interface Packet {
  readonly streamIndex: number;
  readonly dts: bigint;
}

interface Stream {
  readonly index: number;
  readonly timeBase: { readonly num: number; readonly den: number };
}

const [module, file, url] = process.argv.slice(2) as [string, string, string];
const { Demuxer, Muxer } = await import(pathToFileURL(module).href);
const input = await Demuxer.open(file);
const output = await Muxer.open(url, { format: "flv" });
const streams: readonly Stream[] = input.streams;
const places: number[] = streams.map((stream) => output.addStream(stream));
const start = performance.now();
// The asynchronous forms keep a core busy with looking for more.
for (const packet of input.packetsSync() as Iterable<Packet | null>) {
  if (packet === null) continue;
  const at = streams.findIndex(({ index }) => index === packet.streamIndex);
  const { num, den } = streams[at]!.timeBase;
  const ahead = Number(packet.dts) * 1000 * num / den - (performance.now() - start);
  if (ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead));
  output.writePacketSync(packet, places[at]);
}
await output.close();
await input.close();
