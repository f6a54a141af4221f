/**
 * Files that are read block by block, as those do who play them.
 *
 * @module
 */
import type { PlayedFile, PlayedMessage, Stand } from "../../src/recordings/played_file.ts";

/** Reads on in a file. */
export class PlayedMessages {
  readonly #file: PlayedFile;
  stand: Stand;

  constructor(file: PlayedFile, stand: Stand) {
    this.#file = file;
    this.stand = stand;
  }

  /** The messages of the next block, as copies; `undefined` when there is nothing more for now. */
  async block(): Promise<PlayedMessage[] | undefined> {
    const messages: PlayedMessage[] = [];
    const end = await this.#file.read(this.stand, (message) => {
      messages.push({ ...message, payload: message.payload.slice() });
    });
    if (end === undefined) return undefined;
    this.stand = end.next;
    return messages;
  }

  /** All that there is, in at most so many blocks. */
  async rest(most = Infinity): Promise<PlayedMessage[]> {
    const all: PlayedMessage[] = [];
    for (let count = 0; count < most; count++) {
      const block = await this.block();
      if (block === undefined) break;
      for (const message of block) all.push(message);
    }
    return all;
  }
}

/** All there is from a place on. */
export function playedFrom(file: PlayedFile, stand: Stand): Promise<PlayedMessage[]> {
  return new PlayedMessages(file, stand).rest();
}
