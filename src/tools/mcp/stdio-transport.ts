/**
 * A tool server that is a program: it is started, and spoken to over its standard input and output, a message a line.
 * What is no message is noted and passed over, a message that is too long costs only its own request, and when the
 * program ends its exit code and its last words are known.
 */
import type { ChildProcess } from 'node:child_process';
import { getDefaultEnvironment } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import spawn from 'cross-spawn';
import type { Clock } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText } from '../../../schema/preview.ts';
import type { McpTransport } from './edge-transport.ts';
import { errorAnswer, readMessages } from './json-rpc-messages.ts';
import { lineReader } from './line-reader.ts';
import type { McpEndpoint } from './mcp-server-options.ts';
import { quoted } from './told-value.ts';

type Program = Extract<McpEndpoint, { kind: 'stdio' }>;

export class StdioTransport implements McpTransport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #program: Program;
  readonly #clock: Clock;
  readonly #ended = Promise.withResolvers<void>();
  #process: ChildProcess | undefined;
  #exit: string | undefined;
  #isOver = false;
  #cancelEnd: (() => void) | undefined;
  /** The end of what it wrote to its standard error. */
  #words = '';
  #noise: string | undefined;

  readonly #hear: (words: string) => void;

  /** `hear` is told what the program writes to its standard error. */
  constructor(program: Program, clock: Clock, hear: (words: string) => void) {
    this.#program = program;
    this.#clock = clock;
    this.#hear = hear;
  }

  /** Rejects when the program cannot be started. */
  start(): Promise<void> {
    const { command, args, env, cwd } = this.#program;
    const child = spawn(command, [...args], {
      env: { ...getDefaultEnvironment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#process = child;
    child.stdout?.on('data', lineReader(limits.toolServerMessageBytesMax, this));
    child.stderr?.on('data', (chunk: Buffer) => {
      const words = chunk.toString('utf8');
      this.#words = (this.#words + words).slice(-limits.failureWordsUnitsMax);
      this.#hear(words);
    });
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      stream?.on('error', (error) => this.onerror?.(error));
    }
    child.on('exit', (code, signal) => {
      this.#exit ??= signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
      // What it started may hold its output open; what it said last comes before that.
      this.#cancelEnd = this.#clock.after(limits.toolServerEndMs, () => this.#end());
    });
    child.on('close', () => this.#end());
    return new Promise((resolve, reject) => {
      child.on('spawn', resolve);
      child.on('error', (error) => {
        this.#exit ??= `${command} cannot be started: ${error.message}`;
        this.#ended.resolve();
        reject(error);
      });
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const input = this.#process?.stdin;
      if (input?.writable !== true) reject(new Error('the program takes no more input'));
      else input.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The program is asked to end, then told to, then ended. Resolves when it is gone. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child === undefined || this.#isOver) return;
    child.stdin?.end();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.#endedWithin(limits.toolServerEndMs)) return;
      child.kill(signal);
    }
    await this.#endedWithin(limits.toolServerEndMs);
  }

  /** Why it is gone or says nothing, as far as the program itself tells. */
  failure(): string | undefined {
    const words = this.#words.trim();
    const parts = [
      this.#exit,
      words === '' ? undefined : `its last words: ${cutText(words, limits.failureWordsUnitsMax)}`,
      this.#noise === undefined ? undefined : `it wrote to its standard output: ${this.#noise}`,
    ].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join('; ');
  }

  line(text: string): void {
    if (text.trim() === '') return;
    const { messages, problems } = readMessages(text);
    for (const problem of problems) {
      this.#noise = problem;
      this.onerror?.(new Error(problem));
    }
    for (const message of messages) this.onmessage?.(message);
  }

  /** Servers put the id first or last. */
  tooLong(head: string, tail: string): void {
    const id = /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d+)\s*,/.exec(head)?.[1];
    const lastId = /[,{]\s*"id"\s*:\s*(\d+)\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail)?.[1];
    const problem = `The answer is longer than ${limits.toolServerMessageBytesMax} bytes`;
    this.onerror?.(new Error(`${problem}: ${quoted(head)}`));
    const answered = id ?? lastId;
    if (answered !== undefined) this.onmessage?.(errorAnswer(Number(answered), problem));
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelEnd?.();
    this.#ended.resolve();
    this.onclose?.();
  }

  #endedWithin(delay: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delay, () => resolve(false));
      void this.#ended.promise.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}
