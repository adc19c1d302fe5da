/**
 * One run: a fresh store, the scenario, and a server that is killed again and again until its bullets are spent;
 * then the verdict.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openStorage } from '../../src/storage/open-storage.ts';
import { temporaryFolder } from '../e2e/server-process.ts';
import { type KillPlan, planText } from './kill-plan.ts';
import { probeRuns } from './probe-tool.ts';
import type { Scenario } from './scenario.ts';
import { TorturedClient, type Whereabouts } from './tortured-client.ts';
import { judge, type Verdict } from './verdict.ts';

/** How one life of the server ends: by its own hand at a commit, or from outside after a while. */
export type Death = KillPlan | { readonly when: 'timer'; readonly afterMs: number };

export type TorturedRun = {
  /** Deaths that really happened; a plan beyond the end of the scenario never fires. */
  readonly deaths: number;
  readonly verdict: Verdict;
  /** What the server printed to standard error. */
  readonly errors: string;
};

const program = new URL('./tortured-server.ts', import.meta.url).pathname;
const silentLog = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export async function torturedRun(options: {
  readonly deaths: readonly Death[];
  readonly scenario: Scenario;
  /** Empty for SQLite. */
  readonly databaseUrl: string;
}): Promise<TorturedRun> {
  const folder = await temporaryFolder();
  const lives = new Lives(folder.path, options.databaseUrl, options.deaths);
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
async function bounded(run: Promise<void>, state: () => string): Promise<void> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => expired.reject(new Error(state())), runMsMax);
  await Promise.race([run, expired.promise]).finally(() => clearTimeout(timer));
}

/** Far more than a run takes. */
const runMsMax = 60_000;

/** The server's lives, one after the other; a new one starts when the last has ended too early. */
class Lives {
  readonly #folder: string;
  readonly #databaseUrl: string;
  readonly #plans: Death[];
  #child: ChildProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #ending = false;
  #url = Promise.withResolvers<string>();
  #isListening = false;
  deaths = 0;
  errors = '';
  onStart: (url: string) => void = () => {};

  constructor(folder: string, databaseUrl: string, plans: readonly Death[]) {
    this.#folder = folder;
    this.#databaseUrl = databaseUrl;
    this.#plans = [...plans];
  }

  readonly whereabouts: Whereabouts = { url: () => this.#url.promise, failed: () => {} };

  start(): void {
    const death = this.#plans.shift();
    const child = spawn(process.execPath, [program, '--port', '0', '--data', this.#folder], {
      cwd: this.#folder,
      env: {
        PATH: process.env['PATH'],
        HOST: '127.0.0.1',
        CALLBOARD_LOG_LEVEL: 'error',
        CALLBOARD_SHUTDOWN_GRACE_MS: '20000',
        ...(this.#databaseUrl === '' ? {} : { DATABASE_URL: this.#databaseUrl }),
        ...(death === undefined || death.when === 'timer' ? {} : { TORTURE_KILL: planText(death) }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#ended = once(child, 'exit').then(([code, signal]) => this.#died(code, signal));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (line) => {
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      this.#isListening = true;
      this.#url.resolve(url);
      this.onStart(url);
      if (death?.when === 'timer') setTimeout(() => child.kill('SIGKILL'), death.afterMs);
    });
  }

  #died(code: number | null, signal: string | null): void {
    if (this.#ending) return;
    // Whoever waits for a server that died before it listened goes on waiting for the next one.
    if (this.#isListening) this.#url = Promise.withResolvers();
    this.#isListening = false;
    if (signal === 'SIGKILL') this.deaths++;
    else this.errors += `the server ended by itself with ${code ?? signal}\n`;
    if (this.deaths < 100 && signal === 'SIGKILL') this.start();
    else this.#url.reject(new Error(this.errors));
  }

  /** Resolves when no trace of the server is unfinished: every turn that began has ended. */
  async turnsEnd(): Promise<void> {
    for (;;) {
      const url = await this.#url.promise;
      const traces = await fetch(`${url}/traces?limit=5000`).then(
        (response): Promise<unknown> => response.json(),
        () => null,
      );
      const statuses = Array.isArray(traces) ? traces.map((trace) => trace.status) : ['unknown'];
      if (statuses.every((status) => status === 'completed' || status === 'failed')) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async end(): Promise<void> {
    this.#ending = true;
    this.#child?.kill('SIGTERM');
    await this.#ended;
  }
}
