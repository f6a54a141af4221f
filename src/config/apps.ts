/**
 * Reads the settings of applications as flags and variables have them: `radio.latency=lowest`.
 *
 * @module
 */
import { mismatch } from "./errors.ts";
import { quote, show } from "./redact.ts";
import { APP_NAME } from "./schema.ts";
import { appSettings } from "./settings.ts";
import { accept, fromText, type SourceResult } from "./value.ts";

/** What is right. */
const EXPECTED = `APP.SETTING=VALUE with the setting one of ${
  appSettings.map(({ name }) => name).join(", ")
}`;

/** What stands for the value of the flag in the help. */
export const APP_PLACEHOLDER = "APP.SETTING=VALUE";

/** Takes one such text into `result`. */
export function acceptApp(
  result: SourceResult,
  text: string | undefined,
  source: string,
  spelling: string,
): void {
  const end = text?.indexOf("=") ?? -1;
  const left = text?.slice(0, Math.max(0, end)) ?? "";
  // The name of an application may have dots, so the setting is what is behind the last fitting one.
  const setting = appSettings.find(({ name }) => left.endsWith(`.${name}`));
  const app = setting === undefined ? "" : left.slice(0, -setting.name.length - 1);
  if (setting === undefined || !APP_NAME.test(app)) {
    const found = text === undefined || text === "" ? show(text) : quote(text);
    result.mistakes.push({ source, key: spelling, problem: mismatch(EXPECTED, found) });
    return;
  }
  const value = fromText(setting, text!.slice(end + 1));
  accept(result, setting, value, {
    source,
    spelling,
    app,
    expected: `${setting.expected} for ${setting.name}`,
  });
}
