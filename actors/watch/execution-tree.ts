/** The execution tree of a session: its live actors, and its tool calls as they are stored (protocol A5). */
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import { type ExecutionState, executionState, type RunningAgent } from '../../schema/execution-tree.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Clock, Log, Publisher, ReadModel } from '../ports.ts';

export type ExecutionTreesOptions = {
  readonly readModel: Pick<ReadModel, 'sessionToolCalls'>;
  /** The turn that runs in the session, from its actor. */
  readonly running: (session: SessionId) => RunningAgent | null;
  readonly clock: Clock;
  readonly log: Log;
};

export class ExecutionTrees {
  readonly #options: ExecutionTreesOptions;
  /** Sessions whose tree has changed since it was told. */
  readonly #changed = new Set<SessionId>();
  #telling = false;

  constructor(options: ExecutionTreesOptions) {
    this.#options = options;
  }

  /** Rejects when the read model does. */
  async state(session: SessionId): Promise<ExecutionState> {
    const { readModel, running, clock } = this.#options;
    const calls = await readModel.sessionToolCalls(session, { limit: limits.executionTreeCallsMax });
    return executionState(calls, running(session), clock.now());
  }

  /** `publisher`, which also tells of each tree that a tool call has changed: once per session and tick. */
  telling(publisher: Publisher): Publisher {
    return {
      ...publisher,
      durable: (event, seq) => {
        publisher.durable(event, seq);
        if (changesTree(event) && event.sessionId !== null) this.#note(event.sessionId, publisher);
      },
    };
  }

  #note(session: SessionId, publisher: Publisher): void {
    this.#changed.add(session);
    if (this.#telling) return;
    this.#telling = true;
    this.#options.clock.soon(() => {
      void this.#tell(publisher).finally(() => {
        this.#telling = false;
      });
    });
  }

  /** Never rejects: what nobody could read is told with the next change. */
  async #tell(publisher: Publisher): Promise<void> {
    for (const sessionId of this.#changed) {
      this.#changed.delete(sessionId);
      try {
        const state = await this.state(sessionId);
        const at = this.#options.clock.now();
        publisher.volatile({ type: 'execution-tree.updated', sessionId, at, data: { sessionId, state } });
      } catch (cause) {
        this.#options.log.debug('An execution tree could not be read', { sessionId, cause });
      }
    }
  }
}

function changesTree({ type }: DomainEvent): boolean {
  return type === 'tool.call' || type === 'tool.result';
}
