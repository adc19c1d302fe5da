/** The tools that a simulated model calls, as one tool server has them: it comes and goes, and is odd at times. */
import type { Tool, ToolBox } from '../../actors/ports.ts';
import type { JsonSchemaObject } from '../../schema/json-value.ts';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { Fact } from './facts.ts';

/** How the server is: there, connected again (its tools ask for patience), with odd schemas, or not there any more. */
export const toolServerStates = ['there', 'reconnecting', 'odd', 'gone'] as const;
export type ToolServerState = (typeof toolServerStates)[number];

type ToolRun = { readonly name: string; readonly finish: PromiseWithResolvers<Outcome<unknown>> };

/** Every tool waits for the world to finish it; none may be repeated. */
export class SimulatedTools {
  readonly #tell: (fact: Fact) => void;
  #runs: ToolRun[] = [];
  runs = 0;
  server: ToolServerState = 'there';
  readonly box: ToolBox;

  constructor(tell: (fact: Fact) => void) {
    this.#tell = tell;
    const tools = toolNames.filter((name) => name !== 'unknown').map((name, at) => this.#tool(name, at));
    const list = () => tools.flatMap((tool) => this.#now(tool));
    this.box = { list, find: (wanted) => list().find(({ name }) => name === wanted) };
  }

  get waiting(): readonly ToolRun[] {
    return this.#runs;
  }

  finish(run: ToolRun, how: Outcome<unknown> | Error): void {
    this.#runs = this.#runs.filter((one) => one !== run);
    if (how instanceof Error) run.finish.reject(how);
    else run.finish.resolve(how);
  }

  forgetAll(): void {
    this.#runs = [];
  }

  /** The tool as its server has it now. */
  #now({ odd, ...tool }: Tool & { readonly odd: JsonSchemaObject }): readonly Tool[] {
    switch (this.server) {
      case 'there':
        return [tool];
      case 'odd':
        return [{ ...tool, inputSchema: odd }];
      case 'reconnecting':
        return [{ ...tool, run: async () => refused(refusal('unavailable', 'reconnecting, try again')) }];
      case 'gone':
        return [];
    }
  }

  #tool(name: string, at: number): Tool & { readonly odd: JsonSchemaObject } {
    return {
      name,
      description: 'Does what the world says.',
      inputSchema: { type: 'object' },
      odd: oddSchemas[at % oddSchemas.length] ?? {},
      requiresApproval: guardedTools.includes(name),
      repeatable: false,
      timeoutMs: toolTimeoutMs,
      run: (_input, { callId, signal }) => {
        this.#tell({ kind: 'toolRan', callId, needsPerson: guardedTools.includes(name) });
        this.runs++;
        const run: ToolRun = { name, finish: Promise.withResolvers() };
        this.#runs.push(run);
        // An aborted tool stops, except the one that ignores aborts.
        if (name !== 'stubborn') {
          signal.addEventListener('abort', () => this.finish(run, new Error('aborted')), { once: true });
        }
        return run.finish.promise;
      },
    };
  }
}

export const toolNames = ['lookup', 'write', 'guarded', 'stubborn', 'unknown'] as const;
/** Those that a person must approve. */
const guardedTools: readonly string[] = ['guarded'];
const toolTimeoutMs = 1000;

/** Patterns that do not compile, references that lead nowhere or round in circles, nulls, what refuses everything. */
const oddSchemas: readonly JsonSchemaObject[] = [
  { type: 'object', properties: { value: { pattern: '^(?=<).*$' } }, required: null },
  { $ref: '#/$defs/nowhere' },
  { type: 'object', properties: { value: { pattern: '^(<+)+$' } } },
  { $ref: '#' },
];
