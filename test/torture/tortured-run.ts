/**
 * One run: a fresh store, the scenario, and a server that is killed again and again until its plan is used up; then
 * the verdict.
 */
import { join } from 'node:path';
import { openStorage } from '../../src/storage/open-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { temporaryFolder } from '../processes/server-process.ts';
import { Follower } from './follower.ts';
import { lostFiles } from './lost-files.ts';
import { probeRuns } from './probe-tool.ts';
import type { Scenario } from './scenario.ts';
import { type Death, ServerLives } from './server-lives.ts';
import { TorturedClient } from './tortured-client.ts';
import { judge, type Verdict } from './verdict.ts';

export type TorturedRun = {
  /** How many deaths really happened; a plan beyond the end of the scenario never fires. */
  readonly deaths: number;
  /** How often a client went on from its cursor. */
  readonly resumes: number;
  readonly verdict: Verdict;
  /** What the server printed to standard error. */
  readonly errors: string;
};

export type Damaged = {
  readonly storage: Storage;
  /** Holds the database file on SQLite. */
  readonly folder: string;
  readonly judgeAgain: () => Promise<Verdict>;
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
  /** Events that the follower does not hear. */
  readonly followerDeafTo?: readonly string[];
  /** Called before the store is closed, to damage it and have it judged again. */
  readonly damage?: (damaged: Damaged) => Promise<void>;
}): Promise<TorturedRun> {
  const folder = await temporaryFolder();
  const lives = new ServerLives({ folder: folder.path, ...options });
  const where = lives.whereabouts;
  const client = new TorturedClient(where);
  const follower = new Follower({ where, client, deafTo: options.followerDeafTo });
  const seen = { lostFiles: [] as readonly string[], misled: [] as readonly string[] };
  try {
    lives.onStart = (url) => client.watch(url);
    lives.start();
    await bounded(
      (async () => {
        // Before anything happens, so that it can always resume.
        await follower.start();
        await options.scenario.run(client);
        await lives.turnsEnd();
        seen.lostFiles = await lostFiles(where, client);
        seen.misled = await misled(follower);
      })(),
      () => {
        const waiting = client.waiting.length === 0 ? 'turns to end' : client.waiting.join(', ');
        return `after ${lives.deaths} deaths the run waits for ${waiting}; ${lives.errors}`;
      },
    );
    client.close();
    follower.close();
    await lives.end();
    const storage = await openStorage({
      dataFolder: folder.path,
      log: silentLog,
      ...(options.databaseUrl === '' ? {} : { databaseUrl: options.databaseUrl }),
    });
    const toolRuns = probeRuns(join(folder.path, 'probe-runs.txt'));
    const judgeAgain = () => judge(storage, client, { toolRuns, ...seen });
    const verdict = await judgeAgain();
    await options.damage?.({ storage, folder: folder.path, judgeAgain });
    await storage.close();
    return { deaths: lives.deaths, resumes: follower.resumes, verdict, errors: lives.errors };
  } finally {
    client.close();
    follower.close();
    await lives.end();
    await folder.remove();
  }
}

/** A server that was only killed can always go on from a cursor, so nothing is read again to agree. */
async function misled(follower: Follower): Promise<readonly string[]> {
  const differences = await follower.disagreements(agreeMsMax);
  return follower.rereads === 0 ? differences : [...differences, 'the client had to read everything again'];
}

/** A run that hangs is a fault, not a reason to wait. */
export async function bounded(run: Promise<void>, state: () => string): Promise<void> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => expired.reject(new Error(state())), runMsMax);
  await Promise.race([run, expired.promise]).finally(() => clearTimeout(timer));
}

/** Far more than the last events take to arrive. */
export const agreeMsMax = 3000;
/** Far more than a run takes. */
const runMsMax = 60_000;
