/**
 * Logging: each line goes to standard output through pino, into the ring behind `GET /logs`, and to the listeners for
 * `logs.created` (SPEC LOG).
 */
import { type DestinationStream, pino } from 'pino';
import pinoPretty from 'pino-pretty';
import type { Clock, Ids, Log, LogLine } from '../../actors/ports.ts';
import type { LogEntryId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { type LogContext, loggableContext, loggableText } from '../../schema/log-context.ts';
import type { LogEntry, LogLevel } from '../../schema/log-entry.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { LogFeed, type LogListener } from './log-feed.ts';
import { BoundedLogRing, type LogRing } from './log-ring.ts';

export type LoggingOptions = {
  /** Lines below this level are dropped; `silent` drops all but manual entries. */
  readonly level: LogLevel | 'silent';
  readonly clock: Clock;
  readonly ids: Ids;
  /** Writes readable lines instead of JSON. Default: when standard output is a terminal. */
  readonly pretty?: boolean;
  /** Where lines are written. Default: standard output. */
  readonly destination?: DestinationStream;
};

export type Logging = {
  readonly log: Log;
  readonly ring: LogRing;
  /**
   * Calls `listener` once per tick in which lines were logged; returns a function that ends this. If the listener
   * throws, the error is logged.
   */
  readonly onEntries: (listener: LogListener) => () => void;
  /** Makes the entry of `POST /logs` (docs/protocol.md A2), whatever the level (SPEC [LOG7]). */
  readonly emitManual: () => LogEntry;
  /** From the next line on. */
  readonly setLevel: (level: LoggingOptions['level']) => void;
};

/**
 * @example
 * const { log, onEntries } = createLogging({ level: 'info', clock: systemClock, ids: systemIds });
 * onEntries((event) => publisher.volatile(event));
 * log.info('Listening', { port: 3000 });
 */
export function createLogging(options: LoggingOptions): Logging {
  const { clock, ids } = options;
  const output = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${isoTimestamp(clock.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destinationOf(options),
  );
  const manualOutput = output.child({}, { level: 'info' });
  const ring = new BoundedLogRing();
  const feed = new LogFeed(clock, (error) => log.error('A listener for log entries failed', { error }));

  const record = (to: typeof output, level: LogLevel, message: string, given?: unknown): LogEntry => {
    const context = loggableContext(given);
    const entry: LogEntry = {
      id: ids.next<LogEntryId>(),
      level,
      message: loggableText(String(message), limits.logMessageUnitsMax),
      ...(context === undefined ? {} : { context }),
      createdAt: isoTimestamp(clock.now()),
    };
    to[level](context === undefined ? {} : outputFields(context), entry.message);
    ring.add(entry);
    feed.add(entry);
    return entry;
  };
  const line =
    (level: LogLevel): LogLine =>
    (message, context) => {
      if (output.isLevelEnabled(level)) record(output, level, message, context);
    };
  const log: Log = {
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  return {
    log,
    ring,
    onEntries: (listener) => feed.listen(listener),
    setLevel: (level) => {
      output.level = level;
    },
    emitManual: () => record(manualOutput, 'info', 'Manual log emission', { source: 'api' }),
  };
}

/** Context keys that pino also writes get an underscore, so that no line has a key twice. */
function outputFields(context: LogContext): LogContext {
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => [
      ['level', 'time', 'msg'].includes(key) ? `${key}_` : key,
      value,
    ]),
  );
}

/** Formats in this process, not in a worker, so that a line is on the terminal before the next statement runs. */
function destinationOf(options: LoggingOptions): DestinationStream {
  const { destination } = options;
  const isTerminal = destination === undefined && process.stdout.isTTY === true;
  const pretty = options.pretty ?? isTerminal;
  if (!pretty) return destination ?? pino.destination(1);
  const target = destination ?? process.stdout;
  const prettify = pinoPretty.prettyFactory({
    colorize: isTerminal && process.stdout.hasColors(),
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return {
    write: (text) => {
      target.write(prettify(text));
    },
  };
}
