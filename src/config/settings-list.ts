/** The settings as a list, for everything that goes through all of them. */
import { assert } from '../../schema/unreachable.ts';
import { type SettingWords, settingWords } from './setting-words.ts';
import { configSchema } from './settings.ts';

export type Setting = SettingWords & {
  readonly key: string;
  /** `undefined`: not set. */
  readonly defaultValue: unknown;
};

/** All settings, in the order of the table. */
export const settings: readonly Setting[] = Object.entries(configSchema.shape).map(([key, schema]) => {
  const words = settingWords.get(schema);
  assert(words !== undefined, `the setting ${key} is described`);
  return { key, ...words, defaultValue: schema.parse(undefined) };
});

/** The default as shown to users; empty when there is none. */
export function defaultText(setting: Setting): string {
  const { defaultValue } = setting;
  if (defaultValue === undefined) return '';
  return Array.isArray(defaultValue) ? defaultValue.join(',') : String(defaultValue);
}
