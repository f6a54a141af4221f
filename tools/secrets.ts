/**
 * Finds keys, certificates and tokens in files.
 *
 * @module
 */

/** Names of files that hold keys or certificates. */
const FILES =
  /\.(pem|key|p12|pfx|jks|keystore|crt|cer|der|ppk)$|(^|\/)(id_(rsa|dsa|ecdsa|ed25519)|\.npmrc|\.netrc|\.env(\..+)?)$/i;

/** What secrets look like, by what they are. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/,
  "a certificate": /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/,
  "a key of AWS": /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  "a token of GitHub": /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,})\b/,
  "a token of npm": /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*[^\s$]/,
  "a token of Slack": /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  "a key of Google": /\bAIza[0-9A-Za-z_-]{35}\b/,
  "a key of Stripe": /\b[rs]k_live_[0-9A-Za-z]{20,}/,
  "a JSON web token": /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  "a URL with a password":
    /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`<>${}]+:[^\s/@"'`<>${}]{6,}@[\w.-]+\.[a-z]{2,}/,
};

/**
 * What looks like a secret in a file, one mistake a line. The secret itself is not in it.
 *
 * @param text the file; of bytes that are no text, one character each
 */
export function secretsIn(path: string, text: string): string[] {
  const problems = FILES.test(path) ? [`${path}: by its name it holds a key or a certificate`] : [];
  for (const [what, pattern] of Object.entries(PATTERNS)) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const line = text.slice(0, found.index).split("\n").length;
    problems.push(`${path}:${line}: looks like ${what}`);
  }
  return problems;
}
