/**
 * The reference model: a user's expectations of the server, without storage, actors or sockets. Between two steps,
 * every turn that can end has ended.
 */
import type { RuntimeConfig } from '../../../schema/runtime-config.ts';

/** The requests to the built-in engine, and how each turn goes. `slow` ends only when it is stopped. */
export const talks = {
  quick: '[[tokens=3 delay=0]]',
  slow: '[[tokens=50000 delay=15]]',
  tool: '[[tokens=3 delay=0 tool=clock]]',
  thinking: '[[tokens=3 delay=0 think=3]]',
  failing: '[[fail=500]]',
  breaking: '[[tokens=6 delay=0 fail=mid]]',
} as const;
export type Talk = keyof typeof talks;

export const failureWords = 'Engine failed to respond. Check server logs for details.';

export type ModelMessage = {
  readonly role: string;
  /** `null`: any text but the empty one. */
  readonly content: string | null;
  /** `null`: the server makes it, and it is not known yet. */
  readonly id: string | null;
};

export type ModelTurn = {
  readonly promptId: string;
  readonly talk: Talk;
  /** `dropped`: ended before it began. */
  state: 'waiting' | 'running' | 'dropped' | 'completed' | 'failed';
};

export class ModelSession {
  readonly id: string;
  title: string;
  description: string | undefined;
  archived = false;
  deleted = false;
  readonly messages: ModelMessage[] = [];
  readonly turns: ModelTurn[] = [];

  constructor(id: string, title: string, description: string | undefined) {
    this.id = id;
    this.title = title;
    this.description = description;
  }

  get running(): ModelTurn | undefined {
    return this.turns.find(({ state }) => state === 'running');
  }

  /** Turns that have begun; each has a trace. */
  get begun(): readonly ModelTurn[] {
    return this.turns.filter(({ state }) => state !== 'waiting' && state !== 'dropped');
  }

  ask(id: string, talk: Talk): void {
    this.messages.push({ id, role: 'user', content: talks[talk] });
    this.turns.push({ promptId: id, talk, state: 'waiting' });
    this.#advance();
  }

  store(id: string, role: string, content: string): void {
    this.messages.push({ id, role, content });
  }

  /** The prompts whose turns the cancellation ends, the running one first. */
  cancel(promptId: string | undefined): readonly string[] {
    const isMeant = (turn: ModelTurn) => promptId === undefined || turn.promptId === promptId;
    const running = this.turns.filter((turn) => turn.state === 'running' && isMeant(turn));
    const waiting = this.turns.filter((turn) => turn.state === 'waiting' && isMeant(turn));
    for (const turn of waiting) turn.state = 'dropped';
    for (const turn of running) turn.state = 'failed';
    this.#advance();
    return [...running, ...waiting].map((turn) => turn.promptId);
  }

  /** The process ends and another begins: running turns end as interrupted, waiting turns are run. */
  restart(): void {
    for (const turn of this.turns) if (turn.state === 'running') turn.state = 'failed';
    this.#advance();
  }

  delete(): void {
    this.cancel(undefined);
    this.deleted = true;
  }

  #advance(): void {
    for (const turn of this.turns) {
      if (this.running !== undefined) return;
      if (turn.state === 'waiting') this.#run(turn);
    }
  }

  #run(turn: ModelTurn): void {
    const answer = { id: null, role: 'assistant', content: null };
    const failure = { ...answer, content: failureWords };
    switch (turn.talk) {
      case 'slow':
        turn.state = 'running';
        this.messages.push(answer);
        return;
      case 'failing':
        turn.state = 'failed';
        this.messages.push(failure);
        return;
      case 'breaking':
        turn.state = 'failed';
        this.messages.push(answer, failure);
        return;
      default:
        turn.state = 'completed';
        this.messages.push(answer);
    }
  }
}

/** A named request and its answer, which every repetition gets. */
export type NamedAnswer = {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly answer: unknown;
};

/** A message whose id the client made. */
export type OwnMessage = { readonly session: ModelSession; readonly body: object; readonly id: string };

export class ReferenceModel {
  readonly sessions: ModelSession[] = [];
  readonly names: NamedAnswer[] = [];
  readonly own: OwnMessage[] = [];
  /** How many readers there are, and which of them are connected. */
  readonly readers: boolean[] = [];
  config: RuntimeConfig | null = null;
}
