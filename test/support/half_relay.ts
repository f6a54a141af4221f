/**
 * Publishes what another stream of the server has, without its sound or its pictures for as long as a test
 * says so: as an encoder does whose camera or microphone is switched off on the way.
 *
 * @module
 */
import { connect } from "../../src/client/mod.ts";
import type { TestServer } from "./server.ts";

/** A stream of which a part can be left out. */
export interface HalfRelay extends AsyncDisposable {
  /** What is left out from now on. Sequence headers go on. */
  without: "audio" | "video" | undefined;
}

/** Publishes `from` as `to`, both of the application. */
export async function relayHalf(
  server: TestServer,
  app: string,
  from: string,
  to: string,
): Promise<HalfRelay> {
  const url = `rtmp://127.0.0.1:${server.rtmpPort}/${app}`;
  const [source, target] = await Promise.all([connect(url), connect(url)]);
  const writer = (await target.publish(to)).getWriter();
  const half: HalfRelay = {
    without: undefined,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    },
  };
  const media = await source.play(from);
  const pass = async () => {
    for await (const message of media) {
      const isHeader = message.payload[1] === 0;
      if (message.kind !== half.without || isHeader) await writer.write(message);
    }
  };
  // It ends with either connection.
  pass().catch(() => {});
  return half;
}
