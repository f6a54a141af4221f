/**
 * Says on the error output who asks to play, so that tests can wait for it.
 *
 * @module
 */
import { definePlugin } from "../../../src/plugin/mod.ts";

/** The plugin. */
export default definePlugin({
  name: "announce",
  onPlay: ({ app, name }) => console.error(`play requested: ${app}/${name}`),
});
