/** The config in force: what the server started with, but for what was changed live since. */
import { isDeepStrictEqual } from 'node:util';
import { engineSettingKeys } from '../engine-settings.ts';
import type { ParsedConfig } from '../file/config-text.ts';
import type { Config } from '../settings.ts';
import { settings } from '../settings-list.ts';
import { isLive } from './setting-places.ts';

const keys: readonly string[] = [...settings.map(({ key }) => key), ...engineSettingKeys];

export class ConfigInForce {
  #config: Config;
  /** What {@link config} was last made of; `null`: no file. */
  #file: ParsedConfig | null;

  constructor(config: Config, file: ParsedConfig | null) {
    this.#config = config;
    this.#file = file;
  }

  get config(): Config {
    return this.#config;
  }

  get file(): ParsedConfig | null {
    return this.#file;
  }

  /** What would be in force after `next` was read: of it only what can be changed live. */
  with(next: Config): Config {
    const changed = keys.filter(isLive).map((key) => [key, Reflect.get(next, key)]);
    return { ...this.#config, ...Object.fromEntries(changed) };
  }

  /** The settings whose value in `next` is not in force: some will be once it is read, others at the next start. */
  differences(next: Config): {
    readonly changed: readonly string[];
    readonly restartNeeded: readonly string[];
  } {
    const changed = keys.filter(
      (key) => !isDeepStrictEqual(Reflect.get(next, key), Reflect.get(this.#config, key)),
    );
    return { changed, restartNeeded: changed.filter((key) => !isLive(key)) };
  }

  replace(next: Config, file: ParsedConfig | null): Config {
    this.#config = this.with(next);
    this.#file = file;
    return this.#config;
  }
}
