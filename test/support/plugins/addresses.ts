/**
 * Says where clients are: on the error output for those of RTMP, at `/plugins/addresses/me` for those who ask.
 *
 * @module
 */
import { definePlugin } from "../../../src/plugin/mod.ts";

/** The plugin. */
export default definePlugin({
  name: "addresses",
  public: true,
  onConnect({ client: { address } }) {
    console.error(`connected from: ${address.hostname}:${address.port}`);
  },
  routes: (app) => void app.get("/me", (c) => c.json(c.env.remote)),
});
