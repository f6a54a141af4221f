/**
 * Shared objects: their properties, who uses them and is told of changes, and what of them is kept.
 *
 * @module
 */
export { SharedObjectKeeper, type SharedObjectStore } from "./keeper.ts";
export {
  SharedObject,
  type SharedObjectLimits,
  type SharedObjectRefusal,
  sharedObjectStatus,
  SharedObjectUpdate,
  type SharedObjectUser,
} from "./shared_object.ts";
export { SharedObjects, type SharedObjectsOptions } from "./shared_objects.ts";
