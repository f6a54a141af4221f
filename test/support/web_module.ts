/**
 * Modules for browsers, loaded into a test: those that need no page.
 *
 * @module
 */

/** Loads `src/web/{name}`; `Module` says what the test uses of it. */
export async function webModule<Module>(name: string): Promise<Module> {
  const url = new URL(`../../src/web/${name}`, import.meta.url).href;
  return await import(url) as Module;
}
