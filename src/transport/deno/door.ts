/**
 * Listening for RTMP in TLS, or for whatever comes, on Deno.
 *
 * @module
 */
import type { Address, DoorHandler, DoorOptions, Listener } from "../../ports.ts";
import { listenDoor as listen } from "../tls/door.ts";
import { watchFor } from "./watch.ts";

/** Listens. @throws {ListenError} */
export function listenDoor(
  address: Address,
  options: DoorOptions,
  handler: DoorHandler,
  onExhausted: () => void = () => {},
): Promise<Listener> {
  return listen(address, options, handler, watchFor(onExhausted));
}
