/**
 * Has a fault in every place that a plugin has, at the push of a button.
 *
 * @module
 */
import { definePlugin } from "../../../src/plugin/mod.ts";

/** Does `act` in a timer: nobody can catch what it throws. */
function inTimer(act: () => void) {
  setTimeout(act, 0);
}

/** The plugin. */
export default definePlugin({
  name: "faulty",
  onPublish({ name }) {
    if (name === "throws") throw new SyntaxError("hook");
    if (name === "hangs") return new Promise<undefined>(() => {});
  },
  routes(app) {
    app.get("/timer", (c) => {
      inTimer(() => {
        throw new RangeError("timer");
      });
      return c.text("ok");
    });
    app.get("/rejection", (c) => {
      inTimer(() => void Promise.reject(new TypeError("rejection")));
      return c.text("ok");
    });
    app.get("/nothing", (c) => {
      inTimer(() => void Promise.reject());
      return c.text("ok");
    });
    app.get("/text", (c) => {
      inTimer(() => {
        throw "text";
      });
      return c.text("ok");
    });
    app.get("/throw", () => {
      throw new Error("route");
    });
    app.get("/throw-text", () => {
      throw "route";
    });
    app.get("/hang", () => new Promise<Response>(() => {}));
    app.get("/stream", () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(new TextEncoder().encode("half"));
            throw new SyntaxError("stream");
          },
        }),
      ));
    app.get("/storm/:count", (c) => {
      const text = "x".repeat(1700);
      for (let left = Number(c.req.param("count")); left > 0; left--) {
        inTimer(() => {
          throw new Error(text);
        });
      }
      return c.text("ok");
    });
  },
});
