/**
 * Certificates for tests.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsMaterial, TlsOptions, TlsPair, TlsSource } from "../../src/ports.ts";
import { makePair } from "../../src/tls/make.ts";

/** A pair for these names, which holds for a month. */
export function pairFor(...names: string[]): TlsPair {
  return { ...makePair(names, 30, Date.now()), names };
}

/** A source that can be given other certificates. */
export class TestSource implements TlsSource {
  current: TlsMaterial;
  readonly #watchers = new Set<() => void>();

  constructor(current: TlsMaterial) {
    this.current = current;
  }

  watch(call: () => void): () => void {
    this.#watchers.add(call);
    return () => void this.#watchers.delete(call);
  }

  renew(current: TlsMaterial): void {
    this.current = current;
    for (const call of this.#watchers) call();
  }
}

/** How a listener speaks TLS that allows everything, with this or another certificate. */
export function tlsOptions(
  options: Partial<TlsOptions> & { readonly material?: TlsMaterial } = {},
): TlsOptions {
  const { material = { pairs: [pairFor("localhost", "127.0.0.1")] }, ...others } = options;
  return {
    source: new TestSource(material),
    minVersion: "1.2",
    maxVersion: "1.3",
    handshakeMs: 5000,
    ...others,
  };
}

/** Files of a pair, in a folder that goes with the test. */
export class CertificateFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "sluice-tls-"));

  /** Writes a file; its path. */
  write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  /** Writes `NAME.crt` and `NAME.key`. @returns their paths */
  pair(name: string, { cert, key }: Pick<TlsPair, "cert" | "key">): [cert: string, key: string] {
    return [this.write(`${name}.crt`, cert), this.write(`${name}.key`, key)];
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
