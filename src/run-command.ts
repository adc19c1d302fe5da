/** The command line: reads the configuration, starts the server, stops it on a signal. */
import { flushCompileCache } from 'node:module';
import { isatty } from 'node:tty';
import { obeyed, resultText } from './admin/keys-command.ts';
import { AuthenticationError } from './authentication.ts';
import { type Callboard, startCallboard } from './callboard.ts';
import { systemClock } from './clock.ts';
import type { KeysCommandLine } from './config/keys-command-line.ts';
import { type OpenedConfig, openConfig } from './config/load-config.ts';
import type { Config } from './config/settings.ts';
import { GatewayListenError } from './gateway/uws/listen-error.ts';
import { UwsLoadError } from './gateway/uws/uws-loader.ts';
import { systemIds } from './ids.ts';
import { createLogging } from './logs/logging.ts';
import { InsecureListenError } from './origins/insecure-listen-error.ts';
import { StorageOpenError } from './storage/storage-open-error.ts';

const loaded = openConfig({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() });
if (loaded.ok === 'exit') {
  process.stdout.write(`${loaded.text}\n`);
} else if (loaded.ok) {
  await (loaded.keys === undefined ? run(loaded) : administerKeys(loaded.config, loaded.keys));
} else {
  fail(loaded.message);
}

/** Prints the result; or why there is none, in one line. */
async function administerKeys(config: Config, { order, form }: KeysCommandLine): Promise<void> {
  try {
    const outcome = await obeyed(order, config);
    if (!outcome.ok) {
      fail(outcome.refusal.message);
      // A database that takes nothing would be tried for ever.
      process.exit();
    }
    process.stdout.write(`${resultText(outcome.value, form)}\n`);
  } catch (cause) {
    if (isExpected(cause)) return fail(cause.message);
    throw cause;
  }
}

async function run(loaded: Extract<OpenedConfig, { readonly ok: true }>): Promise<void> {
  const { config } = loaded;
  const logging = createLogging({ level: config.logLevel, clock: systemClock, ids: systemIds });
  let callboard: Callboard;
  try {
    callboard = await startCallboard(config, logging, { onTakenOver: leaveTakenOver, configFrom: loaded });
  } catch (cause) {
    if (isExpected(cause)) return fail(cause.message);
    throw cause;
  }
  // Before anybody reads that it listens, and may want it to stop.
  stopOnSignal(callboard, logging.log.info);
  const stopOnHangUp = process.stdout.isTTY === true;
  process.on('SIGHUP', () => {
    // Without its terminal nobody could stop it; one that is closed is no terminal any more.
    if (stopOnHangUp && !isatty(1)) process.kill(process.pid, 'SIGTERM');
    else void callboard.reloadConfig();
  });
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const authority = `${host}:${callboard.port}`;
  logging.log.info(`Callboard listens on http://${authority} and ws://${authority}`, {
    ...(config.web === 'on' ? { chat: `http://${authority}/` } : {}),
    rest: `http://${authority}/openapi`,
    storage: callboard.storage,
  });
  // A process that is killed would keep nothing.
  flushCompileCache();
}

/** Stopping in order would wait for a journal that never answers again. Nothing unwritten was acknowledged. */
function leaveTakenOver(): void {
  fail('another Callboard process has taken over the database; this one stops');
  process.exit(1);
}

/** Writes one line to standard error and sets the exit code. */
function fail(message: string): void {
  process.stderr.write(`callboard: ${message}\n`);
  process.exitCode = 1;
}

function isExpected(cause: unknown): cause is Error {
  return (
    cause instanceof AuthenticationError ||
    cause instanceof InsecureListenError ||
    cause instanceof StorageOpenError ||
    cause instanceof GatewayListenError ||
    cause instanceof UwsLoadError
  );
}

/** The first signal stops in order; a second one exits at once, which loses nothing that was acknowledged. */
function stopOnSignal(callboard: Callboard, say: (message: string) => void): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    say(`${signal}: stopping`);
    callboard.stop().then(
      (flushed) => {
        if (!flushed)
          fail('the database did not take everything in time; what it did not take was never acknowledged');
        process.exit(flushed ? 0 : 1);
      },
      (cause: unknown) => {
        fail(`could not stop in order: ${String(cause)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
