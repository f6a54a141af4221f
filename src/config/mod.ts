/**
 * Configuration of Sluice: for the program and for programs that embed the server.
 *
 * @module
 */
export { ConfigError, formatMistake, mismatch, type Mistake } from "./errors.ts";
export { ExitCode, exitCodeMeanings, exitCodeOfListen } from "./exit_codes.ts";
export { loadConfig, type Loaded, type LoadInput, parseConfig } from "./load.ts";
export { type Config, type ConfigKey, defaults } from "./schema.ts";
export { guardedEnv, type MayRead, permittedEnv } from "./permitted_env.ts";
