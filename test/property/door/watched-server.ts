/** A fuzzed server whose sockets, memory and errors are observed. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { compileCache } from '../../processes/compile-cache.ts';
import { temporaryFolder } from '../../processes/server-process.ts';
import type { Health, Sabotage } from './fuzzed-server.ts';

const program = new URL('./fuzzed-server.ts', import.meta.url).pathname;

export class WatchedServer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #removeFolder: () => Promise<void>;

  private constructor(child: ChildProcess, port: number, removeFolder: () => Promise<void>) {
    this.#child = child;
    this.port = port;
    this.#removeFolder = removeFolder;
  }

  static async start(sabotage: Sabotage = 'none'): Promise<WatchedServer> {
    const folder = await temporaryFolder();
    const child = fork(program, [folder.path, sabotage], {
      execArgv: ['--expose-gc'],
      cwd: folder.path,
      env: { ...process.env, ...compileCache },
      silent: true,
    });
    const [told] = await Promise.race([once(child, 'message'), endOf(child)]);
    return new WatchedServer(child, told.port, folder.remove);
  }

  get hasDied(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async health(): Promise<Health> {
    const answer = once(this.#child, 'message');
    this.#child.send('health');
    const [health] = await answer;
    return health;
  }

  /** How many sockets its process has open, including listening sockets and that of IPC. Linux only. */
  sockets(): number {
    const folder = `/proc/${this.#child.pid}/fd`;
    return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length;
  }

  /** Resolves when the process has ended by itself. */
  async stop(): Promise<void> {
    if (!this.hasDied) {
      const ended = once(this.#child, 'exit');
      this.#child.disconnect();
      await ended;
    }
    await this.#removeFolder();
  }
}

/** Rejects with the process's output when the process ends. */
async function endOf(child: ChildProcess): Promise<never> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'exit');
  throw new Error(`the server ended at its start: ${said}`);
}

/** False for a file that was closed between the listing and the check. */
function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}
