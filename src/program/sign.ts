/**
 * `sluice sign`: makes tokens for the plugin `signed_urls`.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { ExitCode } from "../config/mod.ts";
import { parseStreamPath } from "../core/rtmp/stream_name.ts";
import { isAddressRange, readOptions } from "../plugin/mod.ts";
import { SignedUrlOptionsShape, signQuery } from "../plugin/signed_token.ts";
import type { CommandResult } from "./command_result.ts";
import { timeToCome } from "./times.ts";

const VARIABLE = "SLUICE_PLUGIN_SIGNED_URLS";

const HELP = `Tokens for the plugin signed_urls, signed with the first secret in ${VARIABLE}.

  sluice sign publish|play APP/NAME [options]    prints the query that lets a client in

  APP/NAME          the stream; with * at its end all whose path begins so, as in 'live/*'
  --expires TIME    until when it counts: 90s, 30m, 12h, 90d, or a date such as 2027-01-31 (1h)
  --from RANGE      the only address, or range, that may use it
`;

/** Does what `args` ask for. `now` in ms since 1970. */
export function sign(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
  now = Date.now(),
): CommandResult {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        expires: { type: "string", default: "1h" },
        from: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { text: HELP, exitCode: ExitCode.Ok };
    const [action, path = "", ...rest] = positionals;
    if ((action !== "publish" && action !== "play") || rest.length > 0) {
      return fail("expected publish or play, and a stream");
    }
    const scope = scopeOf(path);
    if (scope === undefined) return fail("expected a stream such as live/demo, or 'live/*'");
    const { from } = values;
    if (from !== undefined && !isAddressRange(from)) {
      return fail("--from: expected an address, or a range such as 10.0.0.0/8");
    }
    const expires = Math.floor(timeToCome(values.expires, now) / 1000);
    const { secrets } = readOptions("signed_urls", SignedUrlOptionsShape, env);
    const text = `${signQuery(secrets[0]!, { action, scope, expires, from })}\n`;
    return { text, exitCode: ExitCode.Ok };
  } catch (error) {
    const { name, message } = error as Error;
    return fail(name === "NotCapable" ? "Deno needs --allow-env (-E) here" : message);
  }
}

/** A stream as the server names it: `live/cam` and `live/cam.flv` are one. */
function scopeOf(path: string): string | undefined {
  if (path.endsWith("*")) return /^[^*\s]*\*$/.test(path) ? path : undefined;
  if (!path.includes("/")) return undefined;
  const stream = parseStreamPath("", path, "");
  return stream === undefined ? undefined : `${stream.app}/${stream.name}`;
}

function fail(problem: string): CommandResult {
  return { text: `sluice sign: ${problem}\nSee sluice sign --help.\n`, exitCode: ExitCode.Config };
}
