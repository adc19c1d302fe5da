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

/** A message at its place in the tree. */
export type ModelNode = {
  readonly message: ModelMessage;
  readonly parent: ModelNode | null;
  /** How it is asked, if it is a question. */
  readonly talk: Talk | null;
};

export class ModelSession {
  readonly id: string;
  title: string;
  description: string | undefined;
  archived = false;
  deleted = false;
  /** In order of creation. */
  #nodes: ModelNode[] = [];
  #leaf: ModelNode | null = null;
  /** What waits to be placed at the end of the branch, with the turn that answers it, if there is one. */
  #waiting: { readonly message: ModelMessage; readonly turn: ModelTurn | undefined }[] = [];
  readonly turns: ModelTurn[] = [];
  /** How many messages of the role `assistant` there have been. */
  assistantMessages = 0;

  constructor(id: string, title: string, description: string | undefined) {
    this.id = id;
    this.title = title;
    this.description = description;
  }

  /** The current branch. */
  get path(): readonly ModelMessage[] {
    const path: ModelMessage[] = [];
    for (let node = this.#leaf; node !== null; node = node.parent) path.unshift(node.message);
    return path;
  }

  /** As they are listed. */
  get messages(): readonly ModelMessage[] {
    return [...this.path, ...this.#waiting.map(({ message }) => message)];
  }

  /** The questions of all branches; none while something runs or waits. */
  get quietQuestions(): readonly ModelNode[] {
    if (this.deleted || this.running !== undefined || this.#waiting.length > 0) return [];
    return this.#nodes.filter(({ talk }) => talk !== null);
  }

  get running(): ModelTurn | undefined {
    return this.turns.find(({ state }) => state === 'running');
  }

  /** Turns that have begun; each has a trace. */
  get begun(): readonly ModelTurn[] {
    return this.turns.filter(({ state }) => state !== 'waiting' && state !== 'dropped');
  }

  ask(id: string, talk: Talk): void {
    this.#waiting.push({ message: question(id, talk), turn: this.#newTurn(id, talk) });
    this.#advance();
  }

  store(id: string, role: string, content: string): void {
    if (role === 'assistant') this.assistantMessages++;
    this.#waiting.push({ message: { id, role, content, status: 'complete' }, turn: undefined });
    this.#advance();
  }

  /** The question is answered once more. */
  regenerate(node: ModelNode): void {
    this.#leaf = node;
    this.#run(this.#newTurn(String(node.message.id), node.talk ?? 'quick'), node);
  }

  /** The question gets another version beside it, with an answer of its own. */
  edit(node: ModelNode, id: string, talk: Talk): void {
    this.#leaf = this.#added(question(id, talk), node.parent, talk);
    this.#run(this.#newTurn(id, talk), this.#leaf);
  }

  select(node: ModelNode): void {
    this.#leaf = this.#newestLeaf((one) => isBelow(one, node)) ?? node;
  }

  /** The message goes with all below it. */
  remove(node: ModelNode): void {
    const isCurrent = this.#leaf !== null && isBelow(this.#leaf, node);
    this.#nodes = this.#nodes.filter((one) => !isBelow(one, node));
    if (!isCurrent) return;
    const beside = (one: ModelNode) =>
      node.parent === null || (one !== node.parent && isBelow(one, node.parent));
    this.#leaf = this.#newestLeaf(beside) ?? node.parent;
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
    const running = this.turns.filter(({ state }) => state === 'running');
    this.#end(running, 'interrupted');
    this.#advance();
  }

  delete(): void {
    this.cancel(undefined);
    this.deleted = true;
  }

  #newTurn(promptId: string, talk: Talk): ModelTurn {
    const turn: ModelTurn = { promptId, talk, state: 'waiting' };
    this.turns.push(turn);
    return turn;
  }

  #added(message: ModelMessage, parent: ModelNode | null, talk: Talk | null): ModelNode {
    const node = { message, parent, talk };
    this.#nodes.push(node);
    return node;
  }

  /** The newest of these messages below which there is none. */
  #newestLeaf(isMeant: (node: ModelNode) => boolean): ModelNode | undefined {
    return this.#nodes.findLast(
      (node) => isMeant(node) && !this.#nodes.some((other) => other.parent === node),
    );
  }

  /** What runs is the last of the branch. */
  #end(turns: readonly ModelTurn[], status: MessageStatus): void {
    for (const turn of turns) {
      turn.state = 'failed';
      if (this.#leaf !== null) this.#leaf.message.status = status;
    }
  }

  #advance(): void {
    while (this.running === undefined) {
      const [next, ...others] = this.#waiting;
      if (next === undefined) return;
      this.#waiting = others;
      this.#leaf = this.#added(next.message, this.#leaf, next.turn?.talk ?? null);
      if (next.turn?.state === 'waiting') this.#run(next.turn, this.#leaf);
    }
  }

  #run(turn: ModelTurn, asked: ModelNode): void {
    const [state, status] = endOf[turn.talk];
    turn.state = state;
    const content = turn.talk === 'failing' ? failureWords : null;
    this.assistantMessages++;
    this.#leaf = this.#added({ id: null, role: 'assistant', content, status }, asked, null);
  }
}

function question(id: string, talk: Talk): ModelMessage {
  return { id, role: 'user', content: talks[talk], status: 'complete' };
}

function isBelow(node: ModelNode, other: ModelNode): boolean {
  for (let one: ModelNode | null = node; one !== null; one = one.parent) if (one === other) return true;
  return false;
}

/** How the turn and its answer end, if they do by themselves. */
const endOf: Readonly<Record<Talk, readonly [ModelTurn['state'], MessageStatus]>> = {
  quick: ['completed', 'complete'],
  tool: ['completed', 'complete'],
  thinking: ['completed', 'complete'],
  slow: ['running', 'streaming'],
  failing: ['failed', 'failed'],
  breaking: ['failed', 'failed'],
};

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
