/** The execution tree of a session: its agent, its running turn, and its stored tool calls (docs/protocol.md A6). */
import type { ChatSession } from '../../schema/chat-session.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import { type ExecutionTree, executionTree, type RunningAgent } from '../../schema/execution-tree.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Clock, Log, Publisher, ReadModel } from '../ports.ts';

export type ExecutionTreesOptions = {
  readonly readModel: Pick<ReadModel, 'session' | 'sessionToolCalls' | 'historySize'>;
  /** The session's running turn, as its actor reports it. */
  readonly running: (session: SessionId) => RunningAgent | null;
  /** The name of the model that the session's next turn asks. */
  readonly modelOf: (session: ChatSession) => string;
  readonly publisher: Pick<Publisher, 'volatile' | 'isHeard'>;
  readonly clock: Clock;
  readonly log: Log;
};

export class ExecutionTrees {
  readonly #options: ExecutionTreesOptions;
  /** Sessions whose tree has changed since it was last sent. */
  readonly #changed = new Set<SessionId>();
  #telling = false;
  /** Whose tree is being read to be sent; `null` when that session has been deleted meanwhile. */
  #read: SessionId | null = null;

  constructor(options: ExecutionTreesOptions) {
    this.#options = options;
  }

  /** `undefined`: there is no such session. Rejects when the read model does. */
  async tree(id: SessionId): Promise<ExecutionTree | undefined> {
    const { readModel, running, modelOf, clock } = this.#options;
    const [session, history, calls] = await Promise.all([
      readModel.session(id),
      readModel.historySize(id),
      readModel.sessionToolCalls(id, { limit: limits.executionTreeCallsMax }),
    ]);
    if (session === undefined) return undefined;
    const model = modelOf(session);
    return executionTree({ session, model, history, calls, running: running(id), now: clock.now() });
  }

  /** Call it when an event has been published. Each tree that has changed is sent once per tick. */
  committed(event: DomainEvent): void {
    if (event.type === 'session.deleted') this.#forget(event.data.id);
    if (!changesTree(event) || event.sessionId === null) return;
    this.#changed.add(event.sessionId);
    if (this.#telling) return;
    this.#telling = true;
    this.#options.clock.soon(() => void this.#tell());
  }

  /** Nothing of a session may follow its `session.deleted`. */
  #forget(session: SessionId): void {
    this.#changed.delete(session);
    if (this.#read === session) this.#read = null;
  }

  /**
   * A tree is not read when nobody would get it: it is never replayed. Never rejects: one that could not be read is sent
   * with the next change.
   */
  async #tell(): Promise<void> {
    const { publisher, clock, log } = this.#options;
    for (const sessionId of this.#changed) {
      this.#changed.delete(sessionId);
      if (publisher.isHeard?.('chat-sessions', sessionId) === false) continue;
      this.#read = sessionId;
      try {
        const state = await this.tree(sessionId);
        if (state === undefined || this.#read === null) continue;
        const at = clock.now();
        publisher.volatile({ type: 'execution-tree.updated', sessionId, at, data: { sessionId, state } });
      } catch (cause) {
        log.debug('An execution tree could not be read', { sessionId, cause });
      }
    }
    this.#read = null;
    this.#telling = false;
  }
}

function changesTree({ type }: DomainEvent): boolean {
  return type === 'turn.started' || type === 'tool.call' || type === 'tool.result' || type === 'turn.ended';
}
