/**
 * One run: a fresh store, the scenario, and a server that is killed again and again until its plan is used up; then
 * the verdict.
 */
import { join } from 'node:path';
import { openStorage } from '../../src/storage/open-storage.ts';
import { temporaryFolder } from '../processes/server-process.ts';
import { probeRuns } from './probe-tool.ts';
import type { Scenario } from './scenario.ts';
import { type Death, ServerLives } from './server-lives.ts';
import { TorturedClient } from './tortured-client.ts';
import { judge, type Verdict } from './verdict.ts';

export type TorturedRun = {
  /** How many deaths really happened; a plan beyond the end of the scenario never fires. */
  readonly deaths: number;
  readonly verdict: Verdict;
  /** What the server printed to standard error. */
  readonly errors: string;
};

export const silentLog = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

export async function torturedRun(options: {
  readonly deaths: readonly Death[];
  readonly scenario: Scenario;
  /** Empty for SQLite. */
  readonly databaseUrl: string;
}): Promise<TorturedRun> {
  const folder = await temporaryFolder();
  const lives = new ServerLives({ folder: folder.path, ...options });
  const client = new TorturedClient(lives.whereabouts);
  try {
    lives.onStart = (url) => client.watch(url);
    lives.start();
    await bounded(
      options.scenario.run(client).then(() => lives.turnsEnd()),
      () => {
        const waiting = client.waiting.length === 0 ? 'turns to end' : client.waiting.join(', ');
        return `after ${lives.deaths} deaths the run waits for ${waiting}; ${lives.errors}`;
      },
    );
    client.close();
    await lives.end();
    const storage = await openStorage({
      dataFolder: folder.path,
      log: silentLog,
      ...(options.databaseUrl === '' ? {} : { databaseUrl: options.databaseUrl }),
    });
    const verdict = await judge(storage, client, probeRuns(join(folder.path, 'probe-runs.txt')));
    await storage.close();
    return { deaths: lives.deaths, verdict, errors: lives.errors };
  } finally {
    client.close();
    await lives.end();
    await folder.remove();
  }
}

/** A run that hangs is a fault, not a reason to wait. */
export async function bounded(run: Promise<void>, state: () => string): Promise<void> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => expired.reject(new Error(state())), runMsMax);
  await Promise.race([run, expired.promise]).finally(() => clearTimeout(timer));
}

/** Far more than a run takes. */
const runMsMax = 60_000;
