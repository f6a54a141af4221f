/**
 * Has every stream recorded in both formats.
 *
 * @module
 */
import { definePlugin, record } from "../../../src/plugin/mod.ts";

/** The plugin. */
export default definePlugin({
  name: "record-both",
  onPublish: () => record({ format: ["flv", "mp4"] }),
});
