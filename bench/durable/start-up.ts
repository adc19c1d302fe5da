/** How long the real server takes to listen, and how much memory it then uses, for a given store. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { nodeOptions } from '../../src/node-options.ts';

export type StartUpFigure = { readonly readyMs: number; readonly residentMegabytes: number };

const program = new URL('../../src/main.ts', import.meta.url).pathname;

/** One start and one stop. `residentMegabytes` is `NaN` where there is no `/proc`. */
export async function startUp(options: {
  readonly dataFolder: string;
  readonly databaseUrl?: string | undefined;
}): Promise<StartUpFigure> {
  const { dataFolder, databaseUrl } = options;
  const start = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, program, '--port', '0', '--data', dataFolder], {
    cwd: dataFolder,
    env: {
      PATH: process.env['PATH'],
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await new Promise<void>((resolve, reject) => {
      void ended.then(([code]) => reject(new Error(`the server ended with ${code}`)));
      createInterface(child.stdout).on('line', (line) => {
        if (line.includes('listens on')) resolve();
      });
    });
    const readyMs = performance.now() - start;
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN);
    return { readyMs, residentMegabytes: kilobytes / 1024 };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
