/** Lets in viewers that say they are members, and leads those that know a key to a stream. */
import { definePlugin, refuse, rename } from "../../../src/plugin/mod.ts";

export default definePlugin({
  name: "members",
  onPlay({ name, query }) {
    if (name === "k3y") return rename("cam");
    if (query.get("member") !== "yes") return refuse("<b>members</b> only");
  },
});
