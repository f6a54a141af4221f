/**
 * An RTMP service without a port, whose recordings are in memory.
 *
 * @module
 */
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import { RecordingLibrary } from "../../src/recordings/library.ts";
import { flv, HEADERS, media, MemoryFolder, type Tag } from "./flv_files.ts";
import { keyFrame } from "./media.ts";
import { line } from "./scripted_client.ts";
import { Rig, type RigClient } from "./rtmp_service.ts";

const FILES: Record<string, Uint8Array> = {
  "live/demo.flv": flv(...HEADERS, ...media(10)),
  "live/more/1.flv": flv(...HEADERS, ...media(2)),
  "live/more/2.flv": flv(...HEADERS, ...media(6)),
  "live/other.flv": flv(
    ...HEADERS,
    ...media(10).map(([kind, time, body]): Tag => [
      ...[kind, time] as const,
      body.length === 900 ? keyFrame(800) : body,
    ]),
  ),
  "live/odd.flv": new Uint8Array(400),
};

/** A server with these files. */
export class RecordedRig extends Rig {
  readonly folder: MemoryFolder;
  readonly library: RecordingLibrary;

  constructor(...plugins: ConstructorParameters<typeof Rig>[1][]) {
    const folder = new MemoryFolder(FILES);
    const library = new RecordingLibrary(folder, () => {});
    super({ recordings: library }, ...plugins);
    this.folder = folder;
    this.library = library;
  }
}

/** Lets the reads of files happen. */
export async function read(): Promise<void> {
  for (let turn = 0; turn < 400; turn++) await Promise.resolve();
}

/** Time passes in small steps. */
export async function pass(rig: Rig, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    rig.clock.advance(100);
    await read();
  }
}

/** What came, media as "kind time", all but headers. */
export function took(client: RigClient): string[] {
  return client.takeMessages().flatMap((message) => {
    const { type, timestamp, payload } = message;
    if (type !== MessageType.Audio && type !== MessageType.Video) return [line(message)];
    const header = payload[1] === 0 ? " header" : payload[0] === 0x17 ? " key" : "";
    return [`${type === 8 ? "a" : "v"} ${timestamp}${header}`];
  });
}

/** Whether a line is of media. */
export const isMedia = (text: string): boolean => /^[av] \d/.test(text);

/** A client that plays `demo` with these values behind the name. */
export async function playing(rig: RecordedRig, ...values: number[]): Promise<RigClient> {
  const client = rig.client().connected();
  client.command(1, "play", 0, null, "demo", ...values);
  await read();
  return client;
}
