/**
 * Inputs for the fuzzer: what a client may send, from its first byte on.
 *
 * @module
 */
import { allMediaBytes } from "../core/media/vectors.ts";
import { ChunkSource } from "./chunk_source.ts";
import { Dice } from "./dice.ts";
import { MessageSource } from "./message_source.ts";
import { mutated } from "./mutator.ts";

const MEDIA = allMediaBytes();

/** C0, C1 and C2 of a handshake without digest. */
const HANDSHAKE: readonly number[] = [3, ...new Array(1536 + 1536).fill(0)];

/** One input. */
export interface FuzzInput {
  readonly seed: number;
  readonly bytes: Uint8Array;
}

/** A handshake of another version, with a digest that is wrong, cut short, or of nonsense. */
function badHandshake(dice: Dice): number[] {
  const bytes = [...HANDSHAKE];
  if (dice.chance(0.5)) bytes[0] = dice.chance(0.5) ? dice.below(40) : dice.below(256);
  if (dice.chance(0.7)) bytes.splice(5, 1532, ...dice.bytes(1532));
  return dice.chance(0.5) ? mutated(dice, bytes) : bytes;
}

/** The input of a seed. */
export function fuzzInput(seed: number): FuzzInput {
  const dice = new Dice(seed);
  const source = new MessageSource(dice, MEDIA);
  const messages = source.opening();
  for (let i = 1 + dice.below(dice.chance(0.1) ? 60 : 10); i > 0; i--) messages.push(source.any());
  let chunks = new ChunkSource(dice).write(messages);
  if (dice.chance(0.7)) chunks = mutated(dice, chunks);
  const handshake = dice.chance(0.02) ? badHandshake(dice) : HANDSHAKE;
  const bytes = new Uint8Array(handshake.length + chunks.length);
  bytes.set(handshake);
  bytes.set(chunks, handshake.length);
  return { seed, bytes };
}
