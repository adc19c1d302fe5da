/** The lives of a tortured server, one after the other, in the same folder and on the same store. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compileCache } from '../processes/compile-cache.ts';
import { type KillPlan, planText } from './kill-plan.ts';
import type { Whereabouts } from './tortured-client.ts';

/** How one life of the server ends: it kills itself at a commit, or is killed from outside after a while. */
export type Death = KillPlan | { readonly when: 'timer'; readonly afterMs: number };

const program = new URL('./tortured-server.ts', import.meta.url).pathname;

export type LivesOptions = {
  /** Where the probe records its runs. */
  readonly folder: string;
  /** Default: `folder`. */
  readonly dataFolder?: string | undefined;
  /** Empty for SQLite. */
  readonly databaseUrl: string;
  readonly deaths: readonly Death[];
};

/** A new life starts when the last one was killed; a life that ends by itself is the last one, and a fault. */
export class ServerLives {
  readonly #options: LivesOptions;
  readonly #plans: Death[];
  #child: ChildProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #ending = false;
  #url = Promise.withResolvers<string>();
  #isListening = false;
  deaths = 0;
  errors = '';
  onStart: (url: string) => void = () => {};

  constructor(options: LivesOptions) {
    this.#options = options;
    this.#plans = [...options.deaths];
  }

  readonly whereabouts: Whereabouts = { url: () => this.#url.promise, failed: () => {} };

  start(): void {
    const death = this.#plans.shift();
    const { folder, dataFolder = folder, databaseUrl } = this.#options;
    const child = spawn(process.execPath, [program, '--port', '0', '--data', dataFolder], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOST: '127.0.0.1',
        ...compileCache,
        CALLBOARD_LOG_LEVEL: 'error',
        CALLBOARD_SHUTDOWN_GRACE_MS: '20000',
        ...(databaseUrl === '' ? {} : { DATABASE_URL: databaseUrl }),
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
    // A caller that waits for a server which died before it listened waits for the next one.
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

  /** Ends the last life in order; its exit code, or the signal that ended it. Ending twice does nothing. */
  async end(): Promise<number | string | null> {
    this.#ending = true;
    this.#child?.kill('SIGTERM');
    await this.#ended;
    return this.#child === null ? null : (this.#child.exitCode ?? this.#child.signalCode);
  }
}
