/**
 * A process of a run: a server or the load client. It is pinned to its own processor where `taskset` exists, asked
 * over an IPC channel, and stopped by the process that started it, by force if it does not stop in time.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { commandWithFiles } from './open-files.ts';

/** Processors: the server has the first, the load client the second. */
export const serverCpu = 0;
export const clientCpu = 1;

const stopMsMax = 5000;
const startMsMax = 30_000;

const replySchema = z.union([
  z.object({ ready: z.unknown() }).strict(),
  z.object({ id: z.number(), answer: z.unknown() }).strict(),
  z.object({ id: z.number(), error: z.string() }).strict(),
]);

let pinning: { readonly whyNot: string | undefined } | undefined;

/** Why processes are not pinned, or undefined when they are. */
export function whyNotPinned(): string | undefined {
  pinning ??= { whyNot: whyNoPinning() };
  return pinning.whyNot;
}

function whyNoPinning(): string | undefined {
  if (availableParallelism() < 2) return 'this machine has one processor: server and client share it';
  if (spawnSync('taskset', ['-c', String(serverCpu), 'true']).status !== 0) {
    return '`taskset` does not work here: processes move between processors';
  }
  return undefined;
}

/** Where Node keeps compiled modules, if whoever starts the benchmark says so. */
function compileCache({ NODE_COMPILE_CACHE: folder }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

type Starting = {
  readonly cpu: number;
  readonly argument: unknown;
  /** How many files and connections it must be able to open; as many as this process may if that is more. */
  readonly openFiles?: number;
  /** Of Node. */
  readonly nodeOptions?: readonly string[];
  /** Whether the other processes on its processor come first: what they measure is then not its doing. */
  readonly yields?: boolean;
};

export class MeasuredProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (cause: Error) => void }
  >();
  readonly #ready = Promise.withResolvers<unknown>();
  #asked = 0;
  #stopping = false;

  private constructor(program: URL, given: Starting) {
    const { cpu, argument, openFiles = 0, nodeOptions = [], yields = false } = given;
    const command = [process.execPath, ...nodeOptions, program.pathname, JSON.stringify(argument)];
    const [file = '', ...argv] = [
      ...commandWithFiles(openFiles),
      ...(whyNotPinned() === undefined ? ['taskset', '-c', String(cpu)] : []),
      ...(yields ? ['nice', '-n', '19'] : []),
      ...command,
    ];
    this.#child = spawn(file, argv, {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...compileCache(process.env) },
      // What it says is no result.
      stdio: ['ignore', process.stderr, 'inherit', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      if (!this.#stopping) this.#fail(new Error(`${program.pathname} ended: ${signal ?? code}`));
    });
    this.#child.on('error', (cause) => this.#fail(cause));
    this.#child.on('message', (message: unknown) => this.#told(message));
  }

  /** Resolves with the process and its `ready` value. Rejects when that takes more than 30 s. */
  static async start<Ready>(
    program: URL,
    options: Starting & { readonly ready: z.ZodType<Ready> },
  ): Promise<{ readonly process: MeasuredProcess; readonly ready: Ready }> {
    const started = new MeasuredProcess(program, options);
    try {
      const ready = await bounded(started.#ready.promise, startMsMax, 'the start of a process');
      return { process: started, ready: options.ready.parse(ready) };
    } catch (cause) {
      await started.stop();
      throw cause;
    }
  }

  /** `NaN` if the process never ran. */
  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /** Rejects with the process's error, or when it ended or did not answer within `waitMsMax`. */
  async ask<Answer>(
    name: string,
    data: unknown,
    answer: z.ZodType<Answer>,
    waitMsMax = 120_000,
  ): Promise<Answer> {
    const id = ++this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#child.send({ id, name, data });
    try {
      return answer.parse(await bounded(promise, waitMsMax, name));
    } finally {
      this.#waiting.delete(id);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.connected) this.#child.disconnect();
    if (this.#child.pid === undefined) return;
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), stopMsMax);
    await this.#ended;
    clearTimeout(kill);
  }

  #told(message: unknown): void {
    const reply = replySchema.parse(message);
    if ('ready' in reply) this.#ready.resolve(reply.ready);
    else if ('error' in reply) this.#waiting.get(reply.id)?.reject(new Error(reply.error));
    else this.#waiting.get(reply.id)?.resolve(reply.answer);
  }

  #fail(cause: Error): void {
    this.#ready.promise.catch(() => {});
    this.#ready.reject(cause);
    for (const { reject } of this.#waiting.values()) reject(cause);
  }
}

async function bounded<Value>(promise: Promise<Value>, msMax: number, what: string): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took more than ${msMax} ms`)), msMax);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
