/** The tools that a simulated model calls, as one tool server has them: it comes and goes, and is odd at times. */

import type { RegisteredTools } from '../../actors/registered-tools.ts';
import type { Tool, ToolBox } from '../../actors/tool-ports.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import type { JsonSchemaObject } from '../../schema/json-value.ts';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { RegisteredTool } from '../../schema/registered-tool.ts';
import type { Fact } from './facts.ts';
import { toolNames } from './tool-names.ts';

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
  #registered: readonly RegisteredTool[] = [];
  readonly registered: RegisteredTools = {
    offer: (tools) => {
      this.#registered = tools.filter(({ active }) => active);
    },
    holderOf: () => null,
    addressProblem: () => null,
    secretOf: ({ name, secretVersion }) => `whsec_${name}${secretVersion}`,
  };

  constructor(tell: (fact: Fact) => void) {
    this.#tell = tell;
    const tools = toolNames.filter((name) => name !== 'unknown').map((name, at) => this.#tool(name, at));
    const list = () => [
      ...tools.flatMap((tool) => this.#now(tool)),
      ...this.#registered.map((tool) => this.#remote(tool)),
    ];
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

  /** It lives elsewhere: whatever becomes of the tool server, it is there. */
  #remote(definition: RegisteredTool): Tool {
    const { name, description, inputSchema, requiresApproval, repeatable } = definition;
    return {
      ...{ name, description, inputSchema, requiresApproval, repeatable, timeoutMs: toolTimeoutMs },
      run: (_input, { callId, signal }) => {
        this.#tell({ kind: 'remoteRan', definition });
        return this.#begun(name, callId, signal, requiresApproval);
      },
    };
  }

  #begun(
    name: string,
    callId: ToolCallId,
    signal: AbortSignal,
    needsPerson: boolean,
  ): Promise<Outcome<unknown>> {
    this.#tell({ kind: 'toolRan', callId, needsPerson });
    this.runs++;
    const run: ToolRun = { name, finish: Promise.withResolvers() };
    this.#runs.push(run);
    // An aborted tool stops, except the one that ignores aborts.
    if (name !== 'stubborn') {
      signal.addEventListener('abort', () => this.finish(run, new Error('aborted')), { once: true });
    }
    return run.finish.promise;
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
      run: (_input, { callId, signal }) => this.#begun(name, callId, signal, guardedTools.includes(name)),
    };
  }
}

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
