/** A log that nobody reads. */
import type { Log } from '../../actors/ports.ts';

export const silentLog: Log = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
