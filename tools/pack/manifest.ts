/**
 * The `package.json` of the package, made of that of the checkout.
 *
 * @module
 */

/** What of the `package.json` of the checkout is looked at. */
export interface CheckoutManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly type: string;
  /** The doors, by their names: paths of TypeScript files. */
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The command, relative to the package. */
export const BIN = "bin/sluice.mjs";

/** The runtimes that the tests run on, from their last minor releases on. */
const ENGINES = { deno: ">=2.9.0", bun: ">=1.4.0" };

/** The manifest of the package: its doors lead to what was emitted. */
export function packageManifest(
  { name, version, description, license, type, exports, dependencies }: CheckoutManifest,
): object {
  return {
    name,
    version,
    description,
    keywords: ["rtmp", "rtmps", "live", "streaming", "hls", "server", "deno", "bun"],
    license,
    type,
    bin: { [name]: BIN },
    exports: {
      ...Object.fromEntries(Object.entries(exports).map(([door, path]) => [door, emitted(path)])),
      "./plugins/*": { types: "./plugins/*.d.ts", default: "./plugins/*.js" },
      "./package.json": "./package.json",
    },
    // For compilers that do not read `exports`.
    main: emitted(exports["."]!).default,
    types: emitted(exports["."]!).types,
    dependencies,
    engines: ENGINES,
  };
}

function emitted(path: string): { types: string; default: string } {
  const stem = path.replace(/\.ts$/, "");
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}
