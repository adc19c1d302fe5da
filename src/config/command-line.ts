/** The command line: flags of {@link settings}, `--config`, `--help` and `--version`. */
import { Command, CommanderError } from 'commander';
import { addKeysCommand, type KeysCommandLine } from './keys-command-line.ts';
import { defaultText, settings } from './settings-list.ts';
import { version } from './version.ts';

export type CommandLine =
  | {
      readonly kind: 'run';
      /** The text of each given flag, by the key of its setting. */
      readonly flags: ReadonlyMap<string, string>;
      readonly configFile: string | undefined;
      /** Absent: the server is to run. */
      readonly keys?: KeysCommandLine;
    }
  | { readonly kind: 'exit'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

/** Width of `--help` in columns; fixed, so that the text does not depend on the terminal. */
const helpColumns = 100;

/** Reads the arguments that follow `node main.ts`. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const output: string[] = [];
  const command = new Command('callboard')
    .description('A realtime backend for AI chat.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this text')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.push(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => helpColumns,
    });
  for (const setting of settings) {
    if (setting.flag === undefined) continue;
    const fallback = defaultText(setting);
    command.option(
      setting.flag,
      `${plain(setting.description)}${fallback === '' ? '' : ` Default: ${fallback}`}`,
    );
  }
  command.option(
    '--config <file>',
    'Config file, JSON or YAML. Default: callboard.config.json, .yaml or .yml, if there is one',
  );
  let keys: KeysCommandLine | undefined;
  // Without an action, a command with subcommands demands one of them.
  command.action(() => {}).helpCommand(false);
  addKeysCommand(command, Date.now, (asked) => {
    keys = asked;
  });
  command.addHelpText('after', () => `\n${settingsHelp()}`);

  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'exit', text: output.join('').trimEnd() };
    return { kind: 'wrong', message: `${error.message.replace(/^error: /, '')}\nTry callboard --help.` };
  }
  const given: Readonly<Record<string, unknown>> = command.opts();
  const flags = new Map<string, string>();
  for (const setting of settings) {
    const value = given[flagName(setting.flag)];
    if (setting.flag === undefined) continue;
    if (typeof value === 'string') flags.set(setting.key, value);
    // A flag without a value turns its setting on.
    if (value === true) flags.set(setting.key, 'on');
  }
  const configFile = given['config'];
  return {
    kind: 'run',
    flags,
    configFile: typeof configFile === 'string' ? configFile : undefined,
    ...(keys === undefined ? {} : { keys }),
  };
}

/** `--port <number>` → `port`. A flag is one word. */
function flagName(flag: string | undefined): string {
  return /^--([a-z]+)/.exec(flag ?? '')?.[1] ?? '';
}

function settingsHelp(): string {
  const width = Math.max(...settings.map((setting) => setting.variable.length));
  const keyWidth = Math.max(...settings.map((setting) => setting.key.length));
  const lines = settings.map((setting) => {
    const fallback = defaultText(setting);
    const allowed = `${setting.allowed}${fallback === '' ? '' : ` (default: ${fallback})`}`;
    return `  ${setting.variable.padEnd(width)}  ${setting.key.padEnd(keyWidth)}  ${allowed}`;
  });
  return [
    'Settings, as environment variable and as key in the config file (flags win over the',
    'environment, the environment over the file):',
    ...lines,
  ].join('\n');
}

/** Removes Markdown's marks. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
