/**
 * The reference model: a user's expectations of the server, without storage, actors or sockets. Between two steps,
 * every turn that can end has ended.
 */
import type { MessageStatus } from '../../../schema/chat-message.ts';
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
  status: MessageStatus;
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
  /** The current branch. */
  readonly path: ModelMessage[] = [];
  /** What waits to be placed at its end, with the turn that answers it, if there is one. */
  #waiting: { readonly message: ModelMessage; readonly turn: ModelTurn | undefined }[] = [];
  readonly turns: ModelTurn[] = [];

  constructor(id: string, title: string, description: string | undefined) {
    this.id = id;
    this.title = title;
    this.description = description;
  }

  /** As they are listed. */
  get messages(): readonly ModelMessage[] {
    return [...this.path, ...this.#waiting.map(({ message }) => message)];
  }

  get running(): ModelTurn | undefined {
    return this.turns.find(({ state }) => state === 'running');
  }

  /** Turns that have begun; each has a trace. */
  get begun(): readonly ModelTurn[] {
    return this.turns.filter(({ state }) => state !== 'waiting' && state !== 'dropped');
  }

  ask(id: string, talk: Talk): void {
    const turn: ModelTurn = { promptId: id, talk, state: 'waiting' };
    this.turns.push(turn);
    this.#waiting.push({ message: { id, role: 'user', content: talks[talk], status: 'complete' }, turn });
    this.#advance();
  }

  store(id: string, role: string, content: string): void {
    this.#waiting.push({ message: { id, role, content, status: 'complete' }, turn: undefined });
    this.#advance();
  }

  /** The prompts whose turns the cancellation ends, the running one first. */
  cancel(promptId: string | undefined): readonly string[] {
    const isMeant = (turn: ModelTurn) => promptId === undefined || turn.promptId === promptId;
    const running = this.turns.filter((turn) => turn.state === 'running' && isMeant(turn));
    const waiting = this.turns.filter((turn) => turn.state === 'waiting' && isMeant(turn));
    for (const turn of waiting) turn.state = 'dropped';
    this.#end(running, 'cancelled');
    this.#advance();
    return [...running, ...waiting].map((turn) => turn.promptId);
  }

  /** The process ends and another begins: running turns end as interrupted, waiting turns are run. */
  restart(): void {
    this.#end(
      this.turns.filter(({ state }) => state === 'running'),
      'interrupted',
    );
    this.#advance();
  }

  delete(): void {
    this.cancel(undefined);
    this.deleted = true;
  }

  #end(turns: readonly ModelTurn[], status: MessageStatus): void {
    for (const turn of turns) {
      turn.state = 'failed';
      const answer = this.path.at(-1);
      if (answer !== undefined) answer.status = status;
    }
  }

  #advance(): void {
    while (this.running === undefined) {
      const [next, ...others] = this.#waiting;
      if (next === undefined) return;
      this.#waiting = others;
      this.path.push(next.message);
      if (next.turn?.state === 'waiting') this.#run(next.turn);
    }
  }

  #run(turn: ModelTurn): void {
    const answer = { id: null, role: 'assistant', content: null };
    switch (turn.talk) {
      case 'slow':
        turn.state = 'running';
        this.path.push({ ...answer, status: 'streaming' });
        return;
      case 'failing':
        turn.state = 'failed';
        this.path.push({ ...answer, content: failureWords, status: 'failed' });
        return;
      case 'breaking':
        turn.state = 'failed';
        this.path.push({ ...answer, status: 'failed' });
        return;
      default:
        turn.state = 'completed';
        this.path.push({ ...answer, status: 'complete' });
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
