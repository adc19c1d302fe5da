/** Builds one validated {@link Config} from flags, environment, file and defaults, or explains why it is not valid. */
import { dirname, resolve } from 'node:path';
import { cutText } from '../../schema/preview.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { readCommandLine } from './command-line.ts';
import { readConfigFile } from './config-file.ts';
import { engineSettingKeys } from './engine-settings.ts';
import { type ConfigLocation, configLocation, type FoundLocation } from './file/config-location.ts';
import type { ConfigFormat, ParsedConfig } from './file/config-text.ts';
import type { KeysCommandLine } from './keys-command-line.ts';
import { modelProblem } from './model-choice.ts';
import { nearestName } from './nearest-name.ts';
import { readEngineSettings } from './read-engine-settings.ts';
import { type Config, configSchema } from './settings.ts';
import { type Setting, settings } from './settings-list.ts';

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  /** One line per mistake. Print to standard error, exit 1. */
  | { readonly ok: false; readonly message: string }
  /** Text of `--help` or `--version`. Print to standard output, exit 0. */
  | { readonly ok: 'exit'; readonly text: string };

/** Where a config came from, to read the file again and to judge what it might become. */
export type ConfigSource = {
  /** Finds the file anew; if there is none, where one in the format `wanted` would be made. */
  readonly locate: (wanted?: ConfigFormat) => FoundLocation;
  readonly resolve: (values: ReadonlyMap<string, unknown>, location: ConfigLocation) => ResolvedConfig;
  /** What overrides the file, such as `--port`, by the key of its setting. */
  readonly overrides: ReadonlyMap<string, string>;
};

export type ResolvedConfig =
  | { readonly ok: true; readonly config: Config }
  /** One line for each mistake. */
  | { readonly ok: false; readonly problems: readonly string[] };

export type OpenedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly source: ConfigSource;
      /** What the file had; `null`: there was none. */
      readonly file: ParsedConfig | null;
      /** What `callboard keys` is asked for; absent: the server is to run. */
      readonly keys?: KeysCommandLine;
    }
  | Exclude<LoadedConfig, { readonly ok: true }>;

/** How much of a wrong value a message shows, UTF-16 units. */
const shownUnitsMax = 100;

/** A value as it was given, and where: `--port`, `PORT` or the file. */
type Given = { readonly value: unknown; readonly source: string };

type ConfigInput = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

/**
 * `argv` holds the arguments after the script. Flags override the environment, the environment overrides the file,
 * the file overrides defaults; an empty variable counts as not set. Reads nothing but the config file. Relative
 * folders are relative to `cwd`, those in the file to the file's folder.
 *
 * @example const loaded = loadConfig({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() });
 */
export function loadConfig(input: ConfigInput): LoadedConfig {
  const opened = openConfig(input);
  return opened.ok === true ? { ok: true, config: opened.config } : opened;
}

/** Like {@link loadConfig}, for those who read the file again later. */
export function openConfig({ argv, env, cwd }: ConfigInput): OpenedConfig {
  const line = readCommandLine(argv);
  if (line.kind === 'exit') return { ok: 'exit', text: line.text };
  if (line.kind === 'wrong') return { ok: false, message: line.message };
  const overrides = new Map<string, Given>();
  for (const setting of settings) {
    const given = overriding(setting, line.flags, env);
    if (given !== undefined) overrides.set(setting.key, given);
  }
  const source: ConfigSource = {
    locate: (wanted) => configLocation(line.configFile, cwd, wanted),
    resolve: (values, location) => resolvedConfig(values, { location, overrides, env, cwd }),
    overrides: new Map([...overrides].map(([key, given]) => [key, given.source])),
  };
  const { location, problem } = source.locate();
  if (problem !== null) return { ok: false, message: problem };
  const file = readConfigFile(location, { required: line.configFile !== undefined });
  if (!file.ok) return file;
  const resolved = source.resolve(file.parsed?.values ?? new Map(), location);
  return resolved.ok
    ? {
        ok: true,
        config: resolved.config,
        source,
        file: file.parsed,
        ...(line.keys === undefined ? {} : { keys: line.keys }),
      }
    : { ok: false, message: resolved.problems.join('\n') };
}

function resolvedConfig(
  file: ReadonlyMap<string, unknown>,
  from: {
    readonly location: ConfigLocation;
    readonly overrides: ReadonlyMap<string, Given>;
    readonly env: ConfigInput['env'];
    readonly cwd: string;
  },
): ResolvedConfig {
  const { named, path } = from.location;
  const problems = unknownKeys([...file.keys()], named);
  const given = new Map<string, Given>();
  for (const { key } of settings) {
    const override = from.overrides.get(key);
    if (override !== undefined) given.set(key, override);
    else if (file.has(key)) given.set(key, { value: file.get(key), source: named });
  }
  const values = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) {
    const wrongKeys = new Set(parsed.error.issues.map((issue) => issue.path[0]));
    for (const setting of settings) {
      const found = given.get(setting.key);
      if (found !== undefined && wrongKeys.has(setting.key)) problems.push(problemOf(setting, found));
    }
  }
  const engine = readEngineSettings(file, from.env, named);
  if (!engine.ok) problems.push(...engine.problems);
  if (parsed.success && engine.ok) {
    for (const setting of ['defaultModel', 'titleModel'] as const) {
      const model = parsed.data[setting];
      const problem =
        model === undefined
          ? undefined
          : modelProblem(setting, model, { ...parsed.data, providers: engine.settings.providers });
      if (problem !== undefined) problems.push(problem);
    }
  }
  if (!parsed.success || !engine.ok || problems.length > 0) return { ok: false, problems };
  const isFolderFromFile = given.get('dataFolder')?.source === named;
  const base = isFolderFromFile ? dirname(path) : from.cwd;
  const dataFolder = resolve(base, parsed.data.dataFolder);
  return { ok: true, config: { ...parsed.data, ...engine.settings, dataFolder } };
}

function overriding(
  setting: Setting,
  flags: ReadonlyMap<string, string>,
  env: ConfigInput['env'],
): Given | undefined {
  const flag = flags.get(setting.key);
  if (flag !== undefined) {
    return { value: valueFrom(setting, flag), source: setting.flag?.split(' ')[0] ?? setting.key };
  }
  const variable = env[setting.variable];
  return variable === undefined || variable === ''
    ? undefined
    : { value: valueFrom(setting, variable), source: setting.variable };
}

/** A text that is not a number is returned unchanged, so that validation can quote it. */
function valueFrom(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    default:
      return unreachable(setting.kind);
  }
}

function problemOf(setting: Setting, found: Given): string {
  const shown =
    setting.secret === true ? 'not shown: it is secret' : cutText(shownValue(found.value), shownUnitsMax);
  return `${setting.key} must be ${setting.allowed}; ${found.source} gives another value (${shown})`;
}

function shownValue(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function unknownKeys(keys: readonly string[], fileName: string): string[] {
  const known = [...settings.map((setting) => setting.key), ...engineSettingKeys];
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => {
      const nearest = nearestName(key, known);
      const shown = cutText(JSON.stringify(key), shownUnitsMax);
      const hint = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean "${nearest}"?`;
      return `${fileName} has an unknown key ${shown}; ${hint}`;
    });
}
