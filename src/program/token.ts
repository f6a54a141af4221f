/**
 * `sluice token`: makes a token of the control API, and the line that is kept of it.
 *
 * @module
 */
import { ExitCode } from "../config/mod.ts";
import { formatApiToken, makeApiToken, readApiToken, type Role, TOKEN_BYTES } from "../http/mod.ts";

const HELP = `Makes a token of the control API.

  sluice token NAME read|control

  NAME      whose it is, for the audit log: letters, digits and _ . -
  read      may ask
  control   may change things too

The token itself is kept nowhere: the setting api.tokens has its hash.
`;

/** What was made, for people. */
export interface TokenMade {
  /** Ends in a line break. Belongs on standard output if `exitCode` is 0, else on the error output. */
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** Makes the token that `args` ask for; `random` gives as many random bytes as it is told. */
export async function makeToken(
  args: readonly string[],
  random: (bytes: number) => Uint8Array,
): Promise<TokenMade> {
  const [name = "", role = "", ...rest] = args;
  if (name === "--help" || name === "-h") return { text: HELP, exitCode: ExitCode.Ok };
  const wrong = readApiToken(`${name} ${role} ${"0".repeat(64)}`) === undefined;
  if (wrong || rest.length > 0) {
    return { text: `sluice: wrong arguments\n\n${HELP}`, exitCode: ExitCode.Config };
  }
  const { token, kept } = await makeApiToken(name, role as Role, random(TOKEN_BYTES));
  const text =
    `The token, which is shown once:\n\n  ${token}\n\nWhat the server is told of it:\n\n` +
    `  --api-tokens "${formatApiToken(kept)}"\n`;
  return { text, exitCode: ExitCode.Ok };
}
