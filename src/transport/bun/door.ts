/**
 * Listening for RTMP in TLS, or for whatever comes, on Bun.
 *
 * @module
 */
import type { Address, DoorHandler, DoorOptions, Listener } from "../../ports.ts";
import { SpareDescriptors } from "../spare_descriptors.ts";
import { listenDoor as listen } from "../tls/door.ts";
import { openSpare } from "./tcp.ts";

/** Listens. @throws {ListenError} */
export function listenDoor(
  address: Address,
  options: DoorOptions,
  handler: DoorHandler,
  onExhausted: () => void = () => {},
): Promise<Listener> {
  // Bun's listener goes on by itself once there are descriptors again.
  return listen(
    address,
    options,
    handler,
    () => new SpareDescriptors(openSpare, onExhausted, () => {}, (timer) => timer.unref()),
  );
}
