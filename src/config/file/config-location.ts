/** Where the config file is, or would be made. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigFormat } from './config-text.ts';

export const configFileName = 'callboard.config.json';

/** Looked for in the working directory. */
const names = [configFileName, 'callboard.config.yaml', 'callboard.config.yml'] as const;

export type ConfigLocation = {
  readonly path: string;
  /** As the user wrote it, for messages. */
  readonly named: string;
  readonly format: ConfigFormat;
};
export type FoundLocation = {
  readonly location: ConfigLocation;
  /** Another format cannot be chosen: the file exists, or was named. */
  readonly isFixed: boolean;
  /** Why it is not clear which file is meant; `null`: it is. */
  readonly problem: string | null;
};

/**
 * `given`: what `--config` names. Without it, the one config file in `cwd`; if there is none, where one of `wanted` format
 * would be made. Two are a mistake, because nobody could tell which is meant.
 */
export function configLocation(
  given: string | undefined,
  cwd: string,
  wanted: ConfigFormat = 'json',
): FoundLocation {
  if (given !== undefined) return { location: locationOf(given, cwd), isFixed: true, problem: null };
  const found = names.filter((name) => existsSync(resolve(cwd, name)));
  const [name, other] = found;
  const problem =
    other === undefined
      ? null
      : `there are several config files, ${found.join(', ')}: keep one, or name one with --config`;
  const made = wanted === 'json' ? names[0] : names[1];
  return { location: locationOf(name ?? made, cwd), isFixed: name !== undefined, problem };
}

function locationOf(named: string, cwd: string): ConfigLocation {
  const format = /\.ya?ml$/i.test(named) ? 'yaml' : 'json';
  return { path: resolve(cwd, named), named, format };
}
