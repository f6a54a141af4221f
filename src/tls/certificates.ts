/**
 * The certificates of a server: read from their files, and read again when those change.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Clock, Timer, TlsMaterial, TlsSource } from "../ports.ts";
import { type CheckedPair, checkPair, PairMistake, readCertificates } from "./pair.ts";
import { causeOf, PatientReader } from "./pem_file.ts";

const log = getLogger(["sluice", "tls"]);

/** How often the files are looked at (ms). */
export const LOOK_MS = 2000;
/** How often a certificate that is about to expire is told of (ms): once a day. */
export const WARN_EVERY_MS = 86_400_000;

/** The files. */
export interface CertificateFiles {
  /** Paths of certificates, each with those it leans on behind it, in PEM. */
  readonly cert: readonly string[];
  /** Paths of their keys, in the same order. */
  readonly key: readonly string[];
  /** Paths of the certificates that have signed those of clients, by the listener that asks for them. */
  readonly clientCa: Readonly<Record<string, string | undefined>>;
}

/** What is wrong with a file. */
export interface CertificateMistake {
  /** The setting that names it. */
  readonly key: string;
  readonly problem: string;
}

/** The files cannot be used. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  readonly mistakes: readonly CertificateMistake[];

  constructor(mistakes: readonly CertificateMistake[]) {
    super(mistakes.map(({ key, problem }) => `${key}: ${problem}`).join("; "));
    this.mistakes = mistakes;
  }
}

/** What the files said, and what was made of it. */
interface Loaded {
  readonly texts: readonly string[];
  readonly pairs: readonly CheckedPair[];
  readonly clientCa: Readonly<Record<string, string>>;
}

/** How certificates are kept. */
export interface CertificateOptions {
  readonly clock: Clock;
  /** Warns so long before one expires (ms). */
  readonly warnMs: number;
  /** Reads a text; its error says why it cannot. */
  readonly read?: (path: string) => Promise<string>;
  /** Is told what becomes of them; the log, if left out. */
  readonly tell?: Tell;
}

/** Tells people something. */
export type Tell = (
  level: "info" | "warn" | "error",
  message: string,
  properties: Record<string, unknown>,
) => void;

const toLog: Tell = (level, message, properties) => log[level](message, properties);

/** Certificates that are in order, and follow their files. */
export class Certificates {
  readonly #files: CertificateFiles;
  readonly #options: CertificateOptions;
  readonly #reader: PatientReader;
  #loaded: Loaded;
  /** What was wrong when they were last looked at, and whether that was told. */
  #wrong: { readonly problem: string; told: boolean } | undefined;
  readonly #watchers = new Set<() => void>();
  #timer: Timer | undefined;
  #warnedAt = -Infinity;
  #closed = false;

  private constructor(
    files: CertificateFiles,
    options: CertificateOptions,
    reader: PatientReader,
    loaded: Loaded,
  ) {
    this.#files = files;
    this.#options = options;
    this.#reader = reader;
    this.#loaded = loaded;
  }

  /** Reads the files. @throws {CertificateError} when they cannot be used */
  static async load(files: CertificateFiles, options: CertificateOptions): Promise<Certificates> {
    const reader = new PatientReader(options.clock, options.read);
    const loaded = await load(files, options.clock, reader);
    if (loaded instanceof CertificateError) throw loaded;
    return new Certificates(files, options, reader, loaded);
  }

  /** What a listener proves itself with; `listener` names whose clients have to, in {@link CertificateFiles}. */
  source(listener: string): TlsSource {
    const material = (): TlsMaterial => {
      const { pairs, clientCa } = this.#loaded;
      return { pairs, clientCa: clientCa[listener] };
    };
    return {
      get current() {
        return material();
      },
      watch: (call) => {
        this.#watchers.add(call);
        return () => void this.#watchers.delete(call);
      },
    };
  }

  /** Begins to follow the files, and to warn. */
  start(): void {
    this.#warn();
    this.#timer = this.#options.clock.after(LOOK_MS, () => void this.look());
  }

  /** Follows them no more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#watchers.clear();
  }

  /** Looks at the files once; the clock does so by itself. Never rejects. */
  async look(): Promise<void> {
    this.#timer?.cancel();
    const found = await load(this.#files, this.#options.clock, this.#reader, this.#loaded);
    if (this.#closed) return;
    if (found instanceof CertificateError) this.#keep(found);
    else {
      this.#wrong = undefined;
      if (found !== this.#loaded) this.#take(found);
    }
    this.#warn();
    this.#timer = this.#options.clock.after(LOOK_MS, () => void this.look());
  }

  #take(found: Loaded): void {
    this.#loaded = found;
    this.#warnedAt = -Infinity;
    this.#tell("info", "certificates reloaded", {
      names: found.pairs.flatMap(({ names }) => names),
      until: new Date(Math.min(...found.pairs.map(({ until }) => until))).toISOString(),
    });
    for (const call of this.#watchers) {
      try {
        call();
      } catch (error) {
        // One may be in order, and yet nothing that this runtime can shake hands with.
        const { message } = error as Error;
        this.#tell("error", "certificates not taken, the old ones are kept", { problem: message });
      }
    }
  }

  /** Goes on with the old ones. Files are replaced one after the other, so it is told the second time. */
  #keep({ message }: CertificateError): void {
    if (this.#wrong?.problem !== message) this.#wrong = { problem: message, told: false };
    else if (!this.#wrong.told) {
      this.#wrong.told = true;
      this.#tell("error", "certificates not reloaded, the old ones are kept", { problem: message });
    }
  }

  get #tell(): Tell {
    return this.#options.tell ?? toLog;
  }

  /** Tells of certificates that expire soon, once a day. */
  #warn(): void {
    const { clock, warnMs } = this.#options;
    if (clock.now() - this.#warnedAt < WARN_EVERY_MS) return;
    this.#loaded.pairs.forEach(({ until, names }, index) => {
      const left = until - clock.wall();
      if (left > warnMs) return;
      this.#warnedAt = clock.now();
      const message = left > 0 ? "certificate expires soon" : "certificate has expired";
      this.#tell("warn", message, {
        file: this.#files.cert[index],
        names,
        until: new Date(until).toISOString(),
        days: Math.floor(left / 86_400_000),
      });
    });
  }
}

/** Reads and checks all files; gives `known` back where they still say the same. */
async function load(
  files: CertificateFiles,
  clock: Clock,
  reader: PatientReader,
  known?: Loaded,
): Promise<Loaded | CertificateError> {
  const mistakes: CertificateMistake[] = [];
  const text = async (key: string, path: string): Promise<string> => {
    try {
      return await reader.read(path);
    } catch (error) {
      mistakes.push({ key, problem: `${quote(path)} cannot be read: ${causeOf(error)}` });
      return "";
    }
  };
  const paired = files.cert.map((cert, index) => ({ cert, key: files.key[index] ?? "" }));
  const certs = await Promise.all(paired.map(({ cert }) => text("tls.cert", cert)));
  const keys = await Promise.all(paired.map(({ key }) => text("tls.key", key)));
  const listeners = Object.entries(files.clientCa).flatMap(([key, path]) =>
    path === undefined ? [] : [[key, path] as const]
  );
  const authorities = await Promise.all(listeners.map(([key, path]) => text(key, path)));
  if (mistakes.length > 0) return new CertificateError(mistakes);

  const texts = [...certs, ...keys, ...authorities];
  if (known !== undefined && texts.every((one, index) => one === known.texts[index])) return known;
  const attempt = <T>(
    named: Readonly<Record<"cert" | "key", readonly [string, string]>>,
    act: () => T,
  ) => {
    try {
      return [act()];
    } catch (error) {
      const of = error instanceof PairMistake ? error.of : "cert";
      const [key, path] = named[of];
      const problem = error instanceof PairMistake ? error.message : "cannot be used";
      mistakes.push({ key, problem: `${quote(path)} ${problem}` });
      return [];
    }
  };
  const pairs = paired.flatMap(({ cert, key }, index) =>
    attempt(
      { cert: ["tls.cert", cert], key: ["tls.key", key] },
      () => checkPair(certs[index]!, keys[index]!, clock.wall()),
    )
  );
  listeners.forEach(([key, path], index) =>
    attempt({ cert: [key, path], key: [key, path] }, () => readCertificates(authorities[index]!))
  );
  if (mistakes.length > 0) return new CertificateError(mistakes);
  const clientCa = Object.fromEntries(
    listeners.map(([key], index) => [key, authorities[index]!]),
  );
  return { texts, pairs, clientCa };
}

function quote(path: string): string {
  return JSON.stringify(path);
}
