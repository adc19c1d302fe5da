/**
 * Agents outside the simulated process: they push answers, live through its crashes, and may die themselves. Each keeps
 * what the server may still lose, and checks that it loses nothing else ([PSH5]).
 */
import type { SessionId } from '../../schema/ids.ts';
import {
  type PushedPart,
  pushedPartSchema,
  type StartedTurn,
  type TurnProgress,
} from '../../schema/pushed-turn.ts';
import type { Outcome } from '../../schema/refusal.ts';
import { storableText } from '../../schema/text.ts';
import { type Holds, holdsOf } from './invariant.ts';
import type { SimulatedProcess } from './simulated-process.ts';

const holds: Holds = holdsOf('I11');

/** Short, so that agents are gone soon. */
const leaseMs = 5000;

/** What an agent does: `text` and `reasoning` say so much, `result` answers its oldest open call. */
export const agentDeeds = [
  'text',
  'reasoning',
  'call',
  'guarded',
  'result',
  'push',
  'finish',
  'fail',
  'die',
] as const;
export type AgentDeed = (typeof agentDeeds)[number];

export type AgentsOptions = {
  readonly serving: () => SimulatedProcess | undefined;
  readonly contentOf: (turn: StartedTurn) => { readonly content: string; readonly isThere: boolean };
  readonly count: (what: string) => void;
};

type Agent = {
  readonly turn: StartedTurn;
  readonly parts: PushedPart[];
  readonly open: string[];
  calls: number;
  received: number;
  durable: number;
  /** `ending`: it has begun to finish; `gone`: it died; `over`: its turn has ended. */
  state: 'running' | 'gone' | 'over';
};

export class OutsideAgents {
  readonly #options: AgentsOptions;
  readonly #agents: Agent[] = [];

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  get running(): readonly Agent[] {
    return this.#agents.filter(({ state }) => state === 'running');
  }

  /** Nobody hears the answer if the process dies: then the turn is without an agent, and its lease runs out. */
  start(session: SessionId): void {
    const process = this.#options.serving();
    void process?.door
      ?.startTurn(session, { agent: `agent ${this.#agents.length}`, leaseMs })
      .then((started) => {
        if (!started.ok || process !== this.#options.serving()) return;
        this.#options.count('agents that began');
        const fresh = { parts: [], open: [], calls: 0, received: 0, durable: 0, state: 'running' } as const;
        this.#agents.push({ ...fresh, parts: [], open: [], turn: started.value });
      });
  }

  act(agent: Agent, deed: AgentDeed, text: string): void {
    switch (deed) {
      case 'text':
      case 'reasoning':
        this.#say(agent, { type: deed, text });
        return;
      case 'call':
      case 'guarded': {
        const callId = `call ${++agent.calls}`;
        agent.open.push(callId);
        this.#say(agent, {
          type: 'tool-call',
          callId,
          name: 'own',
          arguments: {},
          needsApproval: deed === 'guarded',
        });
        return;
      }
      case 'result': {
        const callId = agent.open.shift();
        // A call that waits for a person has no result yet: then the agent says something else.
        if (callId === undefined || this.#waits(agent, callId)) this.#say(agent, { type: 'text', text });
        else this.#say(agent, { type: 'tool-result', callId, result: text });
        return;
      }
      case 'push':
        this.#push(agent);
        return;
      case 'finish':
      case 'fail':
        this.#end(agent, deed);
        return;
      case 'die':
        agent.state = 'gone';
        this.#options.count('agents that died');
    }
  }

  /** What an agent says once everything works. */
  conclude(): void {
    for (const agent of this.running) {
      if (agent.received < agent.parts.length || agent.parts.length === 0) this.act(agent, 'text', 'done');
      else this.#end(agent, 'finish');
    }
  }

  #waits(agent: Agent, callId: string): boolean {
    return agent.parts.some(
      (part) => part.type === 'tool-call' && part.callId === callId && part.needsApproval,
    );
  }

  #say(agent: Agent, part: object): void {
    agent.parts.push(pushedPartSchema.parse({ ...part, seq: agent.parts.length + 1 }));
    this.#push(agent);
  }

  #push(agent: Agent): void {
    const process = this.#options.serving();
    const { turnId, lease } = agent.turn;
    const left = agent.parts.slice(agent.received);
    void process?.door?.turns.push(turnId, lease, left).then((outcome) => {
      if (process === this.#options.serving()) this.#heard(agent, outcome);
    });
  }

  #end(agent: Agent, how: 'finish' | 'fail'): void {
    const process = this.#options.serving();
    const { turnId, lease } = agent.turn;
    // What it says before it hears of the end comes too late.
    const said = [...agent.parts];
    const end = { lease, seq: said.length };
    const turns = process?.door?.turns;
    const ended =
      how === 'finish' ? turns?.finish(turnId, end) : turns?.fail(turnId, { ...end, error: 'no fuel' });
    void ended?.then((outcome) => {
      if (process !== this.#options.serving()) return;
      this.#heard(agent, outcome);
      if (outcome.ok && how === 'finish') this.#isWhatWasPushed(agent, said);
    });
  }

  #heard(agent: Agent, outcome: Outcome<TurnProgress>): void {
    const far = outcome.ok ? outcome.value : outcome.refusal.turn;
    if (far === undefined) {
      // Its session was deleted, or the answer was pruned.
      if (!outcome.ok && outcome.refusal.code === 'not_found') agent.state = 'over';
      return;
    }
    if (far.status !== 'running') {
      agent.state = 'over';
      return;
    }
    const { turnId } = agent.turn;
    holds(
      far.received >= agent.durable,
      () => `of turn ${turnId}, part ${agent.durable} was durable, and ${far.received} were received`,
    );
    holds(far.durable <= far.received, () => `of turn ${turnId}, more is durable than was received`);
    if (far.received < agent.received) this.#options.count('parts that were pushed again');
    agent.received = far.received;
    agent.durable = Math.max(agent.durable, far.durable);
  }

  #isWhatWasPushed(agent: Agent, parts: readonly PushedPart[]): void {
    const { content, isThere } = this.#options.contentOf(agent.turn);
    if (!isThere) return;
    const pushed = textOf(parts);
    this.#options.count('pushed answers that are whole');
    holds(content === pushed, () => `the agent pushed "${pushed}" and the answer is "${content}"`);
  }
}

/** Two halves of a character are one where nothing else comes between them. */
function textOf(parts: readonly PushedPart[]): string {
  let whole = '';
  let run = '';
  for (const part of parts) {
    if (part.type === 'text') run += part.text;
    else {
      whole += storableText(run);
      run = '';
    }
  }
  return whole + storableText(run);
}
