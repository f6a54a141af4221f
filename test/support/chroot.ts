/**
 * Roots of file systems of their own, for programs that are to find no more than what they are said to need. They are
 * made of what this machine has, and their mounts are gone with the program that runs in them.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { type Exit, TestProcess } from "./process.ts";

/** How a program runs in a {@link Chroot}. */
export interface ChrootOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** `UID:GID`; root, if left out. */
  readonly user?: string;
  /** Whether nothing can be written but what is bound as `writable`. */
  readonly readOnly?: boolean;
}

/** What a package manager needs to know of this machine's ways to its registry. */
const PASSED =
  /^(?:npm_config_(?:registry|cafile)|BUN_CONFIG_REGISTRY|DENO_(?:CERT|TLS_CA_STORE)|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS|(?:no|https?)_proxy)$/i;

/** Where programs are looked for, as in images of Debian and in those that are made of it. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A root. Use it with `using`. */
export class Chroot implements Disposable {
  /** Where it is. */
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-root-"));
  readonly #binds: { from: string; at: string; writable: boolean }[] = [];

  constructor() {
    chmodSync(this.folder, 0o755);
    for (const name of ["dev", "proc", "tmp"]) mkdirSync(join(this.folder, name));
    this.bind("/dev", "/dev", true);
    this.bind("/proc", "/proc", true);
  }

  /** A path in it, as this machine sees it. */
  path(inside: string): string {
    return join(this.folder, inside);
  }

  /** Writes a file in it. */
  write(inside: string, text: string): void {
    mkdirSync(dirname(this.path(inside)), { recursive: true });
    writeFileSync(this.path(inside), text);
  }

  /** Copies what is there, links as what they lead to. */
  copy(from: string, at = from): void {
    mkdirSync(dirname(this.path(at)), { recursive: true });
    cpSync(from, this.path(at), { recursive: true, dereference: true });
  }

  /** Shows a file or a folder of this machine in it; what is bound later may lie within. */
  bind(from: string, at = from, writable = false): void {
    this.#binds.push({ from, at, writable });
    // Within what is bound before, the place is there already.
    if (existsSync(this.path(at)) || this.#binds.some((one) => at.startsWith(`${one.at}/`))) return;
    if (statSync(from).isDirectory()) mkdirSync(this.path(at), { recursive: true });
    else this.write(at, "");
  }

  /** The system as Debian has it, and no program in it but those of its packages: `/usr` and what leads there. */
  debian(): this {
    this.bind("/usr");
    for (const name of ["bin", "sbin", "lib", "lib64"]) {
      execFileSync("cp", ["-P", `/${name}`, this.path(`/${name}`)]);
    }
    for (
      const name of [
        "passwd",
        "group",
        "hosts",
        "nsswitch.conf",
        "resolv.conf",
        "ssl",
        "alternatives",
      ]
    ) {
      if (existsSync(`/etc/${name}`)) this.copy(`/etc/${name}`);
    }
    return this;
  }

  /** The libraries of a program, and nothing else: what images without a shell have. */
  bare(program: string): this {
    const text = execFileSync("ldd", [program], { encoding: "utf8" });
    for (const [, library] of text.matchAll(/(\/\S+\.so\S*)/g)) this.copy(library!);
    this.write(
      "/etc/passwd",
      "root:x:0:0::/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n",
    );
    return this;
  }

  /** Starts a program in it, with these variables alone. */
  start(program: string, args: readonly string[], options: ChrootOptions = {}): TestProcess {
    const { env = {}, cwd = "/", user = "0:0", readOnly = false } = options;
    const lines = ["set -e", `mount --bind ${q(this.folder)} ${q(this.folder)}`];
    for (const { from, at, writable } of this.#binds) {
      const target = q(this.path(at));
      lines.push(`mount --rbind ${q(from)} ${target}`);
      if (!writable) lines.push(`mount -o remount,bind,ro ${target}`);
    }
    if (readOnly) lines.push(`mount -o remount,bind,ro ${q(this.folder)}`);
    const [uid, gid] = user.split(":");
    const passed = Object.entries(process.env).filter(([name]) => PASSED.test(name));
    const variables = Object.entries({ PATH, ...Object.fromEntries(passed), ...env })
      .map(([name, value]) => q(`${name}=${value}`)).join(" ");
    const enter = `$(command -v unshare) -R ${q(this.folder)} -w ${q(cwd)} -S ${uid} -G ${gid}`;
    lines.push(`exec env -i ${variables} ${enter} "$@"`);
    const script = lines.join("\n");
    return new TestProcess("unshare", [
      ...["-m", "--propagation", "private", "sh", "-c", script, "sh", program, ...args],
    ]);
  }

  /** Runs a program to its end, which must be a good one. */
  async run(program: string, args: readonly string[], options?: ChrootOptions): Promise<Exit> {
    await using running = this.start(program, args, options);
    const exit = await running.ended(300_000);
    if (exit.code !== 0) throw new Error(running.describe());
    return exit;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const q = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
