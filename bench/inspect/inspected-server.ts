/** The server as `npm start` starts it, in a process of its own whose processor time is measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeOptions } from '../../src/node-options.ts';
import { createSession } from '../client/rest.ts';
import { cpuMs } from '../process/usage.ts';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type InspectedServer = {
  readonly port: number;
  /** Processor time used so far, ms. */
  readonly cpuMs: () => number;
  readonly createSession: () => Promise<string>;
  readonly end: () => Promise<void>;
};

export async function startInspectedServer(): Promise<InspectedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-bench-'));
  const child = spawn(process.execPath, [...nodeOptions, program, '--port', '0', '--data', folder], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', CALLBOARD_SHUTDOWN_GRACE_MS: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const port = await new Promise<number>((resolve, reject) => {
    void ended.then(() => reject(new Error('the server ended')));
    createInterface(child.stdout).on('line', (line) => {
      const found = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (found !== null) resolve(Number(found[1]));
    });
  });
  return {
    port,
    cpuMs: () => cpuMs(child.pid ?? Number.NaN),
    createSession: () => createSession(port),
    end: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
