/** Starts the real server as a process of its own and talks to it as a client would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileCache } from './compile-cache.ts';

export type ServerProcess = {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Sends a signal and resolves with the exit code, or the signal's name if that ended it. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | string>;
  /** Sends a signal that does not end it. */
  readonly signal: (signal: NodeJS.Signals) => void;
};

export type ServerOptions = {
  readonly dataFolder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** How many files and connections the process may open; absent: as many as this one. */
  readonly descriptorsMax?: number;
};

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export function spawnServer(options: ServerOptions): ChildProcess {
  const { descriptorsMax } = options;
  const node = [process.execPath, main, '--port', '0', '--data', options.dataFolder, ...(options.args ?? [])];
  // The shell becomes the server, so that signals reach it.
  const limited =
    descriptorsMax === undefined ? [] : ['/bin/sh', '-c', `ulimit -n ${descriptorsMax} && exec "$0" "$@"`];
  const [command = '', ...args] = [...limited, ...node];
  return spawn(command, args, {
    cwd: options.dataFolder,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', ...compileCache, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves when the server says where it listens; rejects with its standard error if it ends before. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const child = spawnServer(options);
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const port = await new Promise<number>((resolve, reject) => {
    void ended.then(([code]) => reject(new Error(`the server ended with ${code}: ${errors}`)));
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (line) => {
      const found = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (found !== null) resolve(Number(found[1]));
    });
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    signal: (signal) => void child.kill(signal),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const [code, name] = await ended;
      return code ?? name;
    },
  };
}

/** A new empty folder, removed by `remove`. */
export async function temporaryFolder(): Promise<{
  readonly path: string;
  readonly remove: () => Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'callboard-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
