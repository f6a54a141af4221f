/** Lets in viewers that say they are members. */
import { definePlugin, refuse } from "../../../src/plugin/mod.ts";

export default definePlugin({
  name: "members",
  onPlay({ query }) {
    if (query.get("member") !== "yes") return refuse("<b>members</b> only");
  },
});
