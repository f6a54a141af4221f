/**
 * Decides by what the name begins with, and repeats all it knows where a careless plugin might.
 *
 * @module
 */
import { type ConnectContext, definePlugin, refuse, rename } from "../../../src/plugin/mod.ts";

/** All that the client said, in one text. */
function all(context: ConnectContext & { readonly name?: string }): string {
  const { app, name, query, client: { agent }, rtmp, http } = context;
  return [app, name, query, rtmp?.tcUrl, rtmp?.pageUrl, http?.url, http?.referer, agent].join(" ");
}

function decide(context: ConnectContext & { readonly name: string }) {
  const { name } = context;
  if (name.includes("refuse")) return refuse(`bad key ${name}: ${all(context)}`.slice(0, 250));
  if (name.includes("throw")) throw new Error(`cannot read ${all(context)}`);
  if (name.includes("reject")) return Promise.reject(new TypeError(all(context)));
  if (name.includes("rename")) return rename("public-name");
  if (name.includes("junk")) return all(context) as never;
}

/** The plugin. */
export default definePlugin({
  name: "gatekeeper",
  onConnect(context) {
    if (context.app.includes("refuse")) return refuse(`no ${all(context)}`.slice(0, 250));
    if (context.app.includes("throw")) throw new Error(all(context));
  },
  onPublish: decide,
  onPlay: decide,
  onCall(method, args, context) {
    throw new Error(`${method} ${JSON.stringify(args)} ${all(context)}`);
  },
  onSharedObject(context) {
    return refuse(all(context).slice(0, 250));
  },
  onUnpublish(context) {
    throw new Error(all(context));
  },
  onPlayEnd: (context) => Promise.reject(new Error(all(context))),
  onDisconnect(context) {
    throw new Error(all(context));
  },
  routes(app) {
    app.all("/keys/:key", (c) => {
      const headers = [...c.req.raw.headers].join(" ");
      throw new Error(`${c.req.param("key")} ${c.req.url} ${headers}`);
    });
  },
});
