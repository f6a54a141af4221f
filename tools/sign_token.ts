/**
 * Prints a token for `plugins/token_auth.ts`.
 *
 *     SLUICE_TOKEN_SECRET=... deno run -E tools/sign_token.ts publish live/cam 3600
 *     SLUICE_TOKEN_SECRET=... bun run tools/sign_token.ts play live/cam 3600
 *
 * @module
 */
import process from "node:process";
import { parseStreamPath } from "../src/core/rtmp/stream_name.ts";
import { signToken } from "../plugins/token_auth.ts";

const USAGE = "Usage: sign_token.ts publish|play <app>/<name> <seconds it is valid>";

const [action, path = "", seconds = ""] = process.argv.slice(2);
// As the server reads it: `live/cam` and `live/cam.flv` are one stream.
const stream = path.includes("/") ? parseStreamPath("", path, "") : undefined;
if (
  (action !== "publish" && action !== "play") || stream === undefined ||
  !/^[1-9]\d{0,8}$/.test(seconds)
) {
  console.error(USAGE);
  process.exit(2);
}
try {
  const expires = Math.floor(Date.now() / 1000) + Number(seconds);
  const grant = {
    action,
    ...stream,
    expires,
  } as const;
  console.log(await signToken(process.env.SLUICE_TOKEN_SECRET, grant));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
