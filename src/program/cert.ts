/**
 * `sluice cert`: makes a certificate for trying TLS out.
 *
 * @module
 */
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ExitCode } from "../config/mod.ts";
import { UsageError } from "../core/errors.ts";
import { makePair } from "../tls/make.ts";
import type { CommandResult } from "./command_result.ts";

/** Names of this machine, for which it is where none are given. */
const LOCAL = ["localhost", "127.0.0.1", "::1"];
/** How long it holds, and may hold at most: what browsers take. */
const DAYS = 90;
const MAX_DAYS = 825;

const HELP = `Makes a certificate that signs itself, and its key, for trying TLS out.

  sluice cert [NAME...] [--cert FILE] [--key FILE] [--days N] [--force]

  NAME           what clients call the server: names of hosts, IP addresses (${LOCAL.join(" ")})
  --cert FILE    where the certificate goes (cert.pem)
  --key FILE     where the key goes, which only its owner may read (key.pem)
  --days N       how long it holds, 1 to ${MAX_DAYS} (${DAYS})
  --force        replace files that are there
`;

/** Makes the files that `args` ask for. */
export function makeCertificate(args: readonly string[]): CommandResult {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        cert: { type: "string", default: "cert.pem" },
        key: { type: "string", default: "key.pem" },
        days: { type: "string", default: String(DAYS) },
        force: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { text: HELP, exitCode: ExitCode.Ok };
    const { cert, key, force } = values;
    const days = /^\d{1,3}$/.test(values.days) ? Number(values.days) : 0;
    if (days < 1 || days > MAX_DAYS) return fail(`--days: expected 1 to ${MAX_DAYS}`);
    const names = positionals.length > 0 ? positionals : LOCAL;
    const made = makePair(names, days, Date.now());
    // Neither, before there is a key that belongs to no certificate.
    const there = [cert, key].find((path) => !force && existsSync(path));
    if (there !== undefined) return fail(`${there} is there already: --force replaces it`);
    writeFileSync(key, made.key, { mode: 0o600 });
    chmodSync(key, 0o600);
    writeFileSync(cert, made.cert);
    return {
      text: `Made ${cert} and ${key} for ${names.join(", ")}; ${days} days.\n` +
        "Nobody trusts it by itself: it is for trying.\n" +
        `Start with --tls-cert ${cert} --tls-key ${key} --rtmps-port 1936\n`,
      exitCode: ExitCode.Ok,
    };
  } catch (error) {
    return fail(explain(error));
  }
}

function explain(error: unknown): string {
  const { name, message } = error as Record<string, unknown>;
  if (error instanceof UsageError) return error.message;
  if (name === "NotCapable") return "Deno may not write here without --allow-write (-W)";
  return String(message);
}

function fail(problem: string): CommandResult {
  return { text: `sluice cert: ${problem}\nSee sluice cert --help.\n`, exitCode: ExitCode.Config };
}
