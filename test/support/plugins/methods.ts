/**
 * Answers calls, and lets clients of the application `museum` look but not touch.
 *
 * @module
 */
import { definePlugin, readOnly, refuse } from "../../../src/plugin/mod.ts";

/** The plugin. */
export default definePlugin({
  name: "methods",
  async onCall(method, args, { callClient }) {
    switch (method) {
      case "add":
        return Number(args[0]) + Number(args[1]);
      case "forbidden":
        return refuse("You may not do this.");
      case "greet":
        return `Hello, ${await callClient("yourName")}!`;
    }
  },
  onSharedObject: ({ app }) => app === "museum" ? readOnly() : undefined,
});
